import { type ChildProcess, spawn } from 'node:child_process';
import { afterEach, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { systemClock } from '@helicase/kernel';
import { LeaseLost, type Records, type RecordsTiming, tables } from '../index.ts';
import type { CoreTables } from '../schema/tables.ts';
import { declareErrands, type ErrandTables, errandWorker } from '../testing/errands.ts';
import { actorIn, EAST, SCOPES, until, worker } from '../testing/example.ts';
import { dialectsUnderTest, openTestRecords } from '../testing.ts';

const SERVER = fileURLToPath(new URL('../testing/children/errand-server.ts', import.meta.url));
const JOBS = 200;
const FAST: Partial<RecordsTiming> = { lease: 600, heartbeat: 150, poll: 30, backOff: 10, stopGrace: 500 };

const postgres = dialectsUnderTest().find(({ dialect }) => dialect === 'postgres');

describe('several servers on one PostgreSQL', { skip: postgres?.skip }, () => {
  const closing: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
  });

  async function open(
    timing: Partial<RecordsTiming>,
    database?: Awaited<ReturnType<typeof openTestRecords>>['database'],
  ) {
    const opened = await openTestRecords({
      dialect: 'postgres',
      database,
      timing: { ...FAST, ...timing },
      declare: declareErrands,
    });
    closing.push(() => opened.close());
    return opened;
  }

  test(`${JOBS} jobs are each done once, and both servers have their share`, async () => {
    const one = await open({});
    const two = await open({}, one.database);
    await enqueueErrands(one.records);
    for (const [name, { records }] of Object.entries({ one, two })) {
      records.jobs.register(errandWorker(name, () => systemClock.sleep(2)));
      records.jobs.start();
    }
    await allDone(one.records);
    const marks = await marksOf(one.records);
    assert.equal(marks.length, JOBS);
    assert.equal(new Set(marks.map(({ subject }) => subject)).size, JOBS);
    const shares = Map.groupBy(marks, ({ server }) => server);
    assert.ok((shares.get('one')?.length ?? 0) > 10 && (shares.get('two')?.length ?? 0) > 10);
  });

  for (const moment of [5, 60, 140, 260]) {
    test(`the jobs of a server killed after ${moment} ms are taken over, and none is visible twice`, async () => {
      const { records, database } = await open({});
      assert.ok(database.kind === 'postgres');
      await enqueueErrands(records);
      const servers = await Promise.all(
        ['doomed', 'survivor'].map((name) => startServer(database.url, name, FAST.lease!)),
      );
      closing.push(async () => servers.forEach((server) => server.kill('SIGKILL')));
      await systemClock.sleep(moment);
      servers[0]!.kill('SIGKILL');
      await allDone(records);
      const marks = await marksOf(records);
      assert.equal(marks.length, JOBS);
      assert.equal(new Set(marks.map(({ subject }) => subject)).size, JOBS);
    });
  }

  test('a server that is silent for too long loses its jobs and can commit nothing of them', async () => {
    const silent = await open({ heartbeat: 3_600_000, lease: 3_600_000 });
    const other = await open({}, silent.database);
    const gate = Promise.withResolvers<void>();
    const stale = Promise.withResolvers<unknown>();
    silent.records.jobs.register(
      worker({
        run: async (run) => {
          await gate.promise;
          stale.resolve(await run.commit((tx) => mark(tx, 'silent')).catch((error: unknown) => error));
        },
      }),
    );
    silent.records.jobs.start();
    await enqueue(silent.records, 'contested');
    await until(async () => (await statusOf(silent.records, 'contested')) === 'running');
    other.records.jobs.register(
      worker({ run: async (run) => void (await run.commit((tx) => mark(tx, 'other'))) }),
    );
    other.records.jobs.start();
    await allDone(other.records);
    gate.resolve();
    assert.ok((await stale.promise) instanceof LeaseLost);
    assert.deepEqual(
      (await marksOf(other.records)).map(({ server }) => server),
      ['other'],
    );
  });

  test('a server that was given up for dead stops what it does and goes on under a new name', async () => {
    const { records } = await open({});
    const reasons: unknown[] = [];
    records.jobs.register(
      worker({
        run: async (run) => {
          if (reasons.length > 0) return;
          await new Promise<void>((resolve) => run.signal.addEventListener('abort', () => resolve()));
          reasons.push(run.signal.reason);
        },
      }),
    );
    records.jobs.start();
    await enqueue(records, 'unlucky');
    await until(async () => (await statusOf(records, 'unlucky')) === 'running');
    // What the others do to a dead server, in one transaction.
    await records.transaction(async (tx) => {
      await tables<CoreTables>(tx).deleteFrom('instance').execute();
      await tables<CoreTables>(tx).updateTable('job').set({ status: 'queued', instance: null }).execute();
    });
    await allDone(records);
    assert.deepEqual(reasons, ['lease-lost']);
    await records.blobs.begin(EAST, 'after the new beginning');
    assert.deepEqual(await records.blobs.garbage(10), []);
  });

  test('a cancellation on one server reaches the attempt on another', async () => {
    const one = await open({});
    const two = await open({}, one.database);
    const aborted = Promise.withResolvers<unknown>();
    two.records.jobs.register(
      worker({
        run: (run) =>
          new Promise((_, reject) =>
            run.signal.addEventListener('abort', () => {
              aborted.resolve(run.signal.reason);
              reject(run.signal.reason as Error);
            }),
          ),
      }),
    );
    two.records.jobs.start();
    await enqueue(one.records, 'far');
    await until(async () => (await statusOf(one.records, 'far')) === 'running');
    await one.records.transaction((tx) => one.records.jobs.cancel(tx, EAST, 'errand', 'far'));
    assert.equal(await aborted.promise, 'cancelled');
    await until(async () => (await statusOf(one.records, 'far')) === 'cancelled');
  });

  test('while one attempt commits on a resource and another server cancels it, neither waits for ever', async () => {
    const { records } = await open({});
    const committing = Promise.withResolvers<void>();
    const cancelled = Promise.withResolvers<void>();
    records.jobs.register(
      worker({
        run: async (run) => {
          await run.commit(async (tx) => {
            committing.resolve();
            await cancelled.promise; // the cancelling transaction commits while this one is open
            await mark(tx, 'committed');
          });
        },
      }),
    );
    records.jobs.start();
    await enqueue(records, 'both');
    await committing.promise;
    assert.equal(await records.transaction((tx) => records.jobs.cancel(tx, EAST, 'errand', 'both')), true);
    cancelled.resolve();
    await until(async () => (await statusOf(records, 'both')) === 'cancelled');
    assert.equal((await marksOf(records)).length, 1);
  });
});

