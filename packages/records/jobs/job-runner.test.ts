import { after, afterEach, beforeEach, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import type { JobRequest, JobWorker, Records, RecordsTiming, Transaction } from '../index.ts';
import { LeaseLost, tables } from '../index.ts';
import type { CoreTables, JobRow } from '../schema/tables.ts';
import {
  actorIn,
  type Books,
  declareBooks,
  EAST,
  OTHER_EAST,
  SCOPES,
  until,
  WEST,
  worker,
} from '../testing/example.ts';
import { dialectsUnderTest, openTestRecords, type TestRecords } from '../testing.ts';

const TIMING: Partial<RecordsTiming> = { poll: 25, backOff: 10, longestBackOff: 40, stopGrace: 200 };

for (const { dialect, skip } of dialectsUnderTest()) {
  describe(`jobs on ${dialect}`, { skip }, () => {
    let opened: TestRecords;
    let records: Records;
    let books: Books;
    const openedAll: TestRecords[] = [];

    beforeEach(async () => {
      opened = await open();
      records = opened.records;
    });
    afterEach(() => opened.records.close());
    after(async () => {
      for (const each of openedAll) await each.close();
    });

    async function open(database?: TestRecords['database']): Promise<TestRecords> {
      const next = await openTestRecords({
        dialect,
        database,
        timing: TIMING,
        declare: (declared) => (books = declareBooks(declared)),
      });
      openedAll.push(next);
      return next;
    }

    /** The server goes away in an orderly way and comes again on the same database. */
    async function restart(): Promise<void> {
      await records.close();
      opened = await open(opened.database);
      records = opened.records;
    }

    const enqueue = (request: Partial<JobRequest<unknown>> & { subject: string }) =>
      records.transaction((tx) =>
        records.jobs.enqueue(tx, { actor: actorIn(EAST), kind: 'errand', input: {}, ...request }),
      );
    const work = (given: Parameters<typeof worker>[0]) => {
      records.jobs.register(worker(given));
      records.jobs.start();
    };
    const row = (id: string): Promise<JobRow | undefined> =>
      tables<CoreTables>(records.direct)
        .selectFrom('job')
        .selectAll()
        .where('id', '=', id)
        .executeTakeFirst();
    const statusIs = (id: string, status: JobRow['status']) =>
      until(async () => (await row(id))?.status === status);

    test('a job runs with its actor, subject and input, and is done', async () => {
      const runs: unknown[] = [];
      work({
        run: async (run) => void runs.push([run.actor, run.subject, run.input, run.state, run.attempt]),
      });
      const id = await enqueue({ actor: actorIn(WEST), subject: '42', input: { source: 's3://a/b' } });
      await statusIs(id, 'done');
      assert.deepEqual(runs, [[actorIn(WEST), '42', { source: 's3://a/b' }, undefined, 1]]);
      assert.equal(await records.jobs.find(records.direct, WEST, 'errand', '42'), undefined);
    });

    test('a job is never seen where the transaction that enqueued it failed', async () => {
      const subjects: string[] = [];
      work({ run: async (run) => void subjects.push(run.subject) });
      await assert.rejects(
        records.transaction(async (tx) => {
          await records.jobs.enqueue(tx, {
            actor: actorIn(EAST),
            kind: 'errand',
            subject: 'never',
            input: {},
          });
          throw new Error('rolled back');
        }),
      );
      await statusIs(await enqueue({ subject: 'later' }), 'done');
      assert.deepEqual(subjects, ['later']);
    });

    test('a subject has one unfinished job of a kind in its account and region', async () => {
      const ids = [];
      for (const scope of SCOPES) ids.push(await enqueue({ actor: actorIn(scope), subject: 'same' }));
      assert.equal(new Set(ids).size, SCOPES.length);
      assert.equal(await enqueue({ subject: 'same' }), ids[0]);
      assert.notEqual(await enqueue({ subject: 'same', kind: 'other-errand' }), ids[0]);
      work({ run: async () => {} });
      for (const id of ids) await statusIs(id, 'done');
      const again = await enqueue({ subject: 'same' });
      assert.notEqual(again, ids[0]);
      await statusIs(again, 'done');
    });

    test('never more run at once than the worker allows', async () => {
      let running = 0;
      let most = 0;
      work({
        concurrency: 3,
        run: async () => {
          most = Math.max(most, ++running);
          await new Promise((resolve) => setTimeout(resolve, 5));
          running -= 1;
        },
      });
      const ids = await Promise.all(
        Array.from({ length: 20 }, (_, index) => enqueue({ subject: `${index}` })),
      );
      for (const id of ids) await statusIs(id, 'done');
      assert.equal(most, 3);
    });

    test('within an account the most urgent goes first, then the oldest', async () => {
      const order: string[] = [];
      await enqueue({ subject: 'first' });
      await enqueue({ subject: 'second' });
      await enqueue({ subject: 'urgent', priority: 5 });
      const last = await enqueue({ subject: 'unimportant', priority: -1 });
      work({ concurrency: 1, run: async (run) => void order.push(run.subject) });
      await statusIs(last, 'done');
      assert.deepEqual(order, ['urgent', 'first', 'second', 'unimportant']);
    });

    test('an account with few jobs is not kept waiting by one with many', async () => {
      const order: string[] = [];
      for (let index = 0; index < 20; index++) await enqueue({ subject: `many-${index}` });
      for (let index = 0; index < 3; index++) {
        await enqueue({ actor: actorIn(OTHER_EAST), subject: `few-${index}` });
      }
      work({ concurrency: 2, run: async (run) => void order.push(run.subject) });
      await until(() => order.length === 23);
      const places = [0, 1, 2].map((index) => order.indexOf(`few-${index}`));
      assert.ok(Math.max(...places) < 8, `the few came at ${places.join(', ')}`);
    });

    test('lanes of an account are served in turn, and none beyond its limit', async () => {
      const order: string[] = [];
      for (let index = 0; index < 12; index++) await enqueue({ subject: `many-${index}`, lane: 'many' });
      await enqueue({ subject: 'few', lane: 'few' });
      const running = { many: 0, all: 0 };
      const most = { many: 0, all: 0 };
      const full = Promise.withResolvers<void>();
      work({
        concurrency: 8,
        limits: async () => ({ perAccount: () => 3, lane: (_, lane) => (lane === 'many' ? 2 : undefined) }),
        run: async ({ subject }) => {
          order.push(subject);
          const kinds = subject === 'few' ? (['all'] as const) : (['all', 'many'] as const);
          for (const kind of kinds) most[kind] = Math.max(most[kind], ++running[kind]);
          if (running.all === 3) full.resolve();
          await full.promise; // nobody ends before the account has as many as it may
          await new Promise((resolve) => setTimeout(resolve, 20)); // long enough for one too many
          for (const kind of kinds) running[kind] -= 1;
        },
      });
      await until(() => order.length === 13);
      assert.deepEqual(most, { many: 2, all: 3 });
      assert.ok(order.indexOf('few') < 3, `the one of the other lane came at ${order.indexOf('few')}`);
    });

    test('no job waits for ever behind more urgent ones', async () => {
      const order: string[] = [];
      await enqueue({ subject: 'modest' });
      for (let index = 0; index < 10; index++) await enqueue({ subject: `urgent-${index}`, priority: 9 });
      work({ concurrency: 1, run: async (run) => void order.push(run.subject) });
      await until(() => order.length === 11);
      assert.equal(order.indexOf('modest'), 7);
    });

    test('a job whose time has not come waits', async () => {
      work({ run: async () => {} });
      const time = Date.now() + 150;
      const id = await enqueue({ subject: 'later', notBefore: time });
      await statusIs(id, 'done');
      assert.ok(Date.now() >= time);
    });

    test('an attempt that throws is tried again from its last checkpoint', async () => {
      const attempts: unknown[] = [];
      work({
        run: async (run) => {
          attempts.push([run.attempt, run.state]);
          if (run.attempt === 1) await run.checkpoint({ step: 'one' });
          if (run.attempt === 2) await run.checkpoint({ step: 'two' });
          if (run.attempt < 3) throw new Error('not yet');
        },
      });
      await statusIs(await enqueue({ subject: 'stubborn' }), 'done');
      assert.deepEqual(attempts, [
        [1, undefined],
        [2, { step: 'one' }],
        [3, { step: 'two' }],
      ]);
    });

    test('after the last attempt the user is told in the transaction that ends the job', async () => {
      await books.insert(records.direct, {
        scope: EAST,
        id: 'doomed',
        status: 'WRITING',
        doc: { title: 'doomed', pages: null },
      });
      let attempts = 0;
      work({
        attempts: 3,
        run: async () => {
          attempts += 1;
          throw new Error(`no luck ${attempts}`);
        },
        exhausted: async (tx, job, error) => {
          await books.transition(tx, job.scope, job.subject, 'BURNT', { message: error.message });
        },
      });
      const id = await enqueue({ subject: 'doomed' });
      await statusIs(id, 'exhausted');
      assert.equal(attempts, 3);
      assert.equal((await row(id))?.error, 'no luck 3');
      const doomed = await books.find(records.direct, EAST, 'doomed');
      assert.deepEqual([doomed?.status, doomed?.statusMessage], ['BURNT', 'no luck 3']);
    });

    test('what a commit or checkpoint does is there or not there as a whole', async () => {
      const outcomes: string[] = [];
      work({
        attempts: 1,
        run: async (run) => {
          const insert = (tx: Transaction, id: string) =>
            books.insert(tx, { scope: EAST, id, status: 'WRITING', doc: { title: id, pages: null } });
          outcomes.push(await run.commit(async (tx) => (await insert(tx, 'whole')).id));
          await run.checkpoint('far', async (tx) => void (await insert(tx, 'with the checkpoint')));
          await assert.rejects(
            run.checkpoint('farther', async (tx) => {
              await insert(tx, 'half');
              throw new Error('power cut');
            }),
          );
          assert.equal(run.state, 'far');
          outcomes.push('returned');
        },
      });
      const id = await enqueue({ subject: 'whole' });
      await statusIs(id, 'done');
      assert.deepEqual(outcomes, ['whole', 'returned']);
      assert.equal((await row(id))?.state, '"far"');
      assert.ok(await books.find(records.direct, EAST, 'with the checkpoint'));
      assert.equal(await books.find(records.direct, EAST, 'half'), undefined);
    });

    test('progress is a fact on the row, written about once a second', async () => {
      const gate = Promise.withResolvers<void>();
      work({
        run: async (run) => {
          for (let done = 1; done <= 1000; done++) run.progress({ done, total: 1000, unit: 'records' });
          await gate.promise;
        },
      });
      await enqueue({ subject: 'long' });
      const find = () => records.jobs.find(records.direct, EAST, 'errand', 'long');
      await until(async () => (await find())?.progress !== undefined);
      assert.deepEqual(await find().then((job) => [job?.status, job?.progress, job?.attempt]), [
        'running',
        { done: 1, total: 1000, unit: 'records' },
        1,
      ]);
      gate.resolve();
    });

    test('cancelling a queued job ends it at once', async () => {
      const subjects: string[] = [];
      const id = await enqueue({ subject: 'unwanted' });
      assert.equal(await cancel('unwanted'), true);
      assert.equal((await row(id))?.status, 'cancelled');
      assert.equal(await cancel('unwanted'), false);
      work({ run: async (run) => void subjects.push(run.subject) });
      await statusIs(await enqueue({ subject: 'wanted' }), 'done');
      assert.deepEqual(subjects, ['wanted']);
    });

    test('cancelling reaches no other account, region or kind', async () => {
      const id = await enqueue({ subject: 'mine' });
      for (const scope of SCOPES.slice(1)) {
        assert.equal(
          await records.transaction((tx) => records.jobs.cancel(tx, scope, 'errand', 'mine')),
          false,
        );
      }
      assert.equal(await records.transaction((tx) => records.jobs.cancel(tx, EAST, 'other', 'mine')), false);
      assert.equal((await row(id))?.status, 'queued');
    });

    test('a running job that is cancelled sees its signal, commits its end and is not tried again', async () => {
      const running = Promise.withResolvers<void>();
      let attempts = 0;
      await books.insert(records.direct, {
        scope: EAST,
        id: 'stopped',
        status: 'WRITING',
        doc: { title: 'stopped', pages: null },
      });
      work({
        run: async (run) => {
          attempts += 1;
          running.resolve();
          await aborted(run.signal);
          assert.equal(run.signal.reason, 'cancelled');
          assert.equal(run.cancelled(), true);
          await run.commit((tx) => books.transition(tx, EAST, 'stopped', 'BURNT'));
          run.signal.throwIfAborted();
        },
      });
      const id = await enqueue({ subject: 'stopped' });
      await running.promise;
      assert.equal(await cancel('stopped'), true);
      await statusIs(id, 'cancelled');
      assert.equal(attempts, 1);
      assert.equal((await books.find(records.direct, EAST, 'stopped'))?.status, 'BURNT');
    });

    test('a cancellation that was not heeded before a restart is seen after it', async () => {
      const running = Promise.withResolvers<void>();
      work({
        run: () => {
          running.resolve();
          return new Promise(() => {}); // heeds nothing
        },
      });
      const id = await enqueue({ subject: 'stopped' });
      await running.promise;
      await cancel('stopped');
      await restart();
      let cancelled: boolean | undefined;
      work({ run: async (run) => void (cancelled = run.cancelled()) });
      await statusIs(id, 'cancelled');
      assert.equal(cancelled, true);
    });

    test('stopping aborts what runs and gives it back, uncounted, for the next start', async () => {
      const running = Promise.withResolvers<void>();
      const seen: unknown[] = [];
      work({
        run: async (run) => {
          await run.checkpoint('half way');
          running.resolve();
          await aborted(run.signal);
          seen.push(run.signal.reason);
          run.signal.throwIfAborted();
        },
      });
      const id = await enqueue({ subject: 'interrupted' });
      await running.promise;
      await restart();
      assert.equal((await row(id))?.status, 'queued');
      work({ run: async (run) => void seen.push([run.attempt, run.state]) });
      await statusIs(id, 'done');
      assert.deepEqual(seen, ['stopping', [1, 'half way']]);
    });

    test('a worker that does not heed the stop can commit nothing afterwards', async () => {
      const running = Promise.withResolvers<void>();
      const stopped = Promise.withResolvers<void>();
      const committed = Promise.withResolvers<unknown>();
      work({
        run: async (run) => {
          running.resolve();
          await stopped.promise;
          committed.resolve(await run.commit(async () => 'committed').catch((error: unknown) => error));
        },
      });
      const id = await enqueue({ subject: 'deaf' });
      await running.promise;
      await records.jobs.stop();
      assert.equal((await row(id))?.status, 'queued');
      stopped.resolve();
      assert.ok((await committed.promise) instanceof LeaseLost);
    });

    test('an attempt whose job somebody else claimed loses its lease and its signal says so', async () => {
      const running = Promise.withResolvers<void>();
      const taken = Promise.withResolvers<void>();
      const outcome = Promise.withResolvers<unknown>();
      work({
        run: async (run) => {
          running.resolve();
          await taken.promise;
          const insert = (tx: Transaction) =>
            books.insert(tx, {
              scope: EAST,
              id: 'stale',
              status: 'WRITING',
              doc: { title: '', pages: null },
            });
          const errors = [
            await run.commit(insert).catch((error: unknown) => error),
            await run.checkpoint('stale').catch((error: unknown) => error),
          ];
          outcome.resolve([...errors.map((error) => error instanceof LeaseLost), run.signal.reason]);
        },
      });
      const id = await enqueue({ subject: 'contested' });
      await running.promise;
      await tables<CoreTables>(records.direct)
        .updateTable('job')
        .set({ instance: 'another', fence: 99 })
        .where('id', '=', id)
        .execute();
      taken.resolve();
      assert.deepEqual(await outcome.promise, [true, true, 'lease-lost']);
      assert.equal(await books.find(records.direct, EAST, 'stale'), undefined);
      const left = await row(id);
      assert.deepEqual([left?.status, left?.instance, left?.state], ['running', 'another', null]);
    });

    test('a lease lost in the middle of a transaction rolls it back', async () => {
      const outcome = Promise.withResolvers<unknown>();
      work({
        run: async (run) => {
          const error = await run
            .commit(async (tx) => {
              await books.insert(tx, {
                scope: EAST,
                id: 'late',
                status: 'WRITING',
                doc: { title: '', pages: 0 },
              });
              await tables<CoreTables>(tx)
                .updateTable('job')
                .set({ fence: 99 })
                .where('id', '=', run.id)
                .execute();
            })
            .catch((thrown: unknown) => thrown);
          outcome.resolve(error);
        },
      });
      await enqueue({ subject: 'late' });
      assert.ok((await outcome.promise) instanceof LeaseLost);
      assert.equal(await books.find(records.direct, EAST, 'late'), undefined);
    });

    test('rows of finished jobs are kept for the configured time', async () => {
      work({ run: async () => {} });
      const id = await enqueue({ subject: 'old' });
      await statusIs(id, 'done');
      const waiting = await enqueue({ subject: 'waiting', kind: 'nobody-does-this' });
      await records.close();
      opened = await openTestRecords({
        dialect,
        database: opened.database,
        timing: { keepFinishedJobs: -1000, housekeeping: 5 },
      });
      openedAll.push(opened);
      records = opened.records;
      await until(async () => (await row(id)) === undefined);
      assert.equal((await row(waiting))?.status, 'queued');
    });

    test('two workers of one kind are refused', () => {
      const twin: JobWorker<unknown, unknown, Transaction> = worker({ run: async () => {} });
      records.jobs.register(twin);
      assert.throws(() => records.jobs.register(twin), /Two workers are registered for errand/);
    });

    function cancel(subject: string): Promise<boolean> {
      return records.transaction((tx) => records.jobs.cancel(tx, EAST, 'errand', subject));
    }
  });
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve()));
}
