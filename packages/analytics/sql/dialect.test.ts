import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { readCsv } from './csv.ts';
import { SqlEngine } from './engine.ts';
import { TRINO_EXPRESSIONS, TRINO_QUERIES } from './trino-cases/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'helicase-dialect-'));
const engine = new SqlEngine();
after(() => {
  engine.close();
  rmSync(folder, { recursive: true, force: true });
});

/** The rows of the query's answer, or the reason why there are none. */
async function answer(sql: string): Promise<readonly (readonly (string | null)[])[] | string> {
  const resultPath = join(folder, 'result.csv');
  const spillDirectory = join(folder, 'spill');
  mkdirSync(spillDirectory, { recursive: true });
  const query = { sql, tables: [], database: undefined, explain: false, resultPath, spillDirectory };
  const reply = await engine.run({ ...query, files: async () => ({}) }, AbortSignal.timeout(20_000));
  if (reply.outcome === 'failed') return reply.message;
  return readCsv(readFileSync(resultPath), 100, true).rows.slice(1);
}

/** Rows as the cases write them. */
function written(found: Awaited<ReturnType<typeof answer>>): string {
  if (typeof found === 'string') return `!${found}`;
  return found.map((row) => row.map((value) => value ?? '').join('|')).join(' / ');
}

function assertRefused(found: string, expected: string): void {
  assert.ok(found.startsWith(`!${expected.slice(1)}`), found);
}

describe('Trino’s dialect', () => {
  for (const [chapter, cases] of Object.entries(TRINO_EXPRESSIONS)) {
    test(chapter, async (t) => {
      for (const line of cases.split('\n').filter((text) => text.trim() !== '')) {
        const at = line.lastIndexOf(' = ');
        const [expression, expected] = [line.slice(0, at).trim(), line.slice(at + 3)];
        await t.test(`${expression} is ${expected}`, async () => {
          const found = await answer(`SELECT ${expression}`);
          if (/^[!?]/.test(expected)) assertRefused(written(found), expected);
          else assert.deepEqual(found, [[expected === 'NULL' ? null : expected]]);
        });
      }
    });
  }

  test('Queries', async (t) => {
    for (const [query, expected] of TRINO_QUERIES) {
      await t.test(query, async () => {
        const found = written(await answer(query.replace(/;$/, '')));
        if (/^[!?]/.test(expected)) assertRefused(found, expected);
        else assert.equal(found, expected);
      });
    }
  });
});

test('names that are wrong are told in Trino’s words, with the place where the query has the name once', async () => {
  const cases = [
    [
      'SELECT y FROM (VALUES 1) AS t(x)',
      `COLUMN_NOT_FOUND: line 1:8: Column 'y' cannot be resolved; there are "x"`,
    ],
    ['SELECT t.y\nFROM (VALUES 1) AS t(x)', "COLUMN_NOT_FOUND: line 1:10: Column 'y' cannot be resolved"],
    [
      'SELECT y FROM (SELECT 1 AS y) AS s WHERE EXISTS (SELECT u.y)',
      "COLUMN_NOT_FOUND: line 1:57: 'u' is no table",
    ],
    ['SELECT x, z FROM (VALUES 1) AS t(x) GROUP BY z, Z', "COLUMN_NOT_FOUND: Column 'z' cannot be resolved"],
    ['SELECT x FROM (VALUES 1) AS t(x), (VALUES 1) AS u(x)', "AMBIGUOUS_NAME: Column 'x' is ambiguous"],
    [
      'SELECT k, count(*) FROM (VALUES 1) AS t("k")',
      "EXPRESSION_NOT_AGGREGATE: 'k' must be an aggregate expression or appear in GROUP BY clause",
    ],
    [
      'SELECT (SELECT x FROM (VALUES 1, 2) AS t(x))',
      'SUBQUERY_MULTIPLE_ROWS: Scalar sub-query has returned multiple rows',
    ],
    [
      'SELECT start, end FROM (VALUES (1, 2)) AS t(start, "end")',
      'SYNTAX_ERROR: line 1:15: syntax error at or near "end"; the column of that name is written in double quotes',
    ],
  ] as const;
  for (const [sql, expected] of cases) {
    const found = await answer(sql);
    assert.ok(typeof found === 'string' && found.startsWith(expected), JSON.stringify(found));
  }
});

test('doubles are written as Java’s Double.toString writes them', async () => {
  const cases = [
    ['0', '0.0'],
    ['-0.0', '-0.0'],
    ['100', '100.0'],
    ['-0.001', '-0.001'],
    ['0.0001', '1.0E-4'],
    ['-0.00012345', '-1.2345E-4'],
    ['1e-5', '1.0E-5'],
    ['9999999', '9999999.0'],
    ['-1e7', '-1.0E7'],
    ['12345678.9', '1.23456789E7'],
    ['120000000', '1.2E8'],
    ['1.5e300', '1.5E300'],
    ['NaN', 'NaN'],
    ['-Infinity', '-Infinity'],
  ] as const;
  const columns = cases.map(([value]) => `CAST('${value}' AS double)`);
  assert.deepEqual(await answer(`SELECT ${columns.join(', ')}`), [cases.map(([, text]) => text)]);
});
