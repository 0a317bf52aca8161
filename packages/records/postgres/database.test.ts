import { describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { sql } from 'kysely';
import { systemClock } from '@helicase/kernel';
import { type Books, declareBooks, EAST, actorIn, until, worker } from '../testing/example.ts';
import { dialectsUnderTest, openTestRecords } from '../testing.ts';

const postgres = dialectsUnderTest().find(({ dialect }) => dialect === 'postgres');

describe('PostgreSQL as it is in real life', { skip: postgres?.skip }, () => {
  test('several servers may open a new database at the same moment', async () => {
    const first = await openTestRecords({ dialect: 'postgres' });
    await sql`drop schema public cascade`.execute(first.records.direct.sql);
    await sql`create schema public`.execute(first.records.direct.sql);
    const others = await Promise.all(
      [1, 2, 3, 4].map(() =>
        openTestRecords({
          dialect: 'postgres',
          database: first.database,
          declare: (records) => void declareBooks(records),
        }),
      ),
    );
    for (const other of [...others, first]) await other.close();
  });

  test('connections that break fail what they were doing and nothing after', async () => {
    let books: Books | undefined;
    const { records, close } = await openTestRecords({
      dialect: 'postgres',
      timing: { poll: 30, backOff: 20 },
      declare: (declared) => (books = declareBooks(declared)),
    });
    const done: string[] = [];
    records.jobs.register(
      worker({
        attempts: 100,
        run: async (run) => {
          await run.commit(async (tx) => {
            const doc = { title: run.subject, pages: 1 };
            if (await books!.find(tx, EAST, run.subject)) return;
            await books!.insert(tx, { scope: EAST, id: run.subject, status: 'WRITING', doc });
            await systemClock.sleep(5);
          });
          done.push(run.subject);
        },
      }),
    );
    records.jobs.start();
    await records.transaction(async (tx) => {
      for (let number = 0; number < 60; number++) {
        await records.jobs.enqueue(tx, {
          actor: actorIn(EAST),
          kind: 'errand',
          subject: `${number}`,
          input: {},
        });
      }
    });
    for (let cut = 0; cut < 5; cut++) {
      await systemClock.sleep(15);
      await sql`select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid()`
        .execute(records.direct.sql)
        .catch(() => {}); // the connection that cuts may be one that was cut
    }
    const unfinished = async () =>
      (await sql`select id from job where status in ('queued', 'running')`.execute(records.direct.sql)).rows
        .length;
    await until(async () => (await unfinished().catch(() => 1)) === 0);
    assert.equal(new Set(done).size, 60);
    assert.equal(await books!.count(records.direct, EAST, {}), 60);
    assert.equal((await records.events(0, 1000)).length, 60);
    await close();
  });
});