async function enqueueErrands(records: Records): Promise<void> {
  await records.transaction(async (tx) => {
    for (let number = 0; number < JOBS; number++) {
      const actor = actorIn(SCOPES[number % SCOPES.length]!);
      await records.jobs.enqueue(tx, { actor, kind: 'errand', subject: `errand-${number}`, input: {} });
    }
  });
}

function enqueue(records: Records, subject: string): Promise<string> {
  return records.jobs.enqueue(records.direct, { actor: actorIn(EAST), kind: 'errand', subject, input: {} });
}

async function allDone(records: Records): Promise<void> {
  await until(async () => {
    const unfinished = await tables<CoreTables>(records.direct)
      .selectFrom('job')
      .select('id')
      .where('status', 'in', ['queued', 'running'])
      .execute();
    return unfinished.length === 0;
  });
}

async function statusOf(records: Records, subject: string): Promise<string | undefined> {
  const row = await tables<CoreTables>(records.direct)
    .selectFrom('job')
    .select('status')
    .where('subject', '=', subject)
    .executeTakeFirst();
  return row?.status;
}

function marksOf(records: Records) {
  return tables<ErrandTables>(records.direct).selectFrom('errand_done').selectAll().execute();
}

async function mark(tx: Parameters<typeof tables>[0], server: string): Promise<void> {
  await tables<ErrandTables>(tx).insertInto('errand_done').values({ subject: 'x', server }).execute();
}

async function startServer(url: string, name: string, lease: number): Promise<ChildProcess> {
  const child = spawn(process.execPath, [SERVER, url, name, String(lease)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await new Promise<void>((resolve, reject) => {
    child.on('error', reject);
    child.stdout.once('data', () => resolve());
  });
  return child;
}
