import { after, before, beforeEach, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { sql } from 'kysely';
import { NestedTransaction, type Records, tables, TransactionEnded } from './index.ts';
import { dialectsUnderTest, openTestRecords, type TestRecords } from './testing.ts';

interface Counters {
  counter: { name: string; value: number };
}

for (const { dialect, skip } of dialectsUnderTest()) {
  describe(`transactions on ${dialect}`, { skip }, () => {
    let opened: TestRecords;
    let records: Records;
    let last = 0;
    let name = '';
    before(async () => {
      opened = await openTestRecords({
        dialect,
        declare: (declared) =>
          declared.migrations([
            {
              name: '2026-11-23-counters',
              up: async (db) => {
                await sql`create table counter (name text primary key, value bigint not null)`.execute(db);
              },
            },
          ]),
      });
      records = opened.records;
    });
    beforeEach(async () => {
      name = `counter-${++last}`;
      await direct().insertInto('counter').values({ name, value: 0 }).execute();
    });
    after(() => opened.close());

    const direct = () => tables<Counters>(records.direct);
    const value = async () =>
      (
        await direct()
          .selectFrom('counter')
          .select('value')
          .where('name', '=', name)
          .executeTakeFirstOrThrow()
      ).value;
    const set = (tx: Parameters<typeof tables>[0], to: number) =>
      tables<Counters>(tx).updateTable('counter').set({ value: to }).where('name', '=', name).execute();

    test('a commit is seen, a rollback is not', async () => {
      await records.transaction((tx) => set(tx, 1));
      assert.equal(await value(), 1);
      const failure = new Error('no');
      await assert.rejects(
        records.transaction(async (tx) => {
          await set(tx, 2);
          throw failure;
        }),
        failure,
      );
      assert.equal(await value(), 1);
    });

    test('direct reads see nothing of a running transaction, the transaction sees its own', async () => {
      await records.transaction(async (tx) => {
        await set(tx, 5);
        assert.equal(await value(), 0);
        const inside = await tables<Counters>(tx)
          .selectFrom('counter')
          .select('value')
          .where('name', '=', name)
          .executeTakeFirstOrThrow();
        assert.equal(inside.value, 5);
      });
      assert.equal(await value(), 5);
    });

    test('afterCommit acts after the commit and never after a rollback', async () => {
      const acts: string[] = [];
      await records.transaction(async (tx) => {
        tx.afterCommit(() => acts.push('committed'));
        await set(tx, 1);
        assert.deepEqual(acts, []);
      });
      await assert.rejects(
        records.transaction(async (tx) => {
          tx.afterCommit(() => acts.push('rolled back'));
          throw new Error('no');
        }),
      );
      records.direct.afterCommit(() => acts.push('direct'));
      assert.deepEqual(acts, ['committed', 'direct']);
    });

    test('a transaction or a direct write inside a transaction is refused instead of waiting for ever', async () => {
      await records.transaction(async () => {
        await assert.rejects(
          records.transaction(async () => {}),
          NestedTransaction,
        );
        await assert.rejects(set(records.direct, 1), NestedTransaction);
      });
      await records.transaction((tx) => set(tx, 3));
      assert.equal(await value(), 3);
    });

    test('a transaction cannot be used after its end', async () => {
      let kept = records.direct;
      await records.transaction(async (tx) => void (kept = tx));
      await assert.rejects(set(kept, 9), TransactionEnded);
      assert.equal(await value(), 0);
    });

    test('many direct writes at once are all done, and one that fails spoils no other', async () => {
      const names = Array.from({ length: 300 }, (_, index) => `${name}-${index}`);
      const writes = await Promise.allSettled(
        [...names, name, ...names.slice(0, 3)].map((each) =>
          direct().insertInto('counter').values({ name: each, value: 1 }).execute(),
        ),
      );
      assert.equal(writes.filter(({ status }) => status === 'rejected').length, 4);
      const { count } = await direct()
        .selectFrom('counter')
        .select((expressions) => expressions.fn.countAll<number>().as('count'))
        .where('name', 'like', `${name}-%`)
        .executeTakeFirstOrThrow();
      assert.equal(Number(count), 300);
    });

    test('transactions and direct writes at once lose no update', async () => {
      await Promise.all(
        Array.from({ length: 60 }, (_, index) =>
          index % 2
            ? records.transaction(async (tx) => {
                await sql`update counter set value = value + 1 where name = ${name}`.execute(tx.sql);
                await new Promise((resolve) => setTimeout(resolve, index % 3));
              })
            : sql`update counter set value = value + 1 where name = ${name}`.execute(records.direct.sql),
        ),
      );
      assert.equal(await value(), 60);
    });

    test('an error that is swallowed inside a transaction never commits half of it unseen', async () => {
      const outcome = await records
        .transaction(async (tx) => {
          await set(tx, 7);
          await tables<Counters>(tx)
            .insertInto('counter')
            .values({ name, value: 1 })
            .execute()
            .catch(() => {}); // what a careless room would do
        })
        .then(
          () => 'committed',
          () => 'refused',
        );
      assert.equal(await value(), outcome === 'committed' ? 7 : 0);
    });
  });
}
