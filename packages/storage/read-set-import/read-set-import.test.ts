import assert from 'node:assert/strict';
import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { after, before, describe, test } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import type {
  GetReadSetMetadataResponse,
  GetSequenceStoreResponse,
  ListReadSetsResponse,
} from '@aws-sdk/client-omics';
import { dialectsUnderTest, openTestRecords } from '@helicase/records';
import type { StreamedPayload } from '@helicase/wire';
import {
  alignGermline,
  blobStates,
  bytesOf,
  data,
  dataMissing,
  importReadSets,
  importReference,
  newSequenceStore,
  run,
  temporaryWorld,
  upload,
} from '../testing/stories.ts';

type TestWorld = Awaited<ReturnType<typeof temporaryWorld>>;
const FASTQ = { sourceFileType: 'FASTQ' };
const swappedBase = (base: string): string => (base === 'A' ? 'C' : 'A');
const record = (name: string, quality = 'IIII'): string => `@${name}\nACGT\n+\n${quality}\n`;

async function md5sum(bytes: Uint8Array): Promise<string> {
  return (await run('md5sum', [], bytes)).slice(0, 32);
}

describe('importing read sets', { skip: dataMissing }, () => {
  let world: TestWorld;
  let store: string;
  let germline: { store: string; id: string; arn: string };
  let bam: string;

  before(async () => {
    world = await temporaryWorld();
    store = await newSequenceStore(world);
    germline = await importReference(world, data('germline/reference.fasta'));
    bam = await alignGermline(world.folder);
  });
  after(() => world.close());

  const metadata = (id: string) =>
    world.call<GetReadSetMetadataResponse>('GetReadSetMetadata', { sequenceStoreId: store, id });
  const content = async (id: string, file: string) =>
    bytesOf(
      await world.call<{ payload: StreamedPayload }>('GetReadSet', {
        sequenceStoreId: store,
        id,
        file,
        partNumber: 1,
      }),
    );
  const refuses = async (source: object, message: RegExp) => {
    const before = await blobStates(world);
    const job = await importReadSets(world, store, [source]);
    assert.equal(job.status, 'FAILED');
    assert.equal(job.sources![0]!.status, 'FAILED');
    assert.equal(job.sources![0]!.readSetId, undefined);
    assert.match(job.sources![0]!.statusMessage!, message);
    assert.match(job.statusMessage!, /^1 of 1 sources failed/);
    assert.deepEqual(await blobStates(world), before, 'bytes were left behind');
  };

  test('a paired FASTQ becomes an ACTIVE read set with the digests of its text', async () => {
    const paths = [data('virus/reads_R1.fastq.gz'), data('virus/reads_R2.fastq.gz')] as const;
    const source1 = await upload(world, 'reads_R1.fastq.gz', paths[0]);
    const source2 = await upload(world, 'reads_R2.fastq.gz', paths[1]);
    const more = { name: 'virus', description: 'FASTQ of a virus', generatedFrom: 'Illumina' };
    const job = await importReadSets(world, store, [
      { ...FASTQ, ...more, sourceFiles: { source1, source2 } },
    ]);
    assert.equal(job.status, 'COMPLETED');
    assert.ok(job.completionTime instanceof Date);
    const id = job.sources![0]!.readSetId!;
    const found = await metadata(id);
    const bytes = await Promise.all(paths.map((path) => readFile(path)));
    const texts = bytes.map((one) => gunzipSync(one));
    assert.deepEqual(found.etag, {
      algorithm: 'FASTQ_MD5up',
      source1: await md5sum(texts[0]!),
      source2: await md5sum(texts[1]!),
    });
    const { s3Access } = await world.call<GetSequenceStoreResponse>('GetSequenceStore', { id: store });
    const file = ({ length }: Uint8Array, name: string) => ({
      totalParts: 1,
      partSize: 104857600,
      contentLength: length,
      s3Access: { s3Uri: `${s3Access!.s3Uri}readSet/${id}/${name}` },
    });
    const bases = texts.flatMap((text) =>
      text
        .toString('latin1')
        .split('\n')
        .filter((_, i) => i % 4 === 1),
    );
    assert.deepEqual(found.sequenceInformation, {
      totalReadCount: 47_108,
      totalBaseCount: bases.reduce((sum, line) => sum + line.length, 0),
      generatedFrom: 'Illumina',
      alignment: 'UNALIGNED',
    });
    assert.deepEqual(found.files, {
      source1: file(bytes[0]!, 'reads_R1.fastq.gz'),
      source2: file(bytes[1]!, 'reads_R2.fastq.gz'),
    });
    assert.equal(found.arn, `arn:aws:omics:us-east-1:123456789012:sequenceStore/${store}/readSet/${id}`);
    assert.equal(found.status, 'ACTIVE');
    assert.equal(found.creationType, 'IMPORT');
    assert.deepEqual(await content(id, 'SOURCE1'), bytes[0]);
    assert.deepEqual(await content(id, 'SOURCE2'), bytes[1]);
    await assert.rejects(content(id, 'INDEX'), {
      name: 'ResourceNotFoundException',
      message: /no file INDEX/,
    });
  });

  test("an aligned BAM has samtools' counts, digest and index", async () => {
    const source1 = await upload(world, 'germline.bam', bam);
    const source = { sourceFileType: 'BAM', referenceArn: germline.arn, sourceFiles: { source1 } };
    const job = await importReadSets(world, store, [source]);
    assert.equal(job.status, 'COMPLETED', job.statusMessage);
    const found = await metadata(job.sources![0]!.readSetId!);
    const text = await run('samtools', ['view', bam]);
    assert.deepEqual(found.etag, {
      algorithm: 'BAM_MD5up',
      source1: await md5sum(Buffer.from(text, 'latin1')),
    });
    const bases = text
      .trimEnd()
      .split('\n')
      .reduce((sum, line) => sum + line.split('\t')[9]!.length, 0);
    assert.equal(
      found.sequenceInformation!.totalReadCount,
      Number(await run('samtools', ['view', '-c', bam])),
    );
    assert.equal(found.sequenceInformation!.totalBaseCount, bases);
    assert.equal(found.sequenceInformation!.alignment, 'ALIGNED');
    assert.equal(found.referenceArn, germline.arn);
    const stored = `${world.folder}/stored.bam`;
    await writeFile(stored, await content(found.id!, 'SOURCE1'));
    await run('samtools', ['index', stored]);
    const index = await readFile(`${stored}.bai`);
    assert.ok((await content(found.id!, 'INDEX')).equals(index), "the index is not samtools'");
  });

  test("a BAM's header tells the store and the time, its records stay as they were", async () => {
    const source1 = await upload(world, 'told.bam', bam);
    const source = { sourceFileType: 'BAM', referenceArn: germline.arn, sourceFiles: { source1 } };
    const job = await importReadSets(world, store, [source]);
    const stored = `${world.folder}/told.bam`;
    await writeFile(stored, await content(job.sources![0]!.readSetId!, 'SOURCE1'));
    const header = await run('samtools', ['view', '-H', '--no-PG', stored]);
    const original = await run('samtools', ['view', '-H', '--no-PG', bam]);
    assert.ok(header.startsWith(original), header);
    assert.match(
      header.slice(original.length),
      new RegExp(`^@CO\\tHealthOmics sequence store ${store}, ingested \\d{4}-\\d\\d-\\d\\dT[\\d:.]+Z\\n$`),
    );
    assert.equal(await run('samtools', ['view', stored]), await run('samtools', ['view', bam]));
  });

  test('the same content twice costs its bytes once, and outlives the first', async () => {
    await world.vault.sweep();
    const own = await newSequenceStore(world);
    const source1 = await upload(world, 'twice.bam', bam);
    const source = { sourceFileType: 'BAM', referenceArn: germline.arn, sourceFiles: { source1 } };
    const before = new Set((await blobStates(world)).keys());
    const job = await importReadSets(world, own, [source, source]);
    assert.equal(job.status, 'COMPLETED', job.statusMessage);
    await world.vault.sweep();
    const sizes: number[] = [];
    for await (const { id, size } of world.store.list()) if (!before.has(id)) sizes.push(size);
    const large = sizes.filter((size) => size > 500_000);
    assert.equal(large.length, 1, `${sizes.join(', ')}: the reads are there once`);
    const [first, second] = job.sources!.map(({ readSetId }) => readSetId!);
    await world.call('BatchDeleteReadSet', { sequenceStoreId: own, ids: [first] });
    await world.vault.sweep();
    const { payload } = await world.call<{ payload: StreamedPayload }>('GetReadSet', {
      sequenceStoreId: own,
      id: second,
      partNumber: 1,
    });
    const copy = `${world.folder}/second.bam`;
    await writeFile(copy, await bytesOf({ payload }));
    assert.equal(await run('samtools', ['view', copy]), await run('samtools', ['view', bam]));
    await world.call('BatchDeleteReadSet', { sequenceStoreId: own, ids: [second] });
    await world.vault.sweep();
    assert.deepEqual(new Set((await blobStates(world)).keys()), before);
  });

  test('a CRAM is read with its reference and indexed', async () => {
    const cram = `${world.folder}/germline.cram`;
    const reference = data('germline/reference.fasta');
    await run('samtools', ['view', '-C', '-T', reference, '-o', cram, bam]);
    const source1 = await upload(world, 'germline.cram', cram);
    const source = { sourceFileType: 'CRAM', referenceArn: germline.arn, sourceFiles: { source1 } };
    const job = await importReadSets(world, store, [source]);
    assert.equal(job.status, 'COMPLETED', job.statusMessage);
    const found = await metadata(job.sources![0]!.readSetId!);
    const text = await run('samtools', ['view', '-T', reference, cram]);
    assert.deepEqual(found.etag, {
      algorithm: 'CRAM_MD5up',
      source1: await md5sum(Buffer.from(text, 'latin1')),
    });
    const stored = `${world.folder}/stored.cram`;
    await writeFile(stored, await content(found.id!, 'SOURCE1'));
    await run('samtools', ['index', stored]);
    const lines = (bytes: Buffer) => gunzipSync(bytes).toString();
    assert.equal(lines(await content(found.id!, 'INDEX')), lines(await readFile(`${stored}.crai`)));
    assert.match(
      await run('samtools', ['view', '-H', stored]),
      new RegExp(`@CO\tHealthOmics sequence store ${store}`),
    );
    assert.equal(await run('samtools', ['view', '-T', reference, stored]), text);
  });

  test('an unaligned BAM needs no reference and has no index', async () => {
    const ubam = `${world.folder}/unaligned.bam`;
    const files = [data('germline/wgs1_R1.fastq.gz'), data('germline/wgs1_R2.fastq.gz')];
    await run('samtools', ['import', '-1', files[0]!, '-2', files[1]!, '-o', ubam]);
    const source1 = await upload(world, 'unaligned.bam', ubam);
    const job = await importReadSets(world, store, [{ sourceFileType: 'UBAM', sourceFiles: { source1 } }]);
    assert.equal(job.status, 'COMPLETED', job.statusMessage);
    const found = await metadata(job.sources![0]!.readSetId!);
    const text = await run('samtools', ['view', ubam]);
    assert.deepEqual(found.etag, { algorithm: 'BAM_MD5up', source1: await md5sum(Buffer.from(text)) });
    assert.equal(found.sequenceInformation!.alignment, 'UNALIGNED');
    assert.equal(found.files!.index, undefined);
    const aligned = await upload(world, 'aligned.bam', bam);
    await refuses(
      { sourceFileType: 'UBAM', sourceFiles: { source1: aligned } },
      /19901 of its 20000 reads are aligned/,
    );
  });

  test('a store of the SHA-256 family has SHA-256 ETags', async () => {
    const other = await newSequenceStore(world, { eTagAlgorithmFamily: 'SHA256up' });
    const source1 = await upload(world, 'sha.fastq.gz', gzipSync(record('a')));
    await importReadSets(world, other, [{ ...FASTQ, sourceFiles: { source1 } }]);
    const list = await world.call<ListReadSetsResponse>('ListReadSets', { sequenceStoreId: other });
    const expected = (await run('sha256sum', [], Buffer.from(record('a')))).split(' ')[0];
    assert.deepEqual(list.readSets![0]!.etag, { algorithm: 'FASTQ_SHA256up', source1: expected });
  });

  test('reads of another reference are refused, naming the contigs', async () => {
    const source1 = await upload(world, 'NA12878.bam', data('human/NA12878.bam'));
    const source = { sourceFileType: 'BAM', referenceArn: germline.arn, sourceFiles: { source1 } };
    await refuses(
      source,
      /contig 11 \(12898 reads\) is not in the reference; contig 20 \(14545 reads\) is not/,
    );
  });

  test('a contig of another length or other bases is refused', async () => {
    const sam = (await run('samtools', ['view', '-h', bam])).split('\n').slice(0, 40).join('\n') + '\n';
    const make = async (name: string, text: string) => {
      const path = `${world.folder}/${name}`;
      await run('samtools', ['view', '-b', '-o', path, '-'], Buffer.from(text));
      return {
        sourceFileType: 'BAM',
        referenceArn: germline.arn,
        sourceFiles: { source1: await upload(world, name, path) },
      };
    };
    const longer = await make('longer.bam', sam.replace('LN:15624', 'LN:15625'));
    await refuses(longer, /contig chr1 \(\d+ reads\) has 15625 bases in the file, 15624 in the reference/);
    const other = await make('other.bam', sam.replace('LN:15624', `LN:15624\tM5:${'0'.repeat(32)}`));
    await refuses(other, /contig chr1 \(\d+ reads\) has other bases: MD5 0{32} in the file, 2396ee6e/);
  });

  test('broken files are refused with the place, and leave nothing', async () => {
    const bytes = await readFile(bam);
    const aligned = { sourceFileType: 'BAM', referenceArn: germline.arn };
    const cut = await upload(world, 'cut.bam', bytes.subarray(0, bytes.length - 28));
    await refuses(
      { ...aligned, sourceFiles: { source1: cut } },
      /^s3:\/\/reads\/cut\.bam: the file is truncated after record 20000: its BGZF end-of-file block is missing$/,
    );
    const good = await readFile(data('virus/reads_R1.fastq.gz'));
    const corrupt = await upload(world, 'corrupt.fastq.gz', Buffer.from(good).fill(0x58, 500_000, 500_012));
    await refuses(
      { ...FASTQ, sourceFiles: { source1: corrupt } },
      /corrupt\.fastq\.gz: corrupt gzip at byte \d+/,
    );
    const plain = await upload(world, 'plain.fastq', Buffer.from(record('a')));
    await refuses({ ...FASTQ, sourceFiles: { source1: plain } }, /plain\.fastq: it is not gzip/);
    const empty = await upload(world, 'empty.fastq.gz', new Uint8Array());
    await refuses({ ...FASTQ, sourceFiles: { source1: empty } }, /empty\.fastq\.gz: the file is empty/);
    const short = await upload(world, 'short.fastq.gz', gzipSync(record('a') + record('b', 'II')));
    await refuses(
      { ...FASTQ, sourceFiles: { source1: short } },
      /record 2 \(line 8\): 2 quality values for 4 bases/,
    );
    await refuses(
      { ...FASTQ, sourceFiles: { source1: 's3://reads/none.fastq.gz' } },
      /s3:\/\/reads\/none\.fastq\.gz/,
    );
  });

  test('alignments are refused where a bit is flipped, or their order allows no index', async () => {
    const aligned = { sourceFileType: 'BAM', referenceArn: germline.arn };
    const flipped = await readFile(bam);
    flipped[300_000]! ^= 1;
    const source1 = await upload(world, 'flipped.bam', flipped);
    await refuses({ ...aligned, sourceFiles: { source1 } }, /flipped\.bam: record \d+ cannot be read/);
    const byName = `${world.folder}/by-name.bam`;
    await run('samtools', ['sort', '-n', '-o', byName, bam]);
    const unsorted = await upload(world, 'by-name.bam', byName);
    await refuses(
      { ...aligned, sourceFiles: { source1: unsorted } },
      /by-name\.bam: its reads are not in coordinate order.*samtools sort/,
    );
  });

  test('a CRAM is refused without its reference, with another one, and cut short', async () => {
    const cram = `${world.folder}/refused.cram`;
    const reference = data('germline/reference.fasta');
    await run('samtools', ['view', '-C', '-T', reference, '-o', cram, bam]);
    const source1 = await upload(world, 'refused.cram', cram);
    const source = { sourceFileType: 'CRAM', sourceFiles: { source1 } };
    await assert.rejects(importReadSets(world, store, [source]), {
      name: 'ValidationException',
      message: /sources\[0\]\.referenceArn is missing.*CRAM/,
    });
    // The contigs' names and lengths, one base of each line another: only the bases tell that it is not the reference.
    const text = (await readFile(reference, 'latin1')).replaceAll(/^[ACGT]/gm, swappedBase);
    const path = `${world.folder}/other-bases.fasta`;
    await writeFile(path, text);
    const other = await importReference(world, path, 'other-bases');
    await refuses({ ...source, referenceArn: other.arn }, /refused\.cram/);
    const bytes = await readFile(cram);
    const cut = await upload(world, 'cut.cram', bytes.subarray(0, bytes.length - 38));
    await refuses(
      { sourceFileType: 'CRAM', referenceArn: germline.arn, sourceFiles: { source1: cut } },
      /cut\.cram: the file is truncated/,
    );
  });

  test('a pair of unequal length is refused with both counts', async () => {
    const source1 = await upload(world, 'long.fastq.gz', gzipSync(record('a') + record('b')));
    const source2 = await upload(world, 'half.fastq.gz', gzipSync(record('a')));
    await refuses({ ...FASTQ, sourceFiles: { source1, source2 } }, /source1 has 2 reads, source2 has 1/);
  });

  test('a source that changes while it is imported is refused', async () => {
    const source1 = await upload(world, 'changing.fastq.gz', data('virus/reads_R1.fastq.gz'));
    const { open } = world.objects;
    world.objects.open = async (...asked) => {
      const opened = await open(...asked);
      await appendFile(world.objects.pathOf(source1), gzipSync(record('late')));
      return opened;
    };
    try {
      await refuses(
        { ...FASTQ, sourceFiles: { source1 } },
        /changing\.fastq\.gz changed while it was imported/,
      );
    } finally {
      world.objects.open = open;
    }
  });

  // S3 answers a conditional GET of what is left (`If-Match`) with 412.
  test('a source whose connection breaks after it changed is refused, not tried again as another one', async () => {
    const source1 = await upload(world, 'broken.fastq.gz', data('virus/reads_R1.fastq.gz'));
    const { open } = world.objects;
    let opened = 0;
    world.objects.open = async (...asked) => {
      opened++;
      const found = await open(...asked);
      return { ...found, body: Readable.from(brokenOff(found.body)) };
    };
    const brokenOff = async function* (body: AsyncIterable<Buffer>) {
      for await (const chunk of body) {
        yield chunk.subarray(0, 100);
        await writeFile(world.objects.pathOf(source1), gzipSync(record('another')));
        throw Object.assign(new Error('UnknownError'), { $metadata: { httpStatusCode: 412 } });
      }
    };
    try {
      await refuses(
        { ...FASTQ, sourceFiles: { source1 } },
        /broken\.fastq\.gz changed while it was imported.*Import it again/,
      );
    } finally {
      world.objects.open = open;
    }
    assert.equal(opened, 1);
  });

  test('one broken source does not keep the others from being imported', async () => {
    const good = await upload(world, 'good.fastq.gz', gzipSync(record('a')));
    const bad = await upload(world, 'bad.fastq.gz', gzipSync(record('a', 'II')));
    const job = await importReadSets(world, store, [
      { ...FASTQ, sourceFiles: { source1: bad } },
      { ...FASTQ, sourceFiles: { source1: good } },
    ]);
    assert.equal(job.status, 'COMPLETED_WITH_FAILURES');
    assert.deepEqual(
      job.sources!.map(({ status }) => status),
      ['FAILED', 'FINISHED'],
    );
  });

  test('requests that cannot succeed are refused at once', async () => {
    const sourceFiles = { source1: 's3://reads/a', source2: 's3://reads/b' };
    const starts = (source: object) => importReadSets(world, store, [source]);
    const validation = (message: RegExp) => ({ name: 'ValidationException', message });
    const alone = { source1: 's3://reads/a' };
    await assert.rejects(
      starts({ sourceFileType: 'BAM', sourceFiles: alone }),
      validation(/sources\[0\]\.referenceArn/),
    );
    await assert.rejects(
      starts({ sourceFileType: 'UBAM', sourceFiles }),
      validation(/sources\[0\].*source2/),
    );
    const twice = { source1: 's3://reads/a', source2: 's3://reads/a' };
    await assert.rejects(
      starts({ ...FASTQ, sourceFiles: twice }),
      validation(/s3:\/\/reads\/a as source1 and as source2/),
    );
    const referenceArn = germline.arn.replace(germline.id, '0000000001');
    await assert.rejects(starts({ sourceFileType: 'BAM', sourceFiles: alone, referenceArn }), {
      name: 'ResourceNotFoundException',
      message: /0000000001/,
    });
    const input = { sequenceStoreId: store, roleArn: 'arn:aws:iam::123456789012:role/None', sources: [] };
    await assert.rejects(world.call('StartReadSetImportJob', input), validation(/role\/None/));
    await assert.rejects(importReadSets(world, '0000000001', []), { name: 'ResourceNotFoundException' });
  });
});

