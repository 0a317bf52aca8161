/**
 * 100,000 runs queued, of ten accounts with ten run groups each, and how long it takes to decide which goes next: from
 * the end of one run to the beginning of the next, the end's durable record included, in the server's own code on
 * SQLite with one run at a time. Prints the median and the 99th percentile of 500 decisions and the process's memory;
 * exits 1 above 10 ms at the median or above 1 GiB.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ids, rootPrincipal, silentLog, systemClock, systemRandom } from '@helicase/kernel';
import { createRecords } from '@helicase/records';
import { runGroupTable } from '../packages/workflows/run-group/model.ts';
import { runLane, runLimits } from '../packages/workflows/scheduling/run-limits.ts';

const RUNS = Number(process.argv[2] ?? 100_000);
const ACCOUNTS = 10;
const GROUPS = 10;
const DECISIONS = 500;
const AT_ONCE = 1_000;
const TARGET_MILLISECONDS = 10;
const TARGET_BYTES = 2 ** 30;

const directory = mkdtempSync(join(tmpdir(), 'queued-runs-'));
const ids = new Ids(systemClock, systemRandom);
const records = createRecords({
  database: { kind: 'sqlite', file: join(directory, 'records.sqlite') },
  ...{ clock: systemClock, ids, random: systemRandom, log: silentLog },
});
const runGroups = runGroupTable(records);
await records.open();
try {
  await enqueueAll();
  const gaps = (await decide()).toSorted((a, b) => a - b);
  const [median, late] = [gaps[Math.floor(gaps.length / 2)]!, gaps[Math.floor(gaps.length * 0.99)]!];
  const memory = process.memoryUsage().rss;
  console.log(
    `${RUNS} queued runs, ${ACCOUNTS * GROUPS} groups: ${median.toFixed(2)} ms from one run's end to the next one's ` +
      `beginning (median; 99% within ${late.toFixed(2)} ms; target ${TARGET_MILLISECONDS} ms), ` +
      `${(memory / 2 ** 20).toFixed(0)} MiB (target 1024 MiB)`,
  );
  if (median > TARGET_MILLISECONDS || memory > TARGET_BYTES) process.exitCode = 1;
} finally {
  await records.close();
  rmSync(directory, { recursive: true, force: true });
}

async function enqueueAll(): Promise<void> {
  const accounts = Array.from({ length: ACCOUNTS }, (_, index) => String(111122223330 + index));
  const groups = new Map<string, string[]>();
  for (const account of accounts) {
    const scope = { account, region: 'us-east-1' };
    const made = Array.from({ length: GROUPS }, () => ids.numeric());
    for (const id of made) {
      const doc = { maxRuns: 100, tags: {} };
      await runGroups.insert(records.direct, { scope, id, status: 'ACTIVE', doc });
    }
    groups.set(account, made);
  }
  for (let from = 0; from < RUNS; from += AT_ONCE) {
    await records.transaction(async (tx) => {
      for (let run = from; run < Math.min(from + AT_ONCE, RUNS); run += 1) {
        const account = accounts[run % ACCOUNTS]!;
        const scope = { account, region: 'us-east-1' };
        const lane = runLane(scope, groups.get(account)![Math.floor(run / ACCOUNTS) % GROUPS]);
        const actor = { scope, principal: rootPrincipal(account) };
        const subject = String(run);
        await records.jobs.enqueue(tx, { actor, kind: 'run', subject, input: {}, lane, priority: run % 7 });
      }
    });
  }
}

/** Milliseconds between runs. */
async function decide(): Promise<readonly number[]> {
  const gaps: number[] = [];
  const done = Promise.withResolvers<void>();
  let ended: number | undefined;
  records.jobs.register({
    kind: 'run',
    concurrency: 1,
    limits: runLimits({ records, runGroups, clock: systemClock, limits: { activeRuns: 10 } }),
    run: async () => {
      if (ended !== undefined) gaps.push(performance.now() - ended);
      if (gaps.length >= DECISIONS) done.resolve();
      ended = performance.now();
    },
    exhausted: async (_tx, _job, error) => done.reject(error),
  });
  records.jobs.start();
  await done.promise;
  await records.jobs.stop();
  return gaps;
}
