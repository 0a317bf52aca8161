import { stat } from 'node:fs/promises';
import { type BlobRef, type Materialized, materializeBlobs } from '@helicase/blobs';
import { type AlignmentFacts, type AlignmentType, indexAlignmentFile } from '@helicase/formats';
import { SourceRefused } from '../item-job/refused.ts';
import { type PassedSource, passSources } from '../item-job/source-pass.ts';
import { contigsOf } from '../reference/contigs.ts';
import type { ReferenceRow } from '../reference/operations.ts';
import { byArn, materializeReference } from '../reference/references.ts';
import type { Room } from '../room.ts';
import { fileBlobs, type StoredFile } from '../stored-file.ts';
import { refuseForeignContigs } from './contig-check.ts';
import { DIGESTS, etagAlgorithm } from './etag.ts';
import { type Ingest, type Ingested, sealedFor } from './model.ts';

/** One pass over a BAM, uBAM or CRAM file. */
export async function ingestAlignments(room: Room, work: Ingest, type: AlignmentType): Promise<Ingested> {
  const { family, referenceArn, scope } = work;
  const reference = referenceArn === undefined ? undefined : await byArn(room, scope, referenceArn);
  const scratch = await room.vault.reserveScratch('index');
  const fasta = type === 'CRAM' && reference ? await materializeReference(room, reference) : undefined;
  try {
    const { facts, files } = await passAlignments(room, work, { type, reference, scratch, fasta });
    const source1 = { name: work.names[0]!, ...files[0]! };
    const index = await storeIndex(room, work, { type, source1, facts, scratch });
    return {
      files: { source1, ...(index ? { index } : {}) },
      etag: { algorithm: etagAlgorithm(type, family), source1: facts.digest },
      totalReadCount: facts.reads,
      totalBaseCount: facts.bases,
      alignment: facts.aligned > 0 ? 'ALIGNED' : 'UNALIGNED',
    };
  } finally {
    await scratch.release();
    await fasta?.release();
  }
}

interface AlignmentPass {
  readonly type: AlignmentType;
  readonly reference: ReferenceRow | undefined;
  readonly scratch: Materialized;
  readonly fasta: Materialized | undefined;
}

async function passAlignments(
  room: Room,
  work: Ingest,
  options: AlignmentPass,
): Promise<PassedSource<AlignmentFacts>> {
  const { type, reference } = options;
  const { name } = work.sources[0]!;
  const contigs = reference ? await contigsOf(room, reference) : [];
  const pass = (await room.passes()).alignments({
    type,
    digest: DIGESTS[work.family],
    ...(type === 'BAM' ? { indexPath: options.scratch.path } : {}),
    ...(options.fasta ? { referencePath: options.fasta.path } : {}),
  });
  const check = async (facts: AlignmentFacts): Promise<void> => {
    if (type === 'UBAM') refuseAligned(facts, name);
    // What is a read set already comes back as it was accepted.
    else if (work.comment !== undefined) refuseUnsorted(facts, name);
    if (type !== 'UBAM' && reference)
      refuseForeignContigs(facts, contigs, name, { name: reference.doc.name, arn: work.referenceArn! });
  };
  const header = { type, comment: work.comment };
  return passSources(room, { ...work, header, sealedFor: sealedFor(work.store), pass }, { check });
}

function refuseAligned(facts: AlignmentFacts, name: string): void {
  if (facts.aligned === 0) return;
  throw new SourceRefused(
    `${name}: ${facts.aligned} of its ${facts.reads} reads are aligned, so it is not an unaligned BAM (UBAM). Import it as BAM with its reference.`,
  );
}

/** The guide: read sets of BAM and CRAM have an index, which only coordinate order allows. */
function refuseUnsorted(facts: AlignmentFacts, name: string): void {
  if (facts.sorted) return;
  throw new SourceRefused(
    `${name}: its reads are not in coordinate order, so no index can be made of it. Sort it first (samtools sort).`,
  );
}

interface Indexable {
  readonly type: AlignmentType;
  readonly source1: StoredFile;
  readonly facts: AlignmentFacts;
  readonly scratch: Materialized;
}

/** The index that the pass wrote, or one made now. */
async function storeIndex(room: Room, work: Ingest, file: Indexable): Promise<StoredFile | undefined> {
  if (file.type === 'UBAM' || !file.facts.sorted) return undefined;
  const suffix = file.type === 'CRAM' ? 'crai' : (file.facts.index ?? 'bai');
  try {
    if (!file.facts.index) await indexStored(room, work, file);
    const write = { scope: work.scope, sealedFor: sealedFor(work.store) };
    const blob: BlobRef = await room.vault.adopt(write, file.scratch.path);
    return { name: `${file.source1.name}.${suffix}`, blob };
  } catch (error) {
    for (const blob of fileBlobs(file.source1)) await room.vault.discard(blob);
    throw error;
  }
}

/** CRAM's index names containers, which only a reader that seeks finds: it is made from the stored file. */
async function indexStored(room: Room, work: Ingest, file: Indexable): Promise<void> {
  const plain = await materializeBlobs(room.vault, fileBlobs(file.source1), file.source1.name);
  try {
    await indexAlignmentFile(plain.path, file.scratch.path, work.signal);
    await stat(file.scratch.path);
  } finally {
    await plain.release();
  }
}
