import type { ResultField } from '@aws-sdk/client-cloudwatch-logs';
import type { Scope } from '@helicase/kernel';
import { eventsOf, type LogReader } from '../log-store/log-reader.ts';
import type { Tally } from './language/aggregate.ts';
import { type Expression, holds } from './language/expression.ts';
import { type Command, MOST_RESULTS } from './language/parse-query.ts';
import { compare, textOf, type Value } from './language/value.ts';
import { lineFields, Row } from './line.ts';

export interface LogQuery {
  readonly scope: Scope;
  readonly groups: readonly string[];
  /** Milliseconds: inclusive, and exclusive. */
  readonly start: number;
  readonly end: number;
  readonly limit: number;
  readonly commands: readonly Command[];
}

export interface QueryCounts {
  recordsMatched: number;
  recordsScanned: number;
  bytesScanned: number;
}

export type ResultRow = readonly ResultField[];

/** A query needs more memory than one may have; the message is for who asked. */
export class QueryTooLarge extends Error {}

/** Characters of lines, and number of groups, that one query may hold. */
const MOST_CHARACTERS = 256 * 1024 * 1024;
const MOST_GROUPS = 1_000_000;

type Sort = Extract<Command, { kind: 'sort' }>;
type Stats = Extract<Command, { kind: 'stats' }>;

/** "If you don't sort, the results are sorted by time, newest first." */
const NEWEST_FIRST: Sort = { kind: 'sort', by: [{ of: (field) => field('@timestamp'), descending: true }] };

/** Reads the groups' lines once, from what they were to what is asked for; `counts` tells how far it is. */
export async function runQuery(
  reader: LogReader,
  query: LogQuery,
  counts: QueryCounts,
  signal: AbortSignal,
): Promise<readonly ResultRow[]> {
  const { commands, limit } = query;
  const first = commands.findIndex(({ kind }) => ['stats', 'sort', 'limit', 'dedup'].includes(kind));
  const rest = first === -1 ? [] : commands.slice(first);
  const onEach = rowSteps(commands.slice(0, first === -1 ? commands.length : first));
  const gathered = rest[0]?.kind === 'stats' ? new Groups(rest.shift() as Stats) : new Lines(rest, limit);
  for await (const row of rowsOf(reader, query, counts, signal)) {
    if (!onEach.every((step) => step(row))) continue;
    counts.recordsMatched += 1;
    gathered.add(row);
  }
  const rows = rest.reduce<readonly Row[]>((before, command) => applied(before, command), gathered.rows());
  const shown = shownFields(commands);
  return rows.slice(0, limit).map((row) => resultOf(row, shown));
}

/** A row as its line begins; its characters count as held while it is. */
async function* rowsOf(
  reader: LogReader,
  { end, groups, scope, start }: LogQuery,
  counts: QueryCounts,
  signal: AbortSignal,
): AsyncGenerator<Row> {
  for (const group of groups) {
    const from = { chunk: '', index: 0 };
    const wanted = { group, startTime: start, endTime: end, from, backward: false };
    for await (const chunk of reader.chunks(scope, wanted)) {
      signal.throwIfAborted();
      for (const event of eventsOf(chunk, wanted)) {
        counts.recordsScanned += 1;
        counts.bytesScanned += event.message.length;
        yield new Row(lineFields(event, `${scope.account}:${group}`));
      }
    }
  }
}

/** What is done to one row alone: false where it is left out. */
function rowSteps(commands: readonly Command[]): readonly ((row: Row) => boolean)[] {
  return commands.flatMap((command) => {
    if (command.kind === 'filter') return [(row: Row) => holds(command.test(row.field))];
    if (command.kind === 'parse') return [(row: Row) => (command.into(row), true)];
    if (command.kind !== 'fields' && command.kind !== 'display') return [];
    return [(row: Row) => (command.fields.forEach(({ name, of }) => row.set(name, of(row.field))), true)];
  });
}

/** One command on rows that are all there. */
function applied(rows: readonly Row[], command: Command): readonly Row[] {
  switch (command.kind) {
    case 'stats': {
      const groups = new Groups(command);
      rows.forEach((row) => groups.add(row));
      return groups.rows();
    }
    case 'sort':
      return sorted(rows, command);
    case 'limit':
      return rows.slice(0, command.count);
    case 'dedup':
      return firstOfEach(rows, command.by);
    default:
      return rowSteps([command]).reduce((left, step) => left.filter(step), rows);
  }
}

