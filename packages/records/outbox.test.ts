import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import type { OutboxEvent, Records } from './index.ts';
import { type Books, declareBooks, EAST, SCOPES } from './testing/example.ts';
import { dialectsUnderTest, openTestRecords, type TestRecords } from './testing.ts';

for (const { dialect, skip } of dialectsUnderTest()) {
  describe(`the outbox on ${dialect}`, { skip }, () => {
    let opened: TestRecords;
    let books: Books;
    before(async () => {
      opened = await openTestRecords({ dialect, declare: (records) => (books = declareBooks(records)) });
    });
    after(() => opened.close());

    const write = (records: Records, id: string, pause: Promise<void> = Promise.resolve()) =>
      records.transaction(async (tx) => {
        for (const scope of SCOPES) {
          await books.insert(tx, { scope, id, status: 'WRITING', doc: { title: id, pages: 1 } });
        }
        await pause;
        for (const scope of SCOPES) await books.transition(tx, scope, id, 'PRINTED');
      });

    test('a reader sees nothing of a transaction that has not been committed', async () => {
      const { records } = opened;
      const from = await lastPosition(records);
      const gate = Promise.withResolvers<void>();
      const writing = write(records, 'unseen', gate.promise);
      await new Promise((resolve) => setTimeout(resolve, 20));
      assert.deepEqual(await records.events(from, 100), []);
      assert.equal(await books.find(records.direct, EAST, 'unseen'), undefined);
      gate.resolve();
      await writing;
      assert.equal((await records.events(from, 100)).length, SCOPES.length * 2);
    });

    test('old events up to a position can be forgotten, and the newest keeps its place', async () => {
      const { records } = opened;
      await write(records, 'forgotten');
      const last = await lastPosition(records);
      await records.forgetEvents(last, 0);
      const kept = await records.events(0, 1000);
      assert.ok(kept.length > 1, 'none is older than 1970');
      const half = kept[Math.floor(kept.length / 2)]!.position;
      await records.forgetEvents(half, Date.now() + 60_000);
      const left = await records.events(0, 1000);
      assert.deepEqual(
        left,
        kept.filter(({ position }) => position > half),
      );
      await records.forgetEvents(Infinity, Date.now() + 60_000);
      assert.deepEqual(await records.events(0, 1000), kept.slice(-1));
      await write(records, 'after');
      assert.ok((await records.events(last, 1000)).length > 0);
    });

    test('events are given in pages, oldest first', async () => {
      const { records } = opened;
      await write(records, 'paged');
      const all = await records.events(0, 10_000);
      const paged: OutboxEvent[] = [];
      for (let page = await records.events(0, 3); page.length > 0;) {
        paged.push(...page);
        page = await records.events(page.at(-1)!.position, 3);
      }
      assert.deepEqual(paged, all);
      assert.ok(all.every((event, index) => index === 0 || event.position > all[index - 1]!.position));
    });

    test('a reader that follows while many write concurrently misses none and sees each resource in order', async () => {
      const { records } = opened;
      const from = await lastPosition(records);
      const ids = Array.from({ length: 60 }, (_, index) => `busy-${index}`);
      let writing = true;
      const writers = Promise.all(
        ids.map((id, index) => write(records, id, new Promise((resolve) => setTimeout(resolve, index % 7)))),
      ).finally(() => (writing = false));
      const seen = await follow(records, from, () => writing);
      await writers;
      assert.equal(new Set(seen.map(({ position }) => position)).size, seen.length, 'none twice');
      const expected = ids.length * SCOPES.length * 2;
      assert.equal(seen.length, expected);
      for (const events of Map.groupBy(seen, ({ id, scope }) => `${id} ${JSON.stringify(scope)}`).values()) {
        assert.deepEqual(
          events.map(({ revision }) => revision),
          [1, 2],
        );
      }
    });
  });
}

const postgres = dialectsUnderTest().find(({ dialect }) => dialect === 'postgres');

describe('the outbox under transactions that commit out of order', { skip: postgres?.skip }, () => {
  let opened: TestRecords;
  let books: Books;
  before(async () => {
    opened = await openTestRecords({
      dialect: 'postgres',
      declare: (records) => (books = declareBooks(records)),
    });
  });
  after(() => opened.close());

  test('what was inserted first and commits last comes after what was read before, and is not skipped', async () => {
    const { records } = opened;
    const gates = [1, 2, 3].map(() => Promise.withResolvers<void>());
    const begun = [1, 2, 3].map(() => Promise.withResolvers<void>());
    const transactions = gates.map((gate, index) =>
      records.transaction(async (tx) => {
        const id = `tx-${index}`;
        await books.insert(tx, { scope: EAST, id, status: 'WRITING', doc: { title: id, pages: 1 } });
        begun[index]!.resolve();
        await gate.promise;
      }),
    );
    await Promise.all(begun.map(({ promise }) => promise));
    const read: OutboxEvent[] = [];
    for (const index of [2, 0, 1]) {
      gates[index]!.resolve();
      await transactions[index];
      read.push(...(await records.events(read.at(-1)?.position ?? 0, 10)));
    }
    assert.deepEqual(
      read.map(({ id }) => id),
      ['tx-2', 'tx-0', 'tx-1'],
    );
    assert.deepEqual(await records.events(0, 10), read);
  });

  test('several servers that read at once agree on the positions', async () => {
    const other = await openTestRecords({
      dialect: 'postgres',
      database: opened.database,
      declare: (records) => void declareBooks(records),
    });
    const from = await lastPosition(opened.records);
    let writing = true;
    const writers = Promise.all(
      Array.from({ length: 80 }, (_, index) =>
        opened.records.transaction(async (tx) => {
          const id = `both-${index}`;
          await books.insert(tx, { scope: EAST, id, status: 'WRITING', doc: { title: id, pages: 1 } });
          await new Promise((resolve) => setTimeout(resolve, index % 5));
        }),
      ),
    ).finally(() => (writing = false));
    const [one, two] = await Promise.all([
      follow(opened.records, from, () => writing),
      follow(other.records, from, () => writing),
    ]);
    await writers;
    await other.close();
    assert.equal(one.length, 80);
    assert.deepEqual(two, one);
  });
});

/** Reads on as long as somebody writes, and once more. */
async function follow(records: Records, from: number, writing: () => boolean): Promise<OutboxEvent[]> {
  const seen: OutboxEvent[] = [];
  for (let last = false; ;) {
    const page = await records.events(seen.at(-1)?.position ?? from, 7);
    seen.push(...page);
    if (page.length > 0) continue;
    if (last) return seen;
    last = !writing();
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

async function lastPosition(records: Records): Promise<number> {
  return (await records.events(0, 100_000)).at(-1)?.position ?? 0;
}
