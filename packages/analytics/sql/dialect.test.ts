import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { readCsv } from './csv.ts';
import { SqlEngine } from './engine.ts';
import { javaDouble } from './render.ts';

const folder = mkdtempSync(join(tmpdir(), 'helicase-dialect-'));
const engine = new SqlEngine();
after(() => {
  engine.close();
  rmSync(folder, { recursive: true, force: true });
});

/** The first row of the query's answer, or the reason why there is none. */
async function answer(sql: string): Promise<readonly (string | null)[] | string> {
  const resultPath = join(folder, 'result.csv');
  const spillDirectory = join(folder, 'spill');
  mkdirSync(spillDirectory, { recursive: true });
  const query = { sql, tables: [], database: undefined, explain: false, resultPath, spillDirectory };
  const reply = await engine.run({ ...query, files: async () => ({}) }, AbortSignal.timeout(20_000));
  if (reply.outcome === 'failed') return reply.message;
  return readCsv(readFileSync(resultPath), 10, true).rows[1]!;
}

/** Expression and value, from the chapters of Trino's documentation on functions and operators. */
const TRINO: readonly (readonly [string, string | null])[] = [
  ['7 / 2', '3'],
  ['-7 / 2', '-3'],
  ['7 / 2.0e0', '3.5'],
  ['5 % 3', '2'],
  [`concat('a', 'b', 'c')`, 'abc'],
  [`concat('a', NULL)`, null],
  [`'a' || NULL`, null],
  ['greatest(1, NULL)', null],
  ['least(3, 1, 2)', '1'],
  ['cardinality(ARRAY[1, 2])', '2'],
  [`cardinality(map(ARRAY['a'], ARRAY[1]))`, '1'],
  ['element_at(ARRAY[1, 2], 2)', '2'],
  ['element_at(ARRAY[1, 2], -1)', '2'],
  ['element_at(ARRAY[1, 2], 9)', null],
  [`element_at(map(ARRAY['a'], ARRAY[1]), 'a')`, '1'],
  [`element_at(map(ARRAY['a'], ARRAY[1]), 'b')`, null],
  [`contains(ARRAY['a', 'b'], 'b')`, 'true'],
  ['array_position(ARRAY[4, 5], 5)', '2'],
  ['array_position(ARRAY[4, 5], 6)', '0'],
  ['array_remove(ARRAY[1, 2, 1], 1)', '[2]'],
  ['array_sort(ARRAY[3, NULL, 1])', '[1, 3, null]'],
  [`array_join(ARRAY['x', 'y'], '-')`, 'x-y'],
  ['array_max(ARRAY[1, 3, 2])', '3'],
  ['arrays_overlap(ARRAY[1, 2], ARRAY[2])', 'true'],
  ['slice(ARRAY[1, 2, 3, 4], 2, 2)', '[2, 3]'],
  ['slice(ARRAY[1, 2, 3, 4], -2, 2)', '[3, 4]'],
  ['sequence(1, 3)', '[1, 2, 3]'],
  ['transform(ARRAY[1, 2], x -> x + 1)', '[2, 3]'],
  ['filter(ARRAY[5, -6, 7], x -> x > 0)', '[5, 7]'],
  ['any_match(ARRAY[1, 2], x -> x = 2)', 'true'],
  ['none_match(ARRAY[1, 2], x -> x = 2)', 'false'],
  [`regexp_like('1a 2b 14m', '\\d+b')`, 'true'],
  [`regexp_extract('1a 2b 14m', '\\d+')`, '1'],
  [`regexp_extract('1a 2b 14m', '(\\d+)([a-z]+)', 2)`, 'a'],
  [`regexp_extract('abc', '\\d')`, null],
  [`regexp_replace('1a 2b 14m', '\\d+[ab] ')`, '14m'],
  [`regexp_replace('1a 2b 14m', '(\\d+)([ab]) ', '3c$2 ')`, '3ca 3cb 14m'],
  [`split('a,b', ',')`, '[a, b]'],
  [`strpos('abc', 'c')`, '3'],
  [`substr('abcd', 2, 2)`, 'bc'],
  [`levenshtein_distance('kitten', 'sitting')`, '3'],
  [`codepoint('a')`, '97'],
  [`date_diff('month', DATE '2024-01-31', DATE '2024-02-01')`, '0'],
  [`date_diff('day', DATE '2020-03-01', DATE '2020-03-02')`, '1'],
  [`date_add('day', 1, TIMESTAMP '2020-03-01 00:00:00')`, '2020-03-02 00:00:00.000'],
  [`date_trunc('month', TIMESTAMP '2022-10-20 05:10:00')`, '2022-10-01 00:00:00.000'],
  [`year(DATE '2020-03-01')`, '2020'],
  ['to_unixtime(from_unixtime(1))', '1.0'],
  ['bitwise_and(19, 25)', '17'],
  ['bitwise_xor(19, 25)', '10'],
  ['truncate(1.9e0)', '1.0'],
  ['is_nan(nan())', 'true'],
  [`json_extract_scalar('{"a": 1}', '$.a')`, '1'],
  [`CAST('12' AS bigint)`, '12'],
  [`try_cast('x' AS integer)`, null],
  [`coalesce(NULL, 'x')`, 'x'],
  [`if(1 > 2, 'a', 'b')`, 'b'],
  ['CAST(ROW(1, 2) AS ROW(x integer, y integer))', '{x=1, y=2}'],
  [`map(ARRAY['k'], ARRAY['v'])`, '{k=v}'],
  ['9223372036854775807', '9223372036854775807'],
  ['1e10', '1.0E10'],
  [`DATE '2020-03-01'`, '2020-03-01'],
];

describe('Trino’s dialect', () => {
  for (const [expression, expected] of TRINO) {
    test(expression, async () => {
      assert.deepEqual(await answer(`SELECT ${expression}`), [expected]);
    });
  }

  test('what would be wrong without a word is refused by name', async () => {
    for (const call of [
      `typeof(1)`,
      `date_format(now(), '%Y')`,
      'reduce(ARRAY[1], 0, (s, x) -> s + x, s -> s)',
    ]) {
      assert.match(
        String(await answer(`SELECT ${call}`)),
        /^NOT_SUPPORTED: line 1:8: Function '\w+' is not translated/,
      );
    }
  });
});

test('doubles are written as Java writes them', () => {
  const cases: readonly (readonly [number, string])[] = [
    [0, '0.0'],
    [-0, '-0.0'],
    [100, '100.0'],
    [0.001, '0.001'],
    [0.0001, '1.0E-4'],
    [9999999, '9999999.0'],
    [1e7, '1.0E7'],
    [12345678.9, '1.23456789E7'],
    [NaN, 'NaN'],
    [-Infinity, '-Infinity'],
  ];
  for (const [value, text] of cases) assert.equal(javaDouble(value), text);
});
