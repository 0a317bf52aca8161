import { after, before, beforeEach, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { IllegalTransition, ResourceMissing, RevisionConflict, UniqueViolation } from './index.ts';
import {
  type Books,
  declareBooks,
  EAST,
  ManualClock,
  OTHER_EAST,
  OTHER_WEST,
  SCOPES,
  WEST,
} from './testing/example.ts';
import { dialectsUnderTest, openTestRecords, type TestRecords } from './testing.ts';

for (const { dialect, skip } of dialectsUnderTest()) {
  describe(`resources on ${dialect}`, { skip }, () => {
    const clock = new ManualClock();
    let opened: TestRecords;
    let books: Books;
    let last = 0;
    let id = '';

    before(async () => {
      opened = await openTestRecords({
        dialect,
        clock,
        declare: (records) => (books = declareBooks(records)),
      });
    });
    beforeEach(() => {
      id = String(++last);
    });
    after(() => opened.close());

    const title = () => `title of ${id}`;
    const insert = (scope = EAST, more: { parent?: string; title?: string } = {}) =>
      opened.records.transaction((tx) =>
        books.insert(tx, {
          scope,
          id,
          parent: more.parent,
          status: 'WRITING',
          statusMessage: 'chapter one',
          doc: { title: more.title ?? title(), pages: 7 },
        }),
      );
    const find = (scope = EAST) => books.find(opened.records.direct, scope, id);
    const eventsOf = async () => (await opened.records.events(0, 10_000)).filter((event) => event.id === id);

    test('what is held stays as it was found until its transaction ends', async () => {
      await insert();
      const order: string[] = [];
      const { records } = opened;
      const { promise: found, resolve: tellFound } = Promise.withResolvers<void>();
      const { promise: waited, resolve: goOn } = Promise.withResolvers<void>();
      const holder = records.transaction(async (tx) => {
        const held = await books.hold(tx, EAST, id);
        tellFound();
        await waited;
        order.push(`held ${held?.revision}`);
        await books.update(tx, EAST, id, (doc) => ({ ...doc, pages: 8 }), held?.revision);
      });
      await found;
      const other = records.transaction(async (tx) => {
        const { revision } = await books.update(tx, EAST, id, (doc) => ({
          ...doc,
          pages: (doc.pages ?? 0) + 1,
        }));
        order.push(`changed to ${revision}`);
      });
      await new Promise((resolve) => setTimeout(resolve, 50));
      goOn();
      await Promise.all([holder, other]);
      assert.deepEqual(order, ['held 1', 'changed to 3']);
      assert.equal((await find())?.doc.pages, 9);
      assert.equal(await records.transaction((tx) => books.hold(tx, WEST, id)), undefined, 'another region');
    });

    test('what was inserted is found whole', async () => {
      const inserted = await insert();
      assert.deepEqual(await find(), inserted);
      assert.deepEqual(inserted, {
        scope: EAST,
        id,
        parent: '',
        status: 'WRITING',
        statusMessage: 'chapter one',
        createdAt: clock.time,
        updatedAt: clock.time,
        revision: 1,
        doc: { title: title(), pages: 7 },
      });
    });

    test('the same id lives apart in every account and region', async () => {
      for (const scope of SCOPES) await insert(scope, { title: `${title()} ${scope.region}` });
      for (const scope of SCOPES) {
        const found = await find(scope);
        assert.deepEqual(found?.scope, scope);
        assert.equal(found?.doc.title, `${title()} ${scope.region}`);
      }
      await opened.records.transaction((tx) => books.transition(tx, WEST, id, 'PRINTED'));
      await opened.records.transaction((tx) => books.remove(tx, OTHER_WEST, id));
      assert.equal((await find(EAST))?.status, 'WRITING');
      assert.equal((await find(WEST))?.status, 'PRINTED');
      assert.equal((await find(OTHER_EAST))?.status, 'WRITING');
      assert.equal(await find(OTHER_WEST), undefined);
    });

    test('a transition changes status, message, doc and time, and tells why in its event', async () => {
      await insert();
      clock.time += 5;
      const printed = await opened.records.transaction((tx) =>
        books.transition(tx, EAST, id, 'PRINTED', {
          message: 'first edition',
          doc: (doc) => ({ ...doc, pages: 300 }),
        }),
      );
      assert.deepEqual(await find(), printed);
      assert.equal(printed.status, 'PRINTED');
      assert.equal(printed.statusMessage, 'first edition');
      assert.equal(printed.updatedAt, printed.createdAt + 5);
      assert.equal(printed.revision, 2);
      assert.deepEqual(printed.doc, { title: title(), pages: 300 });
      const [created, transition] = await eventsOf();
      assert.deepEqual(
        [created?.type, created?.from, created?.to, created?.revision],
        ['created', undefined, 'WRITING', 1],
      );
      assert.equal(transition?.type, 'transition');
      assert.equal(transition?.from, 'WRITING');
      assert.equal(transition?.to, 'PRINTED');
      assert.equal(transition?.why, 'the author was done');
      assert.equal(transition?.message, 'first edition');
      assert.equal(transition?.at, clock.time);
      assert.deepEqual(transition?.scope, EAST);
      assert.equal(transition?.kind, 'library-book');
    });

    test('a transition that the machine has no arrow for is refused and leaves row and events alone', async () => {
      await insert();
      await opened.records.transaction((tx) => books.transition(tx, EAST, id, 'BURNT'));
      const burnt = await find();
      await assert.rejects(
        opened.records.transaction((tx) => books.transition(tx, EAST, id, 'PRINTED')),
        (error) => error instanceof IllegalTransition && /from BURNT to PRINTED/.test(error.message),
      );
      assert.deepEqual(await find(), burnt);
      assert.equal((await eventsOf()).length, 2);
    });

    test('a transition to the status that it has does nothing', async () => {
      const inserted = await insert();
      const same = await opened.records.transaction((tx) =>
        books.transition(tx, EAST, id, 'WRITING', { message: 'again' }),
      );
      assert.deepEqual(same, inserted);
      assert.equal((await eventsOf()).length, 1);
    });

    test('an update replaces the doc and refuses an outdated revision', async () => {
      await insert();
      const updated = await opened.records.transaction((tx) =>
        books.update(tx, EAST, id, (doc) => ({ ...doc, pages: 8 }), 1),
      );
      assert.equal(updated.revision, 2);
      assert.equal(updated.statusMessage, 'chapter one');
      await assert.rejects(
        opened.records.transaction((tx) => books.update(tx, EAST, id, (doc) => doc, 1)),
        RevisionConflict,
      );
      assert.deepEqual(await find(), updated);
      assert.deepEqual(
        (await eventsOf()).map(({ type, revision }) => [type, revision]),
        [
          ['created', 1],
          ['changed', 2],
        ],
      );
    });

    test('changing what is not there is refused, removing it is not', async () => {
      const { records } = opened;
      await assert.rejects(
        records.transaction((tx) => books.update(tx, EAST, id, (doc) => doc)),
        ResourceMissing,
      );
      await assert.rejects(
        records.transaction((tx) => books.transition(tx, EAST, id, 'PRINTED')),
        ResourceMissing,
      );
      await records.transaction((tx) => books.remove(tx, EAST, id));
      assert.deepEqual(await eventsOf(), []);
    });

    test('a removed row is gone and its event is the last of its revisions', async () => {
      await insert();
      await opened.records.transaction((tx) => books.transition(tx, EAST, id, 'PRINTED'));
      await opened.records.transaction((tx) => books.remove(tx, EAST, id));
      assert.equal(await find(), undefined);
      const deleted = (await eventsOf()).at(-1);
      assert.deepEqual([deleted?.type, deleted?.from, deleted?.revision], ['deleted', 'PRINTED', 3]);
    });

    test('an id that exists is a violation that leaves the transaction usable', async () => {
      const inserted = await insert();
      await opened.records.transaction(async (tx) => {
        const again = books.insert(tx, {
          scope: EAST,
          id,
          status: 'WRITING',
          doc: { title: 'x', pages: null },
        });
        await assert.rejects(again, new UniqueViolation('library-book', 'id', id));
        assert.deepEqual(await books.find(tx, EAST, id), inserted);
      });
      assert.equal((await eventsOf()).length, 1);
    });

    test('a unique column holds per account, region and parent, on insert and on update', async () => {
      const name = title();
      await insert();
      const first = id;
      id = String(++last);
      await assert.rejects(insert(EAST, { title: name }), new UniqueViolation('library-book', 'title', name));
      assert.equal(await find(), undefined);
      await insert(WEST, { title: name });
      await insert(OTHER_EAST, { title: name });
      await insert(EAST, { title: name, parent: 'shelf' });
      await opened.records.transaction((tx) => books.remove(tx, EAST, id));
      await insert(EAST);
      await assert.rejects(
        opened.records.transaction((tx) => books.update(tx, EAST, id, (doc) => ({ ...doc, title: name }))),
        (error) => error instanceof UniqueViolation && error.column === 'title' && error.value === name,
      );
      await opened.records.transaction((tx) => books.remove(tx, EAST, first));
      await opened.records.transaction((tx) =>
        books.update(tx, EAST, id, (doc) => ({ ...doc, title: name })),
      );
      assert.equal((await find())?.doc.title, name);
    });

    test('a transaction that fails takes row and event back', async () => {
      const { records } = opened;
      const failure = new Error('power cut');
      await assert.rejects(
        records.transaction(async (tx) => {
          await books.insert(tx, { scope: EAST, id, status: 'WRITING', doc: { title: title(), pages: 1 } });
          await books.transition(tx, EAST, id, 'PRINTED');
          throw failure;
        }),
        failure,
      );
      assert.equal(await find(), undefined);
      assert.deepEqual(await eventsOf(), []);
    });

    test('with `direct` a change is a transaction of its own', async () => {
      const { records } = opened;
      await books.insert(records.direct, {
        scope: EAST,
        id,
        status: 'WRITING',
        doc: { title: title(), pages: 1 },
      });
      await books.transition(records.direct, EAST, id, 'PRINTED');
      assert.equal((await find())?.revision, 2);
      assert.equal((await eventsOf()).length, 2);
    });

    test('changes of one resource at the same moment happen one after the other', async () => {
      await insert();
      await Promise.all(
        Array.from({ length: 20 }, () =>
          opened.records.transaction((tx) =>
            books.update(tx, EAST, id, (doc) => ({ ...doc, pages: (doc.pages ?? 0) + 1 })),
          ),
        ),
      );
      const found = await find();
      assert.equal(found?.doc.pages, 27);
      assert.equal(found?.revision, 21);
      assert.deepEqual(
        (await eventsOf()).map(({ revision }) => revision),
        Array.from({ length: 21 }, (_, index) => index + 1),
      );
    });
  });
}
