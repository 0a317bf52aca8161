import type { Contig } from '@helicase/formats';
import type { Room } from '../room.ts';
import type { ReferenceRow } from './operations.ts';

/** The reference's contigs in the file's order, read from its stored dictionary. */
export async function contigsOf(room: Room, reference: ReferenceRow): Promise<Contig[]> {
  const chunks: Buffer[] = [];
  for await (const chunk of room.vault.read(reference.doc.files.dictionary.blob))
    chunks.push(chunk as Buffer);
  const lines = Buffer.concat(chunks).toString('utf8').split('\n');
  return lines.filter((line) => line.startsWith('@SQ\t')).map(contigOf);
}

function contigOf(line: string): Contig {
  const fields = new Map(line.split('\t').map((field) => [field.slice(0, 2), field.slice(3)]));
  return { name: fields.get('SN')!, length: Number(fields.get('LN')), md5: fields.get('M5')! };
}
