import type { ETag } from '@aws-sdk/client-omics';
import { type AlignmentType, type Pass, pour } from '@helicase/formats';
import { DIGESTS } from '../ingest/etag.ts';
import type { Source } from '../item-job/source.ts';
import { together } from '../item-job/together.ts';
import type { Archive } from '../read-set/model.ts';
import type { ReadSetRow } from '../read-set/operations.ts';
import type { Room } from '../room.ts';
import { withArchivedSources } from './archived-sources.ts';
import { withReference } from './reference.ts';

/** Decodes the archive whole: does it give the contents that the read set's ETag is of? */
export async function archiveIsExact(
  room: Room,
  row: ReadSetRow,
  archive: Archive,
  signal: AbortSignal,
): Promise<boolean> {
  const { etag } = row.doc;
  const digests = await withArchivedSources(room, row, archive, signal, (sources) =>
    digestsOf(room, row, sources, signal),
  );
  return etag !== undefined && digests[0] === etag.source1 && digests[1] === etag.source2;
}

async function digestsOf(
  room: Room,
  { scope, doc }: ReadSetRow,
  sources: readonly Source[],
  signal: AbortSignal,
): Promise<readonly string[]> {
  const digest = DIGESTS[familyOf(doc.etag)];
  const passes = await room.passes();
  if (doc.fileType === 'FASTQ') {
    const pass = passes.fastq({ digest, paired: sources.length === 2 });
    return (await factsOf(pass, sources, signal)).sources.map((facts) => facts.digest);
  }
  const type: AlignmentType = doc.fileType;
  const lent = type === 'CRAM' ? doc.referenceArn : undefined;
  return withReference(room, scope, lent, async (referencePath) => {
    const pass = passes.alignments({ type, digest, ...(referencePath ? { referencePath } : {}) });
    return [(await factsOf(pass, sources, signal)).digest];
  });
}

async function factsOf<Facts>(
  pass: Pass<Facts>,
  sources: readonly Source[],
  signal: AbortSignal,
): Promise<Facts> {
  try {
    await together(sources, signal, async (source, i, until) =>
      pour(await source.open(), pass.inputs[i]!, [], until),
    );
    return await pass.facts;
  } catch (error) {
    pass.stop();
    throw error;
  }
}

/** `BAM_SHA256up` is of the family SHA256up. */
function familyOf(etag: ETag | undefined): keyof typeof DIGESTS {
  return (etag?.algorithm?.split('_')[1] ?? 'MD5up') as keyof typeof DIGESTS;
}
