import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { GetAnnotationImportResponse } from '@aws-sdk/client-omics';
import { listFiles } from '../table/file-rows.ts';
import {
  importAnnotations,
  makeAnnotationStore,
  startAnnotationImport,
  tsv,
} from '../testing/annotation-story.ts';
import { crashAfter } from '../testing/crash.ts';
import { SCOPE, TestAnalytics } from '../testing/room.ts';
import { ask } from '../testing/story.ts';

const layout = {
  annotationType: 'CHR_POS',
  formatToHeader: { CHR: 'contig', POS: 'site' },
  schema: [{ contig: 'STRING' }, { site: 'LONG' }, { note: 'STRING' }],
};
const rows = (contig: string, count: number) =>
  Buffer.from(Array.from({ length: count }, (_, n) => `${contig}\t${n + 1}\tnote ${n}\n`).join(''));

test('an annotation import whose server is killed completes once after a restart, and leaves no orphan', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'helicase-annotation-crash-'));
  const first = await TestAnalytics.open({ directory });
  const storeOptions = { tsvStoreOptions: layout };
  const { id } = await makeAnnotationStore(first, 'hardy', { storeFormat: 'TSV', storeOptions });
  await importAnnotations(first, 'hardy', rows('early', 500), tsv({}));
  await first.records.jobs.stop();
  const jobId = await startAnnotationImport(first, 'hardy', rows('late', 400_000), tsv({}));
  await first.closeKeeping();

  for (const milliseconds of [60, 400, 900]) await crashAfter(directory, milliseconds);

  const again = await TestAnalytics.open({ directory });
  try {
    const early = await ask(again, `SELECT count(*) FROM hardy WHERE contig = 'early'`);
    assert.deepEqual(early.rows[1], ['500']);
    await again.until<GetAnnotationImportResponse>(
      'GetAnnotationImportJob',
      { jobId },
      ({ status }) => status === 'COMPLETED',
    );
    const { rows: counted } = await ask(
      again,
      'SELECT contig, count(*), count(DISTINCT site), min(site), max("end") FROM hardy GROUP BY 1 ORDER BY 1',
    );
    assert.deepEqual(counted.slice(1), [
      ['early', '500', '500', '0', '500'],
      ['late', '400000', '400000', '0', '400000'],
    ]);
    await again.vault.sweep();
    const kept = (await listFiles(again.records.direct, SCOPE, id!)).map(({ blob }) => blob.id).sort();
    const stored: string[] = [];
    for await (const blob of again.store.list()) stored.push(blob.id);
    assert.deepEqual(stored.sort(), kept);
  } finally {
    await again.close();
  }
});
