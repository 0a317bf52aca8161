import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { DuckDBInstance, type Json } from '@duckdb/node-api';
import type { Column } from '../table/columns.ts';
import { fieldsOf } from '../table/field.ts';
import type { Value } from './column.ts';
import { ParquetFile } from './file.ts';
import { RowGroupBuilder } from './row-group.ts';

const folder = mkdtempSync(join(tmpdir(), 'helicase-parquet-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const database = await DuckDBInstance.create();
const connection = await database.connect();

const COLUMNS: readonly Column[] = [
  { name: 'text', type: 'string' },
  { name: 'whole', type: 'int' },
  { name: 'position', type: 'bigint' },
  { name: 'real', type: 'double' },
  { name: 'short', type: 'float' },
  { name: 'flag', type: 'boolean' },
  { name: 'list', type: { array: 'string' } },
  { name: 'map', type: { map: ['string', 'string'] } },
  {
    name: 'nested',
    type: { struct: { items: { array: { struct: { name: 'string', ranks: { array: 'int' } } } } } },
  },
];

async function write(name: string, groups: readonly (readonly (readonly Value[])[])[], columns = COLUMNS) {
  const fields = fieldsOf(columns);
  const path = join(folder, `${name}.parquet`);
  const file = await ParquetFile.create(path, fields);
  const builder = new RowGroupBuilder(fields);
  for (const rows of groups) {
    for (const row of rows) builder.add(row);
    await file.append(builder.finish());
  }
  await file.finish();
  return path;
}

async function read(sql: string): Promise<readonly Record<string, Json>[]> {
  return (await connection.runAndReadAll(sql)).getRowObjectsJson();
}

/** The row as DuckDB's JSON writes it. */
function expected(row: readonly Value[]): Record<string, unknown> {
  const written = (value: Value, name: string): unknown => {
    if (value instanceof Map) return [...value].map(([key, entry]) => ({ key, value: entry as string }));
    return name === 'position' && value !== null ? String(value) : value;
  };
  return Object.fromEntries(COLUMNS.map(({ name }, index) => [name, written(row[index]!, name)]));
}

const ROWS: readonly (readonly Value[])[] = [
  [
    'a',
    1,
    2 ** 40,
    0.1,
    0.5,
    true,
    ['x', 'y'],
    new Map([
      ['k', 'v'],
      ['l', ''],
    ]),
    { items: [{ name: 'n', ranks: [1, 2] }] },
  ],
  [null, null, null, null, null, null, null, null, null],
  ['', -1, -(2 ** 40), -0.25, -2, false, [], new Map(), { items: [] }],
  ['ü', 2 ** 31 - 1, 0, 1e300, 1, true, ['', 'z'], new Map([['k', null]]), { items: null }],
  [
    'a',
    -(2 ** 31),
    7,
    3,
    3,
    false,
    ['x'],
    new Map([['m', 'v']]),
    {
      items: [
        { name: null, ranks: [] },
        { name: 'q', ranks: null },
      ],
    },
  ],
];

describe('A Parquet file', () => {
  test('DuckDB reads back what was written: nulls, empty and nested values, over several row groups', async () => {
    const path = await write('values', [ROWS, ROWS.toReversed(), ROWS.slice(0, 1)]);
    const found = await read(`SELECT * FROM '${path}'`);
    assert.deepEqual(found, [...ROWS, ...ROWS.toReversed(), ROWS[0]!].map(expected));
  });

  test('300,000 values of every kind, with and without a dictionary', async () => {
    const columns: readonly Column[] = [
      { name: 'position', type: 'bigint' },
      { name: 'few', type: 'int' },
      { name: 'many', type: 'int' },
      { name: 'name', type: 'string' },
      { name: 'real', type: 'double' },
      { name: 'few_lists', type: { array: 'int' } },
    ];
    const count = 300_000;
    const row = (n: number): readonly Value[] => [
      n * n,
      n % 3 === 0 ? null : n % 7,
      (n * 2_654_435_761) % 2 ** 31,
      `name ${n}`,
      n / 3,
      n % 5 === 0 ? [] : [n % 11, n % 2],
    ];
    const path = await write('many', [Array.from({ length: count }, (_, n) => row(n))], columns);
    const generated = `SELECT n*n AS position, CASE WHEN n % 3 <> 0 THEN n % 7 END AS few,
      ((n::HUGEINT * 2654435761) % (2::HUGEINT**31)::HUGEINT)::BIGINT AS many, 'name ' || n AS name, n / 3.0::DOUBLE AS real,
      CASE WHEN n % 5 = 0 THEN []::INTEGER[] ELSE [n % 11, n % 2]::INTEGER[] END AS few_lists FROM range(${count}) t(n)`;
    assert.deepEqual(await read(`FROM '${path}' EXCEPT ALL ${generated}`), []);
    assert.deepEqual(await read(`SELECT count(*)::INT AS rows FROM '${path}'`), [{ rows: count }]);
  });

  test('it tells the bounds and the nulls of each column, and the fields’ numbers', async () => {
    const path = await write('bounds', [ROWS]);
    const [bounds] = await read(
      `SELECT stats_min_value, stats_max_value, stats_null_count FROM parquet_metadata('${path}') WHERE path_in_schema = 'position'`,
    );
    assert.deepEqual(bounds, {
      stats_min_value: String(-(2 ** 40)),
      stats_max_value: String(2 ** 40),
      stats_null_count: '1',
    });
    const ids = await read(`SELECT name, field_id FROM parquet_schema('${path}') WHERE field_id IS NOT NULL`);
    assert.equal(new Set(ids.map(({ field_id }) => field_id)).size, ids.length);
    assert.deepEqual(ids[0], { name: 'text', field_id: '1' });
  });
});
