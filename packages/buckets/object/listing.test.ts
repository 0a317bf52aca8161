import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { listPage, type KeyPages, type ListingQuery, successor } from './listing.ts';

const byBytes = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));

/** Keys as a table would give them, counting the rows read. */
function tableOf(keys: readonly string[]): { pages: KeyPages; rows: () => number } {
  const sorted = [...keys].sort(byBytes);
  let rows = 0;
  const pages: KeyPages = async (from, below, limit) => {
    const found = sorted.filter((key) => {
      const order = byBytes(key, from.key);
      return (from.included ? order >= 0 : order > 0) && (below === undefined || byBytes(key, below) < 0);
    });
    rows += Math.min(found.length, limit);
    return found.slice(0, limit).map((key) => ({ key, size: 1, etag: '', modifiedAt: 0 }));
  };
  return { pages, rows: () => rows };
}

async function all(keys: readonly string[], query: Partial<ListingQuery>) {
  const { pages } = tableOf(keys);
  const seen: string[] = [];
  let after = query.after ?? '';
  for (let page = 0; page < 1000; page++) {
    const whole = { prefix: '', delimiter: '', limit: 1000, ...query, after };
    const { objects, commonPrefixes, next } = await listPage(whole, pages);
    assert.ok(objects.length + commonPrefixes.length <= whole.limit);
    seen.push(...[...objects.map(({ key }) => key), ...commonPrefixes].sort(byBytes));
    if (next === undefined) return seen;
    after = next;
  }
  throw new Error('it never ends');
}

const KEYS = [
  'a',
  'a/1',
  'a/2',
  'a/b/3',
  'b',
  'b/',
  'b/c',
  'photos/2006/x',
  'photos/2007/y',
  'z',
  'é',
  '\u{1f9ec}',
  '\uffee',
];

/** The rule written down plainly: https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-prefixes.html */
function expected(keys: readonly string[], prefix: string, delimiter: string): string[] {
  const told = keys
    .filter((key) => key.startsWith(prefix))
    .map((key) => {
      const at = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
      return at === -1 ? key : key.slice(0, at + delimiter.length);
    });
  return [...new Set(told)].sort(byBytes);
}

describe('listing', () => {
  for (const prefix of ['', 'a', 'a/', 'b', 'photos/', 'none', 'é'])
    for (const delimiter of ['', '/', '20'])
      test(`prefix "${prefix}", delimiter "${delimiter}": every page size gives the same`, async () => {
        const whole = expected(KEYS, prefix, delimiter);
        for (const limit of [1, 2, 3, 1000]) {
          assert.deepEqual(await all(KEYS, { prefix, delimiter, limit }), whole, `pages of ${limit}`);
        }
      });

  test('a group of many keys is skipped, not read', async () => {
    const many = Array.from({ length: 50_000 }, (_, n) => `run/${String(n).padStart(6, '0')}`);
    const { pages, rows } = tableOf(['a', ...many, 'z']);
    const page = await listPage({ prefix: '', delimiter: '/', after: '', limit: 1000 }, pages);
    assert.deepEqual(page.commonPrefixes, ['run/']);
    assert.deepEqual(
      page.objects.map(({ key }) => key),
      ['a', 'z'],
    );
    assert.ok(rows() <= 1002, `${rows()} rows read`);
  });

  test('starts after a key, and tells the group that it is in', async () => {
    assert.deepEqual(
      await all(KEYS, { after: 'a/1', delimiter: '/', prefix: '' }).then((k) => k.slice(0, 2)),
      ['a/', 'b'],
    );
    assert.deepEqual(await all(KEYS, { after: 'z' }), ['é', '\uffee', '\u{1f9ec}']);
    assert.deepEqual(await all(KEYS, { after: 'zzz', prefix: 'a' }), []);
  });

  test('no keys are asked for where none are wanted', async () => {
    assert.deepEqual(
      await listPage({ prefix: '', delimiter: '', after: '', limit: 0 }, tableOf(KEYS).pages),
      {
        objects: [],
        commonPrefixes: [],
        next: undefined,
      },
    );
  });

  test('the successor of a prefix is above everything that begins with it', () => {
    assert.equal(successor('a'), 'b');
    assert.equal(successor('a\u{10ffff}'), 'b');
    assert.equal(successor('\ud7ff'), '\ue000');
    assert.equal(successor(''), undefined);
    assert.equal(successor('\u{10ffff}'), undefined);
  });
});
