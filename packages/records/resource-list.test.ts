import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import type { Scope } from '@helicase/kernel';
import type { ListQuery, Resource } from './index.ts';
import {
  type BookDoc,
  type Books,
  type BookStatus,
  declareBooks,
  ManualClock,
  SCOPES,
} from './testing/example.ts';
import { dialectsUnderTest, openTestRecords, type TestRecords } from './testing.ts';

type Book = Resource<BookDoc, BookStatus>;
type Query = ListQuery<BookStatus, 'title' | 'pages'>;
type Filter = Omit<Query, 'limit' | 'after' | 'order'>;

const BOOKS_PER_SCOPE = 23;

for (const { dialect, skip } of dialectsUnderTest()) {
  describe(`lists on ${dialect}`, { skip }, () => {
    const clock = new ManualClock();
    const start = clock.time;
    let opened: TestRecords;
    let books: Books;
    const all: Book[] = [];

    before(async () => {
      opened = await openTestRecords({
        dialect,
        clock,
        declare: (records) => (books = declareBooks(records)),
      });
      await opened.records.transaction(async (tx) => {
        for (let number = 0; number < BOOKS_PER_SCOPE; number++) {
          clock.time += number % 3; // several in one millisecond
          for (const scope of SCOPES) {
            all.push(
              await books.insert(tx, {
                scope,
                // Out of order, so that the id decides within a millisecond and only there; case must not matter to the order.
                id: `${'bAa'[number % 3]}${(number * 7) % BOOKS_PER_SCOPE}`,
                parent: number % 2 ? 'shelf' : '',
                status: number % 4 ? 'WRITING' : 'PRINTED',
                doc: { title: `title ${number}`, pages: number % 5 ? number % 5 : null },
              }),
            );
          }
        }
      });
    });
    after(() => opened.close());

    const filters: Record<string, Filter> = {
      everything: {},
      'a parent': { parent: 'shelf' },
      'the empty parent': { parent: '' },
      statuses: { statuses: ['PRINTED'] },
      'two statuses': { statuses: ['PRINTED', 'WRITING'] },
      'no status': { statuses: [] },
      ids: { ids: ['b0', 'A7', 'a14', 'nobody'] },
      'no ids': { ids: [] },
      'a text column': { where: { title: 'title 9' } },
      'a number column': { where: { pages: 3 } },
      'several values': { where: { pages: [1, 4], title: ['title 1', 'title 4', 'title 5', 'title 9'] } },
      'a range of times': { createdAfter: start + 4, createdBefore: start + 16 },
      'all at once': {
        parent: 'shelf',
        statuses: ['WRITING'],
        where: { pages: [1, 2, 3] },
        createdAfter: start + 2,
      },
    };

    for (const [name, filter] of Object.entries(filters)) {
      for (const order of ['oldest-first', 'newest-first', undefined] as const) {
        test(`pages of any size by ${name}, ${order ?? 'order not told'}, are the naive list`, async () => {
          for (const scope of SCOPES) {
            const expected = naive(all, scope, filter, order).map(({ id }) => id);
            for (const limit of [1, 2, 5, BOOKS_PER_SCOPE - 1, BOOKS_PER_SCOPE, 100]) {
              assert.deepEqual(await walk(scope, { ...filter, order, limit }), expected);
            }
            assert.equal(await books.count(opened.records.direct, scope, filter), expected.length);
          }
        });
      }
    }

    test('rows added while walking appear behind the place reached, and none twice', async () => {
      const [scope] = SCOPES as [Scope];
      const first = await books.list(opened.records.direct, scope, { limit: 10 });
      clock.time += 1;
      const added = await books.insert(opened.records.direct, {
        scope,
        id: 'late',
        status: 'WRITING',
        doc: { title: 'late', pages: 1 },
      });
      const rest = await books.list(opened.records.direct, scope, { limit: 100, after: first.next });
      assert.deepEqual(
        [...first.rows, ...rest.rows].map(({ id }) => id),
        [...naive(all, scope, {}, 'oldest-first').map(({ id }) => id), added.id],
      );
      await books.remove(opened.records.direct, scope, 'late');
    });

    test('a start that no page gave is refused', async () => {
      const [scope] = SCOPES as [Scope];
      await assert.rejects(books.list(opened.records.direct, scope, { limit: 1, after: ['x'] }), TypeError);
    });

    async function walk(scope: Scope, query: Query): Promise<string[]> {
      const ids: string[] = [];
      for (let after: Query['after']; ;) {
        const page = await books.list(opened.records.direct, scope, { ...query, after });
        assert.ok(page.rows.length <= query.limit);
        ids.push(...page.rows.map(({ id }) => id));
        if (!page.next) return ids;
        assert.equal(page.rows.length, query.limit, 'only the last page may be short');
        after = page.next;
      }
    }
  });
}

function naive(all: readonly Book[], scope: Scope, filter: Filter, order: Query['order']): Book[] {
  const chosen = all.filter(
    (book) =>
      book.scope.account === scope.account &&
      book.scope.region === scope.region &&
      (filter.parent === undefined || book.parent === filter.parent) &&
      (!filter.statuses || filter.statuses.includes(book.status)) &&
      (!filter.ids || filter.ids.includes(book.id)) &&
      matches(filter.where?.title, book.doc.title) &&
      matches(filter.where?.pages, book.doc.pages) &&
      (filter.createdAfter === undefined || book.createdAt > filter.createdAfter) &&
      (filter.createdBefore === undefined || book.createdAt < filter.createdBefore),
  );
  chosen.sort((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1));
  return order === 'newest-first' ? chosen.reverse() : chosen;
}

function matches(
  wanted: string | number | readonly (string | number)[] | undefined,
  value: string | number | null,
): boolean {
  if (wanted === undefined) return true;
  return value !== null && (typeof wanted === 'object' ? wanted.includes(value) : wanted === value);
}
