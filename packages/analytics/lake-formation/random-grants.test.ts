import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DuckDBInstance } from '@duckdb/node-api';
import { rootPrincipal, type Principal } from '@helicase/kernel';
import { visibleSource } from '../sql/table-source.ts';
import { type FilterDoc, type GrantDoc, type GrantedResource, resourceKey } from './model.ts';
import { visibilityOf } from './visibility.ts';

/** 300 of them in `npm test`; `npm run conformance:grants` tries 10,000. */
const CASES = Number(process.env['HELICASE_GRANT_CASES'] ?? 300);
const OWNER = '111122223333';
const COLUMNS = ['a', 'b', 'c', 'd'] as const;
type Row = Readonly<Record<(typeof COLUMNS)[number], number | null>>;

/** Conditions in SQL, and what they mean. */
const CONDITIONS: readonly (readonly [string, (row: Row) => boolean])[] = [
  ['a = 1', ({ a }) => a === 1],
  ['b > 1', ({ b }) => b !== null && b > 1],
  ['c IS NULL', ({ c }) => c === null],
  ['a = 1 AND d < 2', ({ a, d }) => a === 1 && d !== null && d < 2],
  ['b = 0 OR d = 0', ({ b, d }) => b === 0 || d === 0],
];
const PRINCIPALS: readonly Principal[] = [
  rootPrincipal(OWNER),
  { account: OWNER, kind: 'user', arn: `arn:aws:iam::${OWNER}:user/ann`, id: 'ann' },
  { account: OWNER, kind: 'role', arn: `arn:aws:iam::${OWNER}:role/desk`, id: 'desk' },
  { account: '444455556666', kind: 'user', arn: 'arn:aws:iam::444455556666:user/bob', id: 'bob' },
];

function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}
type Random = ReturnType<typeof generator>;

function pick<T>(random: Random, values: readonly T[]): T {
  return values[random(values.length)]!;
}

function someColumns(random: Random): FilterDoc['columns'] {
  const some = COLUMNS.filter(() => random(2) === 0);
  return random(2) === 0 && some.length > 0 ? { only: some } : { allBut: some };
}

function randomCase(random: Random) {
  const filters: FilterDoc[] = Array.from({ length: random(4) }, (_, index) => ({
    ...{ database: 'db', table: 't', name: `f${index}`, columns: someColumns(random) },
    rows: random(4) === 0 ? undefined : pick(random, CONDITIONS)[0],
  }));
  const resources = (): GrantedResource =>
    pick<GrantedResource>(random, [
      { kind: 'database', database: 'db' },
      {
        kind: 'table',
        database: pick(random, ['db', 'alias', 'other']),
        table: pick(random, ['t', 'u', undefined]),
      },
      { kind: 'columns', database: 'db', table: 't', columns: someColumns(random) },
      ...filters.map(({ name }): GrantedResource => ({
        kind: 'filter',
        database: 'db',
        table: 't',
        filter: name,
      })),
    ]);
  const grants: GrantDoc[] = Array.from({ length: random(5) }, () => {
    const resource = resources();
    const principal = pick(random, [...PRINCIPALS.map(({ arn }) => arn), OWNER, '444455556666']);
    return {
      principal,
      resource,
      key: resourceKey(resource),
      permissions: [pick(random, ['SELECT', 'SELECT', 'ALL', 'DESCRIBE'])],
      grantable: [],
    };
  });
  const exceptions =
    random(3) > 0 ? [] : [pick(random, ['table/db/t', 'database/db', 'table/db/*', 'table/db/u'])];
  const settings = { admins: random(6) === 0 ? [PRINCIPALS[1]!.arn] : [], open: random(5) === 0, exceptions };
  const rows: Row[] = Array.from({ length: 6 }, () => {
    const value = () => (random(4) === 0 ? null : random(3));
    return { a: value(), b: value(), c: value(), d: value() };
  });
  return { filters, grants, settings, rows, principal: pick(random, PRINCIPALS) };
}