for (const { dialect, skip } of dialectsUnderTest()) {
  describe(`import jobs of two accounts and two regions on ${dialect}`, { skip }, () => {
    test('are each in their own world', async () => {
      const { database, close } = await openTestRecords({ dialect });
      const world = await temporaryWorld({ database });
      const scopes = ['123456789012', '210987654321'].flatMap((account) =>
        ['us-east-1', 'eu-west-1'].map((region) => ({ account, region })),
      );
      const source1 = await upload(world, 'a.fastq.gz', gzipSync(record('a')));
      const stores = new Map<string, string>();
      for (const scope of scopes) {
        const { id } = await world.call<{ id: string }>('CreateSequenceStore', { name: 'one' }, scope);
        stores.set(id, scope.region);
        const job = await importReadSets(world, id, [{ ...FASTQ, sourceFiles: { source1 } }], scope);
        assert.equal(job.status, 'COMPLETED', job.statusMessage);
        const list = await world.call<{ sequenceStores: { id: string }[] }>('ListSequenceStores', {}, scope);
        assert.deepEqual(
          list.sequenceStores.map((one) => one.id),
          [id],
        );
      }
      const [first] = stores.keys();
      await assert.rejects(world.call('GetSequenceStore', { id: first }, scopes[1]!), {
        name: 'ResourceNotFoundException',
      });
      await world.close();
      await close();
    });
  });
}
