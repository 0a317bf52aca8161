/**
 * 1,000 small empty jobs through the job table: enqueued one by one by ten callers, claimed, run, finished. On SQLite
 * and on PostgreSQL, against pg-boss on the same PostgreSQL, which commits durably (fsync on) for both. Prints jobs per
 * second and the ratio to pg-boss; exits 1 below the target of 1.0.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import PgBoss from 'pg-boss';
import { Ids, rootPrincipal, silentLog, systemClock, systemRandom } from '@helicase/kernel';
import { createRecords, type DatabaseOptions } from '@helicase/records';
import { temporaryDatabase } from '../packages/records/testing/temporary-postgres.ts';

const JOBS = 1000;
const CALLERS = 10;
const BATCH = 100;
const ROUNDS = 5;
const TARGET = 1;

interface Measured {
  /** Milliseconds. */
  readonly enqueue: number;
  readonly drain: number;
}

async function helicase(database: DatabaseOptions): Promise<Measured> {
  const ids = new Ids(systemClock, systemRandom);
  const records = createRecords({ database, clock: systemClock, ids, random: systemRandom, log: silentLog });
  await records.open();
  const scope = { account: '111122223333', region: 'us-east-1' };
  const actor = { scope, principal: rootPrincipal(scope.account) };
  const enqueue = await timed(() =>
    inParallel((number) =>
      records.jobs.enqueue(records.direct, {
        actor,
        kind: 'empty',
        subject: String(number),
        input: { number },
      }),
    ),
  );
  let begun = 0;
  records.jobs.register({
    kind: 'empty',
    concurrency: BATCH,
    run: async () => void (begun += 1),
    exhausted: async () => {},
  });
  const drain = await timed(async () => {
    records.jobs.start();
    while (begun < JOBS) await systemClock.sleep(1);
    // The last is done when its end is committed, which `stop` waits for.
    await records.jobs.stop();
  });
  await records.close();
  return { enqueue, drain };
}

/** Its own `work` polls every half second at most; a loop of fetch and complete is the fastest that it can do. */
async function pgBoss(url: string): Promise<Measured> {
  const boss = new PgBoss({ connectionString: url, max: 16 });
  boss.on('error', (error) => console.error(error));
  await boss.start();
  await boss.createQueue('empty');
  const enqueue = await timed(() => inParallel((number) => boss.send('empty', { number })));
  const drain = await timed(async () => {
    for (let done = 0; done < JOBS;) {
      const jobs = await boss.fetch('empty', { batchSize: BATCH });
      const ids = jobs.map(({ id }) => id);
      if (ids.length > 0) await boss.complete('empty', ids);
      done += ids.length;
    }
  });
  await boss.stop({ graceful: false });
  return { enqueue, drain };
}

async function inParallel(enqueue: (number: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const caller = async () => {
    while (next < JOBS) await enqueue(next++);
  };
  await Promise.all(Array.from({ length: CALLERS }, caller));
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** The best of the rounds: other load on the machine only ever slows. */
function best(rounds: readonly Measured[]): Measured {
  return rounds.reduce((a, b) => (a.enqueue + a.drain <= b.enqueue + b.drain ? a : b));
}

function rate({ enqueue, drain }: Measured): number {
  return JOBS / ((enqueue + drain) / 1000);
}

const folder = mkdtempSync(join(process.cwd(), '.bench-jobs-'));
try {
  const measured: Record<'SQLite' | 'PostgreSQL' | 'pg-boss', Measured[]> = {
    SQLite: [],
    PostgreSQL: [],
    'pg-boss': [],
  };
  const newUrl = () => temporaryDatabase(['fsync=on']);
  for (let round = 0; round < ROUNDS; round++) {
    // Turn and turn about, so that what else the machine does falls on all alike.
    measured['pg-boss'].push(await pgBoss(await newUrl()));
    measured.PostgreSQL.push(await helicase({ kind: 'postgres', url: await newUrl() }));
    measured.SQLite.push(await helicase({ kind: 'sqlite', file: join(folder, `${round}.sqlite`) }));
  }
  const peer = rate(best(measured['pg-boss']));
  let met = true;
  for (const [name, rounds] of Object.entries(measured)) {
    const { enqueue, drain } = best(rounds);
    const ratio = rate({ enqueue, drain }) / peer;
    met &&= ratio >= TARGET;
    console.log(
      `${name.padEnd(10)} ${rate({ enqueue, drain }).toFixed(0).padStart(6)} jobs/s  ratio ${ratio.toFixed(2)}` +
        `  (enqueue ${enqueue.toFixed(0)} ms, run ${drain.toFixed(0)} ms for ${JOBS})`,
    );
  }
  process.exitCode = met ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
