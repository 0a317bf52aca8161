import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { type BlobRef, type Materialized, readBlobs } from '@helicase/blobs';
import { addComment, BrokenInput, packZstd } from '@helicase/formats';
import { sealedFor } from '../ingest/model.ts';
import type { Archive, ArchiveForm } from '../read-set/model.ts';
import type { ReadSetRow } from '../read-set/operations.ts';
import type { Room } from '../room.ts';
import { fileBlobs, fileSize, type StoredFile } from '../stored-file.ts';
import { archiveIsExact } from './prove.ts';
import { withReference } from './reference.ts';

/** Why a read set stays as it is. */
export class NotArchivable extends Error {
  override readonly name = 'NotArchivable';
}

/**
 * The read set's files in the smallest form that gives exactly their contents back, proven by decoding it. Its blobs
 * are finished and kept by nobody yet, but for the heads, which are the files' own. NotArchivable where there is none.
 */
export async function archiveFiles(room: Room, row: ReadSetRow, signal: AbortSignal): Promise<Archive> {
  const reasons: string[] = [];
  for (const form of formsFor(row)) {
    try {
      return await archiveAs(room, row, form, signal);
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof BrokenInput || error instanceof NotArchivable)) throw error;
      reasons.push(`${form}: ${error.message}`);
    }
  }
  throw new NotArchivable(reasons.join('; '));
}

/** What to try, the smallest first. */
function formsFor({ doc }: ReadSetRow): readonly ArchiveForm[] {
  if (doc.fileType === 'CRAM') return ['cram'];
  return [doc.fileType === 'FASTQ' ? 'fastq-cram' : 'alignments-cram', 'zstd'];
}

interface Packed {
  readonly place: Materialized;
  readonly original: StoredFile;
}

async function archiveAs(
  room: Room,
  row: ReadSetRow,
  form: ArchiveForm,
  signal: AbortSignal,
): Promise<Archive> {
  const packed: Packed[] = [];
  const made: BlobRef[] = [];
  try {
    await pack(room, row, form, { packed, signal });
    await refuseLarger(row, packed);
    const files: StoredFile[] = [];
    for (const one of packed) {
      const blob = await store(room, row, form, one);
      made.push(blob);
      const { name, head } = one.original;
      files.push({ name, blob, ...(head && form !== 'fastq-cram' ? { head } : {}) });
    }
    const [source1, source2] = files as [StoredFile, StoredFile?];
    const archive: Archive = { form, files: { source1, ...(source2 ? { source2 } : {}) } };
    if (await archiveIsExact(room, row, archive, signal)) return archive;
    throw new NotArchivable('what it gives back has another ETag');
  } catch (error) {
    for (const blob of made) await room.vault.discard(blob);
    throw error;
  } finally {
    for (const { place } of packed) await place.release();
  }
}

const originalsOf = ({ doc }: ReadSetRow): readonly StoredFile[] =>
  [doc.files.source1, doc.files.source2].filter((file) => file !== undefined);

interface Packing {
  readonly packed: Packed[];
  readonly signal: AbortSignal;
}

async function pack(room: Room, row: ReadSetRow, form: ArchiveForm, work: Packing): Promise<void> {
  const { packed, signal } = work;
  const originals = originalsOf(row);
  const reserve = async (original: StoredFile): Promise<string> => {
    const place = await room.vault.reserveScratch('archive');
    packed.push({ place, original });
    return place.path;
  };
  if (form === 'zstd') {
    // The head stays as it is beside it.
    for (const original of originals)
      await packZstd(room.vault.read(original.blob), await reserve(original), signal);
    return;
  }
  const archiver = await room.archiver();
  if (!archiver) throw new NotArchivable('this machine has no compiler for the archiver');
  const [first] = originals as [StoredFile];
  const path = await reserve(first);
  const bytes = originals.map((file) => readBlobs(room.vault, fileBlobs(file)));
  if (form === 'fastq-cram') return archiver.packFastq(bytes, path, signal);
  if (form === 'alignments-cram' && !first.head) throw new NotArchivable('its header is not apart');
  await withReference(room, row.scope, row.doc.referenceArn, (referencePath) =>
    archiver.packAlignments(bytes[0]!, path, { referencePath, signal, plain: form === 'cram' }),
  );
}

async function refuseLarger(row: ReadSetRow, packed: readonly Packed[]): Promise<void> {
  const before = originalsOf(row).reduce((sum, file) => sum + fileSize(file), 0);
  let after = 0;
  for (const { place } of packed) after += (await stat(place.path)).size;
  if (after >= before) throw new NotArchivable(`it would take ${after} bytes, and has ${before}`);
}

/** Seals what was packed. A CRAM file that readers will get again goes without its header: the original's is kept. */
async function store(
  room: Room,
  row: ReadSetRow,
  form: ArchiveForm,
  { place, original }: Packed,
): Promise<BlobRef> {
  const write = { scope: row.scope, sealedFor: sealedFor(row.parent) };
  if (form !== 'cram' || !original.head) return room.vault.adopt(write, place.path);
  const { body } = await addComment(createReadStream(place.path), 'CRAM', undefined);
  const sink = await room.vault.create(write);
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) await sink.write(chunk);
  } catch (error) {
    await sink.abort();
    throw error;
  }
  return sink.finish();
}
