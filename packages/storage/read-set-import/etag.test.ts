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
    referenceArn = (await importReference(world, data('germline/reference.fasta'))).arn;
    bam = await alignGermline(world.folder);
  });
  after(() => world.close());

  /** Of each file, imported in one job. */
  async function etags(type: 'FASTQ' | 'BAM' | 'CRAM', files: readonly (string | Uint8Array)[]) {
    const uris = await Promise.all(files.map((file, index) => upload(world, nameOf(type, index), file)));
    const more = { sourceFileType: type, ...(type === 'FASTQ' ? {} : { referenceArn }) };
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
  async function rewritten(name: string, change: (text: string) => string): Promise<string> {
    const text = change(await run('samtools', ['view', '-h', bam]));
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
    const otherBase = await rewritten('other-base.bam', (text) => {
      const lines = text.split('\n');
      const middle = lines.length >> 1;
      const fields = lines[middle]!.split('\t');
      fields[9] = swapped(fields[9]![0]!) + fields[9]!.slice(1);
      return lines.with(middle, fields.join('\t')).join('\n');
    });
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

  test('of a real CRAM is the same in version 3.0 and 3.1', async () => {
    const versions = ['3.0', '3.1'];
    const paths = versions.map((version) => `${world.folder}/v${version}.cram`);
    for (const [index, version] of versions.entries()) {
      const format = ['-C', '--output-fmt-option', `version=${version}`];
      const reference = data('germline/reference.fasta');
      await run('samtools', ['view', '--no-PG', ...format, '-T', reference, '-o', paths[index]!, bam]);
    }
    const files = await Promise.all(paths.map((path) => readFile(path)));
    assert.ok(!files[0]!.equals(files[1]!), 'the files are the same, which proves nothing');
    const [older, newer] = await etags('CRAM', paths);
    assert.deepEqual(newer, older);
  });
});

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

function swapped(base: string): string {
  return base === 'A' ? 'C' : 'A';
}
