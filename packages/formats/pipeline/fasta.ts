import { existsSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { runCommand } from '@helicase/kernel';
import { BrokenInput, type Contig, type FastaFacts, type FastaOptions } from '../pass.ts';

const LONG = 24 * 3600 * 1000;

/** The facts and indexes of a FASTA file at a path, by way of samtools. */
export async function readFastaFile(
  path: string,
  options: FastaOptions,
  signal: AbortSignal,
): Promise<FastaFacts> {
  await samtools(['faidx', path], path, signal);
  const dictionary = await samtools(['dict', '--no-header', path], path, signal);
  await copyFile(`${path}.fai`, options.indexPath);
  const bgzip = existsSync(`${path}.gzi`);
  if (bgzip) await copyFile(`${path}.gzi`, options.blockIndexPath);
  const contigs = dictionary
    .split('\n')
    .filter((line) => line.startsWith('@SQ\t'))
    .map(contigOf);
  if (contigs.length === 0) throw new BrokenInput('the file holds no contigs');
  const empty = contigs.find((contig) => contig.length === 0);
  if (empty) throw new BrokenInput(`contig ${empty.name} has no bases`);
  return { bgzip, contigs };
}

async function samtools(args: readonly string[], path: string, signal: AbortSignal): Promise<string> {
  const result = await runCommand('samtools', args, { signal, timeout: LONG });
  if (result.code === 0) return result.stdout;
  throw new BrokenInput(result.stderr.replaceAll(path, 'the file').trim().split('\n').join('; '));
}

function contigOf(line: string): Contig {
  const fields = new Map(line.split('\t').map((field) => [field.slice(0, 2), field.slice(3)]));
  return { name: fields.get('SN') ?? '', length: Number(fields.get('LN')), md5: fields.get('M5') ?? '' };
}
