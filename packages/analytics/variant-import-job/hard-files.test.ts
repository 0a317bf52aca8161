import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { GetVariantStoreResponse } from '@aws-sdk/client-omics';
import { TestAnalytics } from '../testing/room.ts';
import { ask, importFiles, makeStore } from '../testing/story.ts';

const HEADER = '##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS1\n';

function record(contig: string, position: number | string, info = '.'): string {
  return `${contig}\t${position}\t.\tA\tG\t50\tPASS\t${info}\tGT\t0/1\n`;
}

describe('Files that are hard to read', () => {
  let room: TestAnalytics;
  before(async () => void (room = await TestAnalytics.open()));
  after(() => room.close());
  const value = async (sql: string) => (await ask(room, sql)).rows[1];

  test('each broken file fails with its name and line, and what was there before is untouched', async () => {
    await makeStore(room, 'careful');
    await importFiles(room, 'careful', { 'good.vcf': Buffer.from(HEADER + record('1', 5)) });
    const store = () => room.call<GetVariantStoreResponse>('GetVariantStore', { name: 'careful' });
    const { storeSizeBytes } = await store();
    const good = HEADER + record('1', 7);
    const broken: readonly (readonly [string, string | Buffer, RegExp])[] = [
      ['header', good.replace('#CHROM\tPOS', '#CHROM\tPOSITION'), /line 2: column 2/],
      [
        'info',
        good.replace('#CHROM', '##INFO=<ID=DP,Number=1>\n#CHROM'),
        /line 2: INFO header DP needs a Type/,
      ],
      ['ragged', good + record('1', 9).replace('\t0/1', ''), /line 4: 9 columns, but the header has 10/],
      ['columns', good + record('1', 9).replace('\n', '\t0/1\n'), /line 4: 11 columns/],
      ['types', good + record('1', 'nine'), /line 4: POS must be a number, found "nine"/],
      ['samples', good.replace('\tS1', '\tS1\tS1'), /line 2: sample "S1" is named twice/],
      ['truncated', gzipSync(good + record('1', 9).repeat(100)).subarray(0, 90), /truncated/],
    ];
    for (const [name, source, message] of broken) {
      const job = await importFiles(room, 'careful', { [`${name}.vcf`]: Buffer.from(source) });
      assert.equal(job.status, 'FAILED', name);
      assert.match(job.items![0]!.statusMessage!, message);
      assert.match(job.items![0]!.source!, new RegExp(`${name}\\.vcf$`));
    }
    assert.deepEqual(await value('SELECT count(*), min(start), max(start) FROM careful'), ['1', '4', '4']);
    assert.equal((await store()).storeSizeBytes, storeSizeBytes);
  });

  test('keys that no header declares are kept as they are', async () => {
    await makeStore(room, 'undeclared');
    const job = await importFiles(room, 'undeclared', {
      'undeclared.vcf': Buffer.from(HEADER + record('1', 5, 'FOO=a,b;BAR')),
    });
    assert.equal(job.status, 'COMPLETED', job.statusMessage);
    assert.deepEqual(await value(`SELECT attributes['FOO'], attributes['BAR'] FROM undeclared`), [
      'a,b',
      'true',
    ]);
  });

  test('records in any order are all there, and found by their place', async () => {
    await makeStore(room, 'unsorted');
    const places = Array.from({ length: 500 }, (_, n) =>
      record(String(1 + (n % 3)), 1 + ((n * 7919) % 10_000)),
    );
    const file = Buffer.from(HEADER + places.join(''));
    const job = await importFiles(room, 'unsorted', { 'unsorted.vcf': file });
    assert.equal(job.status, 'COMPLETED', job.statusMessage);
    const wanted = places.filter((line) => {
      const [contig, position] = line.split('\t');
      return contig === '2' && Number(position) <= 2_000;
    });
    const found = await value(`SELECT count(*) FROM unsorted WHERE contigname = '2' AND start < 2000`);
    assert.deepEqual(found, [String(wanted.length)]);
  });

  test('a line of 10 MB is a record like another', async () => {
    await makeStore(room, 'wide');
    const long = 'x'.repeat(10 * 1024 * 1024);
    const file = Buffer.from(HEADER + record('1', 5) + record('1', 6, `NOTE=${long}`) + record('1', 7));
    const job = await importFiles(room, 'wide', { 'wide.vcf': file });
    assert.equal(job.status, 'COMPLETED', job.statusMessage);
    const found = await value(`SELECT count(*), max(length(attributes['NOTE'])) FROM wide`);
    assert.deepEqual(found, ['3', String(long.length)]);
  });

  test('200,000 contigs are 200,000 contigs', async () => {
    await makeStore(room, 'scaffolds');
    const names = Array.from({ length: 200_000 }, (_, n) => `scaffold_${n}`);
    const declared = names.map((name) => `##contig=<ID=${name},length=1000>\n`).join('');
    const header = HEADER.replace('#CHROM', `${declared}#CHROM`);
    const file = Buffer.from(header + names.map((name) => record(name, 5)).join(''));
    const job = await importFiles(room, 'scaffolds', { 'scaffolds.vcf': file });
    assert.equal(job.status, 'COMPLETED', job.statusMessage);
    assert.deepEqual(await value('SELECT count(DISTINCT contigname) FROM scaffolds'), ['200000']);
    const one = `SELECT start FROM scaffolds WHERE contigname = 'scaffold_123456'`;
    assert.deepEqual(await value(one), ['4']);
  });
});
