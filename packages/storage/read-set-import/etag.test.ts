import type { ETag, GetReadSetMetadataResponse } from '@aws-sdk/client-omics';
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import {
  alignGermline,
  data,
  dataMissing,
  importReadSets,
  importReference,
  newSequenceStore,
  run,
  temporaryWorld,
  upload,
} from '../testing/stories.ts';

const REFERENCE = data('germline/reference.fasta');

// The guide, "ETag calculation and data provenance": "The ETag reflects changes to the semantic content of the object,
// not its metadata"; the expected equalities are the guide's, the files are made by gzip, bgzip and samtools.
describe('the ETag of a read set', { skip: dataMissing }, () => {
  let world: Awaited<ReturnType<typeof temporaryWorld>>;
  let store: string;
  let referenceArn: string;
  let bam: string;

  before(async () => {
    world = await temporaryWorld();
    store = await newSequenceStore(world);
    referenceArn = (await importReference(world, REFERENCE)).arn;
    bam = await alignGermline(world.folder);
  });
  after(() => world.close());

  /** Of each file, imported in one job. */
  async function etags(type: 'FASTQ' | 'BAM' | 'UBAM' | 'CRAM', files: readonly (string | Uint8Array)[]) {
    const uris = await Promise.all(files.map((file, index) => upload(world, nameOf(type, index), file)));
    const more = { sourceFileType: type, ...(type === 'FASTQ' || type === 'UBAM' ? {} : { referenceArn }) };
    const job = await importReadSets(
      world,
      store,
      uris.map((source1) => ({ ...more, sourceFiles: { source1 } })),
    );
    assert.equal(job.status, 'COMPLETED', JSON.stringify(job.sources));
    return Promise.all(job.sources!.map(({ readSetId }) => etagOf(readSetId!)));
  }
  async function etagOf(id: string): Promise<ETag> {
    const input = { sequenceStoreId: store, id };
    return (await world.call<GetReadSetMetadataResponse>('GetReadSetMetadata', input)).etag!;
  }
  /** The alignments as text, through a change, as a BAM again. */
  async function rewritten(name: string, change: (text: string) => string, original = bam): Promise<string> {
    const text = change(await run('samtools', ['view', '-h', original]));
    const path = `${world.folder}/${name}`;
    await run('samtools', ['view', '--no-PG', '-b', '-o', path, '-'], Buffer.from(text, 'latin1'));
    return path;
  }

  test('of real FASTQ is that of its text, however it is compressed; one other base is another ETag', async () => {
    const path = data('germline/wgs1_R1.fastq.gz');
    const text = gunzipSync(await readFile(path));
    const plain = `${world.folder}/plain.fastq`;
    await writeFile(plain, text);
    await run('bgzip', ['-k', '-f', plain]);
    const [original, fast, blocked, changed] = await etags('FASTQ', [
      path,
      gzipSync(text, { level: 1 }),
      `${plain}.gz`,
      gzipSync(withOtherBase(text)),
    ]);
    assert.deepEqual(fast, original);
    assert.deepEqual(blocked, original);
    assert.notEqual(changed!.source1, original!.source1);
  });

  test('of a real BAM survives other compression and another header; one other base is another ETag', async () => {
    const stored = `${world.folder}/level1.bam`;
    await run('samtools', ['view', '--no-PG', '-b', '--output-fmt-option', 'level=1', '-o', stored, bam]);
    const commented = await rewritten('commented.bam', (text) =>
      text.replace(/^(?!@)/m, '@CO\tread by somebody\n'),
    );
    const otherBase = await rewritten('other-base.bam', withOtherBaseInSam);
    const [original, recompressed, withComment, changed] = await etags('BAM', [
      bam,
      stored,
      commented,
      otherBase,
    ]);
    assert.deepEqual(recompressed, original);
    assert.deepEqual(withComment, original);
    assert.notEqual(changed!.source1, original!.source1);
  });

  test('of real unaligned BAM survives other compression; one other base is another ETag', async () => {
    const ubam = `${world.folder}/unaligned.bam`;
    const stored = `${world.folder}/unaligned-level1.bam`;
    const pair = [data('germline/wgs1_R1.fastq.gz'), data('germline/wgs1_R2.fastq.gz')] as const;
    await run('samtools', ['import', '-1', pair[0], '-2', pair[1], '-o', ubam]);
    await run('samtools', ['view', '--no-PG', '-b', '--output-fmt-option', 'level=1', '-o', stored, ubam]);
    assert.ok(!(await readFile(stored)).equals(await readFile(ubam)), 'both files are the same');
    const otherBase = await rewritten('unaligned-other-base.bam', withOtherBaseInSam, ubam);
    const [original, recompressed, changed] = await etags('UBAM', [ubam, stored, otherBase]);
    assert.deepEqual(original, { algorithm: 'BAM_MD5up', source1: await viewDigest(ubam) });
    assert.deepEqual(recompressed, original);
    assert.deepEqual(changed, { algorithm: 'BAM_MD5up', source1: await viewDigest(otherBase) });
    assert.notEqual(changed.source1, original.source1);
  });

  test('of a real CRAM is the same in version 3.0 and 3.1; one other base is another ETag', async () => {
    const older = await asCram(bam, '3.0');
    const newer = await asCram(bam, '3.1');
    assert.ok(!(await readFile(older)).equals(await readFile(newer)), 'both files are the same');
    const otherBase = await asCram(await rewritten('cram-other-base.bam', withOtherBaseInSam), '3.1');
    const [original, again, changed] = await etags('CRAM', [older, newer, otherBase]);
    assert.deepEqual(original, { algorithm: 'CRAM_MD5up', source1: await viewDigest(older) });
    assert.deepEqual(again, original);
    assert.deepEqual(changed, { algorithm: 'CRAM_MD5up', source1: await viewDigest(otherBase) });
    assert.notEqual(changed.source1, original.source1);
  });
});

async function asCram(bam: string, version: string): Promise<string> {
  const path = `${bam}.v${version}.cram`;
  const format = ['-C', '--output-fmt-option', `version=${version}`, '-T', REFERENCE];
  await run('samtools', ['view', '--no-PG', ...format, '-o', path, bam]);
  return path;
}

/** `samtools view | md5sum`, which the guide defines the ETag of alignments by. */
async function viewDigest(path: string): Promise<string> {
  const text = await run('samtools', ['view', '-T', REFERENCE, path]);
  return (await run('md5sum', [], Buffer.from(text, 'latin1'))).slice(0, 32);
}

function nameOf(type: string, index: number): string {
  return `etag-${index}.${type === 'FASTQ' ? 'fastq.gz' : type.toLowerCase()}`;
}

/** The first base of the read in the middle is another one. */
function withOtherBase(text: Buffer): Buffer {
  const lines = text.toString('latin1').split('\n');
  const sequence = (lines.length >> 3) * 4 + 1;
  const bases = lines[sequence]!;
  return Buffer.from(lines.with(sequence, swapped(bases[0]!) + bases.slice(1)).join('\n'), 'latin1');
}

/** The same for alignments' text. */
function withOtherBaseInSam(text: string): string {
  const lines = text.split('\n');
  const middle = lines.length >> 1;
  const fields = lines[middle]!.split('\t');
  fields[9] = swapped(fields[9]![0]!) + fields[9]!.slice(1);
  return lines.with(middle, fields.join('\t')).join('\n');
}

function swapped(base: string): string {
  return base === 'A' ? 'C' : 'A';
}