function sorted(rows: readonly Row[], { by }: Sort): readonly Row[] {
  const keys = new Map(rows.map((row) => [row, by.map(({ of }) => of(row.field))] as const));
  return rows.toSorted((a, b) => {
    for (const [index, { descending }] of by.entries()) {
      const [left, right] = [keys.get(a)![index], keys.get(b)![index]];
      const order = compare(left, right);
      // What has no such field comes last in either order.
      if (order !== 0) return descending && left !== undefined && right !== undefined ? -order : order;
    }
    return 0;
  });
}

/** Rows that lack one of the fields all stay: "null values are not considered duplicates". */
function firstOfEach(rows: readonly Row[], by: readonly Expression[]): readonly Row[] {
  const seen = new Set<string>();
  return rows.filter((row) => {
    const values = by.map((of) => of(row.field));
    if (values.includes(undefined)) return true;
    const key = keyOf(values);
    return !seen.has(key) && seen.add(key);
  });
}

function keyOf(values: readonly Value[]): string {
  return JSON.stringify(values.map((value) => (value === undefined ? null : textOf(value))));
}

/** Rows put together by `stats`. */
class Groups {
  readonly #stats: Stats;
  readonly #groups = new Map<string, { readonly by: readonly Value[]; readonly tallies: readonly Tally[] }>();

  constructor(stats: Stats) {
    this.#stats = stats;
  }

  add(row: Row): void {
    const by = this.#stats.by.map(({ of }) => of(row.field));
    const key = keyOf(by);
    let group = this.#groups.get(key);
    if (!group) {
      if (this.#groups.size === MOST_GROUPS)
        throw new QueryTooLarge(`stats would have more than ${MOST_GROUPS} groups`);
      group = { by, tallies: this.#stats.aggregates.map(({ of }) => of()) };
      this.#groups.set(key, group);
    }
    for (const tally of group.tallies) tally.add(row.field);
  }

  rows(): readonly Row[] {
    const { aggregates, by: names } = this.#stats;
    return [...this.#groups.values()].map(({ by, tallies }) => {
      const row = new Row(() => undefined);
      names.forEach(({ name }, index) => row.set(name, by[index]));
      aggregates.forEach(({ name }, index) => row.set(name, tallies[index]!.result()));
      return row;
    });
  }
}

/** Rows kept as they are; where only the first of them count, the others are let go on the way. */
class Lines {
  readonly #sort: Sort;
  readonly #most: number;
  #rows: readonly Row[] | Row[] = [];
  #characters = 0;

  /** Takes its sort from the commands that are left. */
  constructor(rest: Command[], limit: number) {
    this.#sort = rest[0]?.kind === 'sort' ? (rest.shift() as Sort) : NEWEST_FIRST;
    const [next] = rest;
    if (next === undefined) this.#most = limit;
    else this.#most = next.kind === 'limit' ? next.count : Infinity;
  }

  add(row: Row): void {
    (this.#rows as Row[]).push(row);
    this.#characters += String(row.field('@message') ?? '').length;
    if (this.#rows.length >= 2 * this.#most + MOST_RESULTS) this.#letGo();
    if (this.#most === Infinity && this.#characters > MOST_CHARACTERS)
      throw new QueryTooLarge('more lines would have to be compared than fit into memory; ask for less time');
  }

  rows(): readonly Row[] {
    return sorted(this.#rows, this.#sort);
  }

  #letGo(): void {
    this.#rows = sorted(this.#rows, this.#sort).slice(0, this.#most);
  }
}

/** `@ptr` comes with every row that is a line. */
function shownFields(commands: readonly Command[]): readonly string[] {
  let shown: string[] = [];
  let isLine = true;
  for (const command of commands) {
    if (command.kind === 'fields') shown.push(...command.fields.map(({ name }) => name));
    if (command.kind === 'display') shown = command.fields.map(({ name }) => name);
    if (command.kind !== 'stats') continue;
    shown = [...command.by, ...command.aggregates].map(({ name }) => name);
    isLine = false;
  }
  if (shown.length === 0) shown = ['@timestamp', '@message'];
  return [...new Set(isLine ? [...shown, '@ptr'] : shown)];
}

/** Fields that the row lacks are left out. */
function resultOf(row: Row, shown: readonly string[]): ResultRow {
  return shown.flatMap((name) => {
    const value = row.field(name);
    return value === undefined ? [] : [{ field: name, value: textOf(value) }];
  });
}
