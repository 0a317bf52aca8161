import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { GetVariantImportResponse } from '@aws-sdk/client-omics';
import { rootPrincipal } from '@helicase/kernel';
import { listFiles } from '../packages/analytics/table/file-rows.ts';
import { ROLE, SCOPE, TestAnalytics } from '../packages/analytics/testing/room.ts';
import { makeStore } from '../packages/analytics/testing/story.ts';
import { asked, median } from './athena.ts';
import { writeSimulatedVcf } from './simulated-vcf.ts';

/**
 * What a question takes of a store of many files, a sample each, as soon as the job that imported them ends, against a
 * store of one of them, through Athena's operations:
 *
 *     node_modules/.bin/node bench/analytics-many-files.ts [files, records of each]
 *
 * Targets at 100 files: three times that of one file. Exits 1 where it is not reached.
 */

const FACTOR = 3;
const TIMES = 7;
const QUESTIONS: Readonly<Record<string, string>> = {
  region: `SELECT contigname, start, sampleid FROM %s WHERE contigname = 'chr1' AND start BETWEEN 10000 AND 12000`,
  sample: `SELECT count(*) FROM %s WHERE sampleid = 'S00000'`,
  'whole table': 'SELECT count(*) FROM %s WHERE depth > 30',
};

/** The same records of another sample. */
function sampleFile(vcf: string, sample: number): Buffer {
  return Buffer.from(vcf.replace('\tS00000\n', `\tS${String(sample).padStart(5, '0')}\n`));
}

async function imported(room: TestAnalytics, store: string, vcf: string, files: number): Promise<string> {
  const id = await makeStore(room, store);
  const actor = { scope: SCOPE, principal: rootPrincipal(SCOPE.account) };
  const items = Array.from({ length: files }, (_, n) => ({ source: `s3://bucket/${store}/${n}.vcf` }));
  for (const [n, { source }] of items.entries()) await room.objects.put(actor, source, sampleFile(vcf, n));
  const start = { destinationName: store, roleArn: ROLE, items };
  const { jobId } = await room.call<{ jobId: string }>('StartVariantImportJob', start);
  const begin = performance.now();
  for (;;) {
    const job = await room.call<GetVariantImportResponse>('GetVariantImportJob', { jobId });
    if (job.status === 'COMPLETED') break;
    if (job.status !== 'SUBMITTED' && job.status !== 'IN_PROGRESS') throw new Error(job.statusMessage);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const seconds = (performance.now() - begin) / 1000;
  const live = await listFiles(room.records.direct, SCOPE, id);
  console.log(`${files} files imported in ${seconds.toFixed(1)} s; the table has ${live.length} files`);
  return id;
}

interface Latency {
  /** The first time, when nothing was read before. */
  readonly first: number;
  readonly median: number;
}

async function latencies(room: TestAnalytics, store: string): Promise<Readonly<Record<string, Latency>>> {
  const found: Record<string, Latency> = {};
  for (const [name, sql] of Object.entries(QUESTIONS)) {
    const ask = () => asked(room, sql.replace('%s', store));
    found[name] = { first: await ask(), median: await median(TIMES, ask) };
  }
  return found;
}

const [files = '100', records = '2000'] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), 'helicase-bench-many-'));
const room = await TestAnalytics.open();
try {
  const path = join(folder, 'one.vcf');
  await writeSimulatedVcf(path, 'single', { records: Number(records), samples: 1 });
  const vcf = readFileSync(path, 'utf8');
  await imported(room, 'one', vcf, 1);
  await asked(room, 'SELECT 1'); // starts the engine
  const one = await latencies(room, 'one');
  await imported(room, 'many', vcf, Number(files));
  const many = await latencies(room, 'many');
  let isReached = true;
  for (const [name, { first, median: usual }] of Object.entries(many)) {
    const ratio = usual / one[name]!.median;
    isReached &&= ratio <= FACTOR;
    console.log(
      `${name.padEnd(12)} one file ${one[name]!.median.toFixed(0)} ms; ${files} files ${usual.toFixed(0)} ms, the first time ${first.toFixed(0)}: ${ratio.toFixed(1)} times (at most ${FACTOR})${ratio <= FACTOR ? '' : ' NOT REACHED'}`,
    );
  }
  process.exitCode = isReached ? 0 : 1;
} finally {
  await room.close();
  rmSync(folder, { recursive: true, force: true });
}
