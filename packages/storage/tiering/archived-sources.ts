import { Readable } from 'node:stream';
import { type BlobRef, type Materialized, readBlobs } from '@helicase/blobs';
import { unpackZstd } from '@helicase/formats';
import type { Source } from '../item-job/source.ts';
import type { Archive } from '../read-set/model.ts';
import type { ReadSetRow } from '../read-set/operations.ts';
import type { Room } from '../room.ts';
import { fileBlobs, filesOf, fileSize, type StoredFile } from '../stored-file.ts';
import { withReference } from './reference.ts';

/** Lends the read set's files as an archive gives them back: a read of each unpacks it anew. */
export async function withArchivedSources<T>(
  room: Room,
  row: ReadSetRow,
  archive: Archive,
  signal: AbortSignal,
  use: (sources: readonly Source[]) => Promise<T>,
): Promise<T> {
  if (archive.form === 'cram')
    return use([sourceOf('source1', archive.files.source1, () => readAs(room, archive.files.source1))]);
  const files = filesOf(archive.files);
  const packed: Materialized[] = [];
  try {
    for (const { blob } of files) packed.push(await room.vault.materialize(blob, 'archive'));
    return await withReference(room, row.scope, row.doc.referenceArn, async (referencePath) =>
      use(await unpacked(room, row, archive, { packed, referencePath, signal })),
    );
  } finally {
    for (const place of packed) await place.release();
  }
}

interface Unpacking {
  readonly packed: readonly Materialized[];
  readonly referencePath: string | undefined;
  readonly signal: AbortSignal;
}

async function unpacked(
  room: Room,
  { doc }: ReadSetRow,
  { form, files }: Archive,
  { packed, referencePath, signal }: Unpacking,
): Promise<Source[]> {
  if (form === 'zstd')
    return filesOf(files).map((file, i) =>
      sourceOf(`source${i + 1}`, file, () => headed(room, file.head, unpackZstd(packed[i]!.path, signal))),
    );
  const archiver = await room.archiver();
  if (!archiver)
    throw new Error('An archived read set cannot be opened: this machine has no compiler for the archiver');
  const { path } = packed[0]!;
  const { source1 } = files;
  if (form === 'alignments-cram')
    return [
      sourceOf('source1', source1, () =>
        headed(room, source1.head, archiver.unpackAlignments(path, { referencePath, signal })),
      ),
    ];
  const count = doc.files.source2 ? 2 : 1;
  // One program gives both files of a pair, in step with each other.
  let streams: readonly Readable[] | undefined;
  const stream = (i: number): Readable => (streams ??= archiver.unpackFastq(path, count, signal))[i]!;
  return Array.from({ length: count }, (_, i) => sourceOf(`source${i + 1}`, source1, () => stream(i)));
}

function sourceOf(name: string, file: StoredFile, open: () => Readable): Source {
  return { name, size: fileSize(file), open: async () => open(), refuseChanged: async () => {} };
}

function headed(room: Room, head: BlobRef | undefined, body: Readable): Readable {
  if (!head) return body;
  const bytes = head;
  async function* whole(): AsyncGenerator<Buffer> {
    yield* room.vault.read(bytes) as AsyncIterable<Buffer>;
    yield* body as AsyncIterable<Buffer>;
  }
  return Readable.from(whole(), { objectMode: false });
}

function readAs(room: Room, file: StoredFile): Readable {
  return readBlobs(room.vault, fileBlobs(file));
}
