import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { GetVariantImportResponse } from '@aws-sdk/client-omics';
import { rootPrincipal } from '@helicase/kernel';
import { listFiles } from '../table/file-rows.ts';
import { lacking } from '../testing/needs.ts';
import { ROLE, SCOPE, TestAnalytics } from '../testing/room.ts';
import { ask, importFiles, makeStore } from '../testing/story.ts';

const HEADER = '##fileformat=VCFv4.3\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n';

const NINE = Array.from({ length: 9 }, (_, n) => `s${n}`);

/** Different for each sample. */
function depthOf(sample: string): number {
  return [...sample].reduce((sum, letter) => sum + letter.charCodeAt(0), 0);
}

/** Two records, at 7 and 9, each sample with a depth of its own. */
function samplesFile(samples: readonly string[]): Buffer {
  const record = (position: number, more: number) =>
    `c\t${position}\t.\tA\tG\t.\t.\tDP=1\tGT:DP\t${samples.map((name) => `0/1:${depthOf(name) + more}`).join('\t')}\n`;
  const header = HEADER.replace('INFO\n', `INFO\tFORMAT\t${samples.join('\t')}\n`);
  return Buffer.from(header + record(7, 0) + record(9, 1));
}

describe('Import jobs', { skip: lacking(['samtools']) }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'helicase-reference-'));
  const fasta = join(folder, 'reference.fa');
  let room: TestAnalytics;
  before(async () => {
    writeFileSync(fasta, '>c\nGGGCACACACAGGG\n');
    execFileSync('samtools', ['faidx', fasta]);
    room = await TestAnalytics.open({
      contigs: [{ name: 'c', length: 14 }],
      materialize: async () => ({ fasta, index: `${fasta}.fai`, release: async () => {} }),
    });
    await makeStore(room, 'jobs');
  });
  after(async () => {
    await room.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test('runLeftNormalization moves an indel to the left end of its repeat; without it the file is kept as it is', async () => {
    // The example of Tan, Abecasis and Kang (2015), figure 1: one CA of GGGCACACACAGGG deleted.
    const vcf = Buffer.from(`${HEADER}c\t8\tdeletion\tCA\t.\t.\t.\t.\nc\t8\tdeletion\tCAC\tC\t.\t.\t.\n`);
    for (const [runLeftNormalization, expected] of [
      [true, ['2', '5', 'GCA', '[G]']],
      [false, ['7', '10', 'CAC', '[C]']],
    ] as const) {
      const job = await importFiles(room, 'jobs', { 'deletion.vcf': vcf }, { runLeftNormalization });
      assert.equal(job.status, 'COMPLETED', JSON.stringify(job));
      assert.equal(job.runLeftNormalization, runLeftNormalization);
      const { rows } = await ask(
        room,
        `SELECT start, "end", referenceallele, alternatealleles FROM jobs
         WHERE importjobid = '${job.id}' AND cardinality(alternatealleles) > 0`,
      );
      assert.deepEqual(rows[1], expected);
    }
  });

  test('a REF that the reference does not have, or a contig that it lacks, fails a normalizing import', async () => {
    const files = {
      'other.vcf': Buffer.from(`${HEADER}c\t1\t.\tT\tA\t.\t.\t.\n`),
      'contig.vcf': Buffer.from(`${HEADER}d\t1\t.\tT\tA\t.\t.\t.\n`),
    };
    const job = await importFiles(room, 'jobs', files, { runLeftNormalization: true });
    assert.equal(job.status, 'FAILED');
    assert.match(job.items![0]!.statusMessage!, /line 3: REF is "T", but the reference has "G" at c:1/);
    assert.match(job.items![1]!.statusMessage!, /line 3: contig "d" is not in the reference/);
  });

  test('small files of one job share the table’s files: of few samples, of many, of none, and gzip among them', async () => {
    const id = await makeStore(room, 'shared');
    const job = await importFiles(room, 'shared', {
      'few.vcf': samplesFile(['a', 'b']),
      'many.vcf.gz': gzipSync(samplesFile(NINE)),
      'none.vcf': Buffer.from(`${HEADER}c\t5\tsite\tA\tG\t.\t.\tDP=5\n`),
      'others.vcf': samplesFile(NINE.map((name) => `other${name}`)),
    });
    assert.equal(job.status, 'COMPLETED', JSON.stringify(job));
    const files = await listFiles(room.records.direct, SCOPE, id);
    assert.deepEqual(
      files.map(({ kind, rows }) => [kind, rows]),
      [
        ['rows', 2 * 2 + 1],
        ['sites', 2 * 2],
        ['genotypes', 2 * 2 * 9],
      ],
    );
    const { rows } = await ask(
      room,
      `SELECT sampleid, array_agg(start ORDER BY start), array_agg(depth ORDER BY start) FROM shared
       GROUP BY 1 ORDER BY 1 NULLS LAST`,
    );
    const expected = ['a', 'b', ...NINE, ...NINE.map((name) => `other${name}`)].sort();
    assert.deepEqual(rows.slice(1), [
      ...expected.map((name) => [name, '[6, 8]', `[${depthOf(name)}, ${depthOf(name) + 1}]`]),
      [null, '[4]', '[null]'],
    ]);
  });

  test('of small files of one job those that are wrong fail, each with its line; the others are there', async () => {
    await makeStore(room, 'mixed');
    const job = await importFiles(room, 'mixed', {
      'a.vcf': samplesFile(['a']),
      'wrong.vcf': Buffer.from(`${HEADER}c\tfive\t.\tA\tG\t.\t.\t.\n`),
      'cut.vcf.gz': gzipSync(samplesFile(['c'])).subarray(0, -20),
      'b.vcf': samplesFile(['b']),
    });
    assert.equal(job.status, 'COMPLETED_WITH_FAILURES');
    assert.deepEqual(
      job.items!.map(({ jobStatus }) => jobStatus),
      ['COMPLETED', 'FAILED', 'FAILED', 'COMPLETED'],
    );
    assert.match(job.items![1]!.statusMessage!, /line 3: POS must be a number, found "five"/);
    assert.match(job.items![2]!.statusMessage!, /truncated/);
    const { rows } = await ask(room, 'SELECT sampleid, count(*) FROM mixed GROUP BY 1 ORDER BY 1');
    assert.deepEqual(rows.slice(1), [
      ['a', '2'],
      ['b', '2'],
    ]);
  });

  test('a cancelled job is CANCELLED at once, and none of its file becomes visible', async () => {
    const lines = Array.from({ length: 300_000 }, (_, n) => `c\t${n + 1}\tendless\tA\tG\t.\t.\tDP=${n}\n`);
    const actor = { scope: SCOPE, principal: rootPrincipal(SCOPE.account) };
    await room.objects.put(actor, 's3://bucket/endless.vcf', Buffer.from(HEADER + lines.join('')));
    const items = [{ source: 's3://bucket/endless.vcf' }];
    const { jobId } = await room.call<{ jobId: string }>('StartVariantImportJob', {
      destinationName: 'jobs',
      roleArn: ROLE,
      items,
    });
    const get = { jobId };
    await room.until<GetVariantImportResponse>(
      'GetVariantImportJob',
      get,
      ({ status }) => status === 'IN_PROGRESS',
    );
    await room.call('CancelVariantImportJob', get);
    const job = await room.call<GetVariantImportResponse>('GetVariantImportJob', get);
    assert.equal(job.status, 'CANCELLED');
    assert.equal(job.items![0]!.jobStatus, 'CANCELLED');
    const { rows } = await ask(room, `SELECT count(*) FROM jobs WHERE contains(names, 'endless')`);
    assert.deepEqual(rows[1], ['0']);
  });
});
