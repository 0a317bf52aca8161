import type { ETagAlgorithmFamily } from '@aws-sdk/client-omics';
import { headSources, passSources } from '../import-job/source-pass.ts';
import type { Room } from '../room.ts';
import {
  DIGESTS,
  etagAlgorithm,
  fileNames,
  type ImportedReadSet,
  type ReadSetSource,
  sealedFor,
} from './imported.ts';

/** One pass over a FASTQ file or a pair of them. */
export async function importFastq(
  room: Room,
  source: ReadSetSource,
  family: ETagAlgorithmFamily,
): Promise<ImportedReadSet> {
  const { source1, source2 } = source.item.sourceFiles;
  const uris = source2 === undefined ? [source1] : [source1, source2];
  const heads = await headSources(room, source.actor, uris);
  const pass = (await room.passes()).fastq({ digest: DIGESTS[family], paired: source2 !== undefined });
  const { actor, signal } = source;
  const progress = (done: number, total: number): void => source.progress(done, total);
  const work = { actor, uris, sealedFor: sealedFor(source), pass, signal, progress };
  const { facts, blobs } = await passSources(room, work, heads);
  const [first, second] = facts.sources;
  const names = fileNames(uris);
  return {
    files: {
      source1: { name: names[0]!, blob: blobs[0]! },
      ...(blobs[1] ? { source2: { name: names[1]!, blob: blobs[1] } } : {}),
    },
    etag: {
      algorithm: etagAlgorithm('FASTQ', family),
      source1: first!.digest,
      ...(second ? { source2: second.digest } : {}),
    },
    totalReadCount: facts.sources.reduce((sum, one) => sum + one.reads, 0),
    totalBaseCount: facts.sources.reduce((sum, one) => sum + one.bases, 0),
    alignment: 'UNALIGNED',
  };
}