/** The same by walking rows and cells one by one: what the principal may see of each value, 'hidden' where nothing. */
function naive({ filters, grants, settings, rows, principal }: ReturnType<typeof randomCase>) {
  const own = principal.account === OWNER;
  if (own && principal.kind === 'root') return rows;
  if (own && settings.admins.includes(principal.arn)) return rows;
  const excepted = settings.exceptions.some((key) =>
    ['table/db/t', 'database/db', 'table/db/*'].includes(key),
  );
  if (own && settings.open !== excepted) return rows;
  const mine = grants.filter(({ principal: name }) => [principal.arn, principal.account].includes(name));
  const maySee = (row: Row, column: string): boolean =>
    mine.some(({ resource, permissions }) => {
      if (!permissions.includes('SELECT') && !permissions.includes('ALL')) return false;
      if (resource.kind === 'table')
        return ['db', 'alias'].includes(resource.database) && (resource.table ?? 't') === 't';
      if (resource.kind === 'columns') return allows(resource.columns, column);
      if (resource.kind !== 'filter') return false;
      const filter = filters.find(({ name }) => name === resource.filter)!;
      const means = CONDITIONS.find(([sql]) => sql === filter.rows)?.[1];
      return allows(filter.columns, column) && (!means || means(row));
    });
  const everSeen = COLUMNS.filter((column) =>
    mine.some(({ resource, permissions }) => {
      if (!permissions.includes('SELECT') && !permissions.includes('ALL')) return false;
      if (resource.kind === 'table')
        return ['db', 'alias'].includes(resource.database) && (resource.table ?? 't') === 't';
      if (resource.kind === 'columns') return allows(resource.columns, column);
      return (
        resource.kind === 'filter' &&
        allows(filters.find(({ name }) => name === resource.filter)!.columns, column)
      );
    }),
  );
  if (everSeen.length === 0) return 'hidden';
  return rows
    .filter((row) => visibleRow(row))
    .map((row) =>
      Object.fromEntries(everSeen.map((column) => [column, maySee(row, column) ? row[column] : null])),
    );

  /** A row is there where a grant shows a column of it. */
  function visibleRow(row: Row): boolean {
    return mine.some(({ resource, permissions }) => {
      if (!permissions.includes('SELECT') && !permissions.includes('ALL')) return false;
      if (resource.kind === 'table')
        return ['db', 'alias'].includes(resource.database) && (resource.table ?? 't') === 't';
      if (resource.kind === 'columns') return COLUMNS.some((column) => allows(resource.columns, column));
      if (resource.kind !== 'filter') return false;
      const means = CONDITIONS.find(
        ([sql]) => sql === filters.find(({ name }) => name === resource.filter)!.rows,
      )?.[1];
      return !means || means(row);
    });
  }
}

function allows(columns: FilterDoc['columns'], name: string): boolean {
  return 'only' in columns ? columns.only.includes(name) : !columns.allBut.includes(name);
}

test(`${CASES} random grants and settings show the rows and values that a naive model shows`, async () => {
  const connection = await (await DuckDBInstance.create()).connect();
  const random = generator(20261125);
  const seen = { hidden: 0, part: 0, all: 0 };
  for (let n = 0; n < CASES; n++) {
    const made = randomCase(random);
    const { filters, grants, settings, rows, principal } = made;
    const named = { databases: ['db', 'alias'], table: 't', columns: COLUMNS };
    const visibility = visibilityOf({ settings, grants, filters }, OWNER, principal, named);
    const expected = naive(made);
    const values = rows.map(
      ({ a, b, c, d }) => `(${[a, b, c, d].map((value) => value ?? 'NULL::INTEGER').join(', ')})`,
    );
    const source = `SELECT * FROM (VALUES ${values.join(', ')}) AS t(a, b, c, d)`;
    let found: unknown = 'hidden';
    if (visibility?.kind === 'all') found = (await connection.runAndReadAll(source)).getRowObjectsJson();
    const cells = visibility?.kind === 'cells' ? visibility.cells : [];
    if (cells.length > 0) {
      const sql = visibleSource(
        source,
        cells,
        cells.map((each) => each.rows),
      );
      found = (await connection.runAndReadAll(sql)).getRowObjectsJson();
    }
    seen[found === 'hidden' ? 'hidden' : visibility?.kind === 'all' ? 'all' : 'part']++;
    assert.deepEqual(sorted(found), sorted(expected), `case ${n}: ${JSON.stringify(made)}`);
  }
  assert.ok(seen.hidden > 0 && seen.part > 0 && seen.all > 0, JSON.stringify(seen));
});

/** Columns and rows in one order. */
function sorted(rows: unknown): unknown {
  if (!Array.isArray(rows)) return rows;
  const row = (each: object) => JSON.stringify(Object.entries(each).sort(([x], [y]) => x.localeCompare(y)));
  return rows.map((each) => row(each as object)).sort();
}
