import { passSources } from '../item-job/source-pass.ts';
import type { Room } from '../room.ts';
import { DIGESTS, etagAlgorithm } from './etag.ts';
import { type Ingest, type Ingested, sealedFor } from './model.ts';

/** One pass over a FASTQ file or a pair of them. */
export async function ingestFastq(room: Room, work: Ingest): Promise<Ingested> {
  const { family, names, sources } = work;
  const pass = (await room.passes()).fastq({ digest: DIGESTS[family], paired: sources.length === 2 });
  const { facts, files } = await passSources(room, { ...work, sealedFor: sealedFor(work.store), pass });
  const [first, second] = facts.sources;
  return {
    files: {
      source1: { name: names[0]!, ...files[0]! },
      ...(files[1] ? { source2: { name: names[1]!, ...files[1] } } : {}),
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
