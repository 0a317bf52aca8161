import { stat } from 'node:fs/promises';
import type { ETagAlgorithmFamily } from '@aws-sdk/client-omics';
import type { BlobRef, Materialized } from '@helicase/blobs';
import { type AlignmentFacts, type AlignmentType, indexAlignmentFile } from '@helicase/formats';
import { SourceRefused } from '../import-job/refused.ts';
import { headSources, type PassedSource, passSources } from '../import-job/source-pass.ts';
import { contigsOf } from '../reference/contigs.ts';
import type { ReferenceRow } from '../reference/operations.ts';
import { byArn, materializeReference } from '../reference/references.ts';
import type { Room } from '../room.ts';
import type { StoredFile } from '../stored-file.ts';
import { refuseForeignContigs } from './contig-check.ts';
import {
  DIGESTS,
  etagAlgorithm,
  fileNames,
  type ImportedReadSet,
  type ReadSetSource,
  sealedFor,
} from './imported.ts';

/** One pass over a BAM, uBAM or CRAM file. */
export async function importAlignments(
  room: Room,
  source: ReadSetSource,
  type: AlignmentType,
  family: ETagAlgorithmFamily,
): Promise<ImportedReadSet> {
  const { referenceArn } = source.item;
  const reference = referenceArn === undefined ? undefined : await byArn(room, source.scope, referenceArn);
  const scratch = await room.vault.reserveScratch('index');
  const fasta = type === 'CRAM' && reference ? await materializeReference(room, reference) : undefined;
  try {
    const passed = await passAlignments(room, source, { type, family, reference, scratch, fasta });
    const name = fileNames([source.item.sourceFiles.source1])[0]!;
    const blob = passed.blobs[0]!;
    const index = await storeIndex(room, source, { type, name, blob, facts: passed.facts, scratch });
    return {
      files: { source1: { name, blob }, ...(index ? { index } : {}) },
      etag: { algorithm: etagAlgorithm(type, family), source1: passed.facts.digest },
      totalReadCount: passed.facts.reads,
      totalBaseCount: passed.facts.bases,
      alignment: passed.facts.aligned > 0 ? 'ALIGNED' : 'UNALIGNED',
    };
  } finally {
    await scratch.release();
    await fasta?.release();
  }
}

interface AlignmentPass {
  readonly type: AlignmentType;
  readonly family: ETagAlgorithmFamily;
  readonly reference: ReferenceRow | undefined;
  readonly scratch: Materialized;
  readonly fasta: Materialized | undefined;
}

async function passAlignments(
  room: Room,
  source: ReadSetSource,
  options: AlignmentPass,
): Promise<PassedSource<AlignmentFacts>> {
  const { type, reference } = options;
  const uris = [source.item.sourceFiles.source1];
  const heads = await headSources(room, source.actor, uris);
  const contigs = reference ? await contigsOf(room, reference) : [];
  const pass = (await room.passes()).alignments({
    type,
    digest: DIGESTS[options.family],
    ...(type === 'BAM' ? { indexPath: options.scratch.path } : {}),
    ...(options.fasta ? { referencePath: options.fasta.path } : {}),
  });
  const check = async (facts: AlignmentFacts): Promise<void> => {
    if (type === 'UBAM') refuseAligned(facts, uris[0]!);
    else if (reference)
      refuseForeignContigs(facts, contigs, uris[0]!, {
        name: reference.doc.name,
        arn: source.item.referenceArn!,
      });
  };
  const { actor, signal } = source;
  const progress = (done: number, total: number): void => source.progress(done, total);
  const work = { actor, uris, sealedFor: sealedFor(source), pass, signal, progress };
  return passSources(room, work, heads, { check });
}

function refuseAligned(facts: AlignmentFacts, uri: string): void {
  if (facts.aligned === 0) return;
  throw new SourceRefused(
    `${uri}: ${facts.aligned} of its ${facts.reads} reads are aligned, so it is not an unaligned BAM (UBAM). Import it as BAM with its reference.`,
  );
}

interface Indexable {
  readonly type: AlignmentType;
  readonly name: string;
  readonly blob: BlobRef;
  readonly facts: AlignmentFacts;
  readonly scratch: Materialized;
}

/** The index that the pass wrote, or one made now; none for reads that are not in coordinate order, which have none. */
async function storeIndex(
  room: Room,
  source: ReadSetSource,
  file: Indexable,
): Promise<StoredFile | undefined> {
  if (file.type === 'UBAM' || !file.facts.sorted) return undefined;
  const suffix = file.type === 'CRAM' ? 'crai' : (file.facts.index ?? 'bai');
  try {
    if (!file.facts.index) await indexStored(room, source, file);
    const write = { scope: source.scope, sealedFor: sealedFor(source) };
    return { name: `${file.name}.${suffix}`, blob: await room.vault.adopt(write, file.scratch.path) };
  } catch (error) {
    await room.vault.discard(file.blob);
    throw error;
  }
}

/** CRAM's index names containers, which only a reader that seeks finds: it is made from the stored file. */
async function indexStored(room: Room, source: ReadSetSource, file: Indexable): Promise<void> {
  const plain = await room.vault.materialize(file.blob, file.name);
  try {
    await indexAlignmentFile(plain.path, file.scratch.path, source.signal);
    await stat(file.scratch.path);
  } finally {
    await plain.release();
  }
}
