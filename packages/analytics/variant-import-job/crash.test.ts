import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { GetVariantImportResponse } from '@aws-sdk/client-omics';
import { listFiles } from '../table/file-rows.ts';
import { crashAfter } from '../testing/crash.ts';
import { ROLE, SCOPE, TestAnalytics } from '../testing/room.ts';
import { ask, importFiles, makeStore } from '../testing/story.ts';

function vcf(contig: string, records: number): Buffer {
  const lines = Array.from(
    { length: records },
    (_, n) => `${contig}\t${n + 1}\t.\tA\tG\t9\tPASS\tDP=${n}\tGT:DP\t0/1:${n}\n`,
  );
  const header = '##fileformat=VCFv4.3\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS\n';
  return Buffer.from(header + lines.join(''));
}

test('an import whose server is killed leaves earlier data as they were, and completes after a restart', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'helicase-crash-'));
  const first = await TestAnalytics.open({ directory });
  const storeId = await makeStore(first, 'hardy');
  await importFiles(first, 'hardy', { 'early.vcf': vcf('early', 500) });
  const actor = {
    scope: SCOPE,
    principal: { account: SCOPE.account, kind: 'root', arn: '', id: '' } as const,
  };
  await first.objects.put(actor, 's3://bucket/late.vcf', vcf('late', 120_000));
  await first.records.jobs.stop();
  const items = ['late.vcf', 'early.vcf'].map((name) => ({ source: `s3://bucket/${name}` }));
  const input = { destinationName: 'hardy', roleArn: ROLE, items };
  const { jobId } = await first.call<{ jobId: string }>('StartVariantImportJob', input);
  await first.closeKeeping();

  for (const milliseconds of [60, 400, 900]) await crashAfter(directory, milliseconds);

  const again = await TestAnalytics.open({ directory });
  try {
    const early = await ask(
      again,
      `SELECT count(*) FROM hardy WHERE contigname = 'early' AND importjobid <> '${jobId}'`,
    );
    assert.deepEqual(early.rows[1], ['500']);
    const get = { jobId };
    const done = await again.until<GetVariantImportResponse>(
      'GetVariantImportJob',
      get,
      ({ status }) => status === 'COMPLETED',
    );
    assert.deepEqual(
      done.items!.map(({ jobStatus }) => jobStatus),
      ['COMPLETED', 'COMPLETED'],
    );
    const { rows } = await ask(
      again,
      'SELECT contigname, count(*), count(DISTINCT start) FROM hardy GROUP BY 1 ORDER BY 1',
    );
    assert.deepEqual(rows.slice(1), [
      ['early', '1000', '500'],
      ['late', '120000', '120000'],
    ]);
    await again.vault.sweep();
    const kept = (await listFiles(again.records.direct, SCOPE, storeId)).map(({ blob }) => blob.id).sort();
    const stored: string[] = [];
    for await (const { id } of again.store.list()) stored.push(id);
    assert.deepEqual(stored.sort(), kept);
  } finally {
    await again.close();
  }
});
