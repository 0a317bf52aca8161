import { sql } from 'kysely';
import type { Scope } from '@helicase/kernel';
import type { Records, Transaction } from '@helicase/records';
import {
  type Buckets,
  dimensionText,
  type Measurement,
  type Measures,
  merged,
  type Metric,
  seriesId,
} from './metric.ts';
import { type MetricBucketRow, type MetricPointRow, type MetricSeriesRow, metricTables } from './tables.ts';

/** How long points of a period are kept, and the period that they are put together to then: CloudWatch's retention. */
const RETENTION = [
  { period: 1, days: 3 / 24, then: 60 },
  { period: 60, days: 15, then: 300 },
  { period: 300, days: 63, then: 3600 },
  { period: 3600, days: 455, then: undefined },
] as const;
const DAY = 24 * 60 * 60 * 1000;
/** What nobody measured for two weeks is not listed any more, as with CloudWatch. */
const LISTED = 14 * DAY;

export interface PointsQuery {
  readonly metric: Metric;
  readonly unit?: string;
  /** Milliseconds: inclusive, and exclusive. */
  readonly start: number;
  readonly end: number;
  /** Seconds. */
  readonly period: number;
}

/** Measurements in the database, put together where they meet. */
export class MetricStore {
  readonly #records: Records;

  constructor(records: Records) {
    this.#records = records;
  }

  /** All or none, and durable when it resolves. */
  async add(measurements: readonly Measurement[]): Promise<void> {
    await this.#records.transaction((tx) => this.addWithin(tx, measurements));
  }

  async addWithin(tx: Transaction, measurements: readonly Measurement[]): Promise<void> {
    // In one order, so that two servers that add to the same points do not wait for each other.
    const rows = measurements.map(pointOf).sort((a, b) => (a.point.series < b.point.series ? -1 : 1));
    for (const { buckets, point, series } of rows) {
      await keepSeries(tx, series);
      await addPoint(tx, point);
      await addBuckets(tx, buckets);
    }
  }

  /** By the start of their period, oldest first. */
  async points(scope: Scope, query: PointsQuery): Promise<ReadonlyMap<number, Measures>> {
    const { end, period, start } = query;
    const length = period * 1000;
    const series = await this.#seriesOf(scope, query);
    if (series.length === 0) return new Map();
    const rows = await metricTables(this.#records.direct)
      .selectFrom('metric_point')
      .selectAll()
      .where('series', 'in', series)
      .where('at', '>=', start)
      .where('at', '<', end)
      .orderBy('at')
      .execute();
    const buckets = await this.#buckets(series, start, end);
    const points = new Map<number, Measures>();
    for (const row of rows) {
      const at = Math.floor(Number(row.at) / length) * length;
      const before = points.get(at);
      const found = buckets.get(placeOf(row));
      const { count, max, min, sum } = row;
      const of: Measures = { count, max, min, sum, ...(found ? { buckets: found } : {}) };
      points.set(at, before ? merged(before, of) : of);
    }
    return points;
  }

  /** By the place of their point. */
  async #buckets(
    series: readonly string[],
    start: number,
    end: number,
  ): Promise<ReadonlyMap<string, Buckets>> {
    const rows = await metricTables(this.#records.direct)
      .selectFrom('metric_bucket')
      .selectAll()
      .where('series', 'in', series)
      .where('at', '>=', start)
      .where('at', '<', end)
      .execute();
    const buckets = new Map<string, Map<number, number>>();
    for (const row of rows) {
      const of = buckets.get(placeOf(row)) ?? new Map<number, number>();
      buckets.set(placeOf(row), of.set(row.bucket, row.count));
    }
    return buckets;
  }

  /** Metrics that were measured lately, each once whatever its units, by key. */
  async list(
    { account, region }: Scope,
    query: {
      readonly namespace?: string;
      readonly name?: string;
      readonly after?: string;
      readonly limit: number;
    },
    now: number,
  ): Promise<readonly (Metric & { readonly id: string })[]> {
    let rows = metricTables(this.#records.direct)
      .selectFrom('metric_series')
      .selectAll()
      .where('account', '=', account)
      .where('region', '=', region)
      .where('last_at', '>=', now - LISTED)
      .orderBy('id')
      .limit(query.limit);
    if (query.namespace !== undefined) rows = rows.where('namespace', '=', query.namespace);
    if (query.name !== undefined) rows = rows.where('name', '=', query.name);
    if (query.after !== undefined) rows = rows.where('id', '>', query.after);
    return (await rows.execute()).map(({ dimensions, id, name, namespace }) => ({
      ...{ id, namespace, name },
      dimensions: Object.fromEntries(JSON.parse(dimensions) as [string, string][]),
    }));
  }

  /** Points that got old are put together to coarser ones; the oldest go. */
  async rollUp(now: number): Promise<void> {
    for (const { days, period, then } of RETENTION) {
      const before = now - days * DAY;
      await this.#records.transaction(async (tx) => {
        if (then !== undefined) {
          await coarsen(tx, period, then, before);
          await coarsenBuckets(tx, period, then, before);
        }
        for (const table of ['metric_point', 'metric_bucket'] as const)
          await metricTables(tx)
            .deleteFrom(table)
            .where('period', '=', period)
            .where('at', '<', floor(before, then))
            .execute();
      });
    }
    await metricTables(this.#records.direct)
      .deleteFrom('metric_series')
      .where('last_at', '<', now - 456 * DAY)
      .execute();
  }

  async #seriesOf({ account, region }: Scope, { metric, unit }: PointsQuery): Promise<readonly string[]> {
    let rows = metricTables(this.#records.direct)
      .selectFrom('metric_series')
      .select('id')
      .where('account', '=', account)
      .where('region', '=', region)
      .where('namespace', '=', metric.namespace)
      .where('name', '=', metric.name)
      .where('dimensions', '=', dimensionText(metric.dimensions));
    if (unit !== undefined) rows = rows.where('unit', '=', unit);
    return (await rows.execute()).map(({ id }) => id);
  }
}

interface Rows {
  readonly series: MetricSeriesRow;
  readonly point: MetricPointRow;
  readonly buckets: readonly MetricBucketRow[];
}

function placeOf({ at, period, series }: Pick<MetricPointRow, 'series' | 'period' | 'at'>): string {
  return `${series} ${period} ${at}`;
}

function pointOf(of: Measurement): Rows {
  const { at, count, max, min, name, namespace, resolution, scope, sum, unit } = of;
  const id = seriesId(scope, of, unit);
  const dimensions = dimensionText(of.dimensions);
  const start = Math.floor(at / (resolution * 1000)) * resolution * 1000;
  return {
    series: { id, ...scope, namespace, name, dimensions, unit, last_at: at },
    point: { series: id, period: resolution, at: start, count, sum, min, max },
    buckets: [...(of.buckets ?? [])].map(([bucket, count]) => ({
      ...{ series: id, period: resolution, at: start, bucket, count },
    })),
  };
}

async function keepSeries(tx: Transaction, row: MetricSeriesRow): Promise<void> {
  const { account, dimensions, id, last_at, name, namespace, region, unit } = row;
  await metricTables(tx)
    .insertInto('metric_series')
    .values({ id, account, region, namespace, name, dimensions, unit, last_at })
    .onConflict((conflict) => conflict.column('id').doUpdateSet({ last_at }))
    .execute();
}

async function addPoint(tx: Transaction, row: MetricPointRow): Promise<void> {
  await metricTables(tx)
    .insertInto('metric_point')
    .values(row)
    .onConflict((conflict) => conflict.columns(['series', 'period', 'at']).doUpdateSet(together))
    .execute();
}

async function addBuckets(tx: Transaction, rows: readonly MetricBucketRow[]): Promise<void> {
  if (rows.length === 0) return;
  await metricTables(tx)
    .insertInto('metric_bucket')
    .values([...rows])
    .onConflict((conflict) =>
      conflict
        .columns(['series', 'period', 'at', 'bucket'])
        .doUpdateSet({ count: sql<number>`metric_bucket.count + excluded.count` }),
    )
    .execute();
}

const together = {
  count: sql<number>`metric_point.count + excluded.count`,
  sum: sql<number>`metric_point.sum + excluded.sum`,
  min: sql<number>`case when excluded.min < metric_point.min then excluded.min else metric_point.min end`,
  max: sql<number>`case when excluded.max > metric_point.max then excluded.max else metric_point.max end`,
};

/** A coarse point is made of all its fine ones at once: up to its last full period. */
function floor(at: number, period: number | undefined): number {
  const length = (period ?? 1) * 1000;
  return Math.floor(at / length) * length;
}

async function coarsen(tx: Transaction, from: number, to: number, before: number): Promise<void> {
  const length = to * 1000;
  const start = sql<number>`at - (at % ${sql.lit(length)})`;
  await metricTables(tx)
    .insertInto('metric_point')
    .columns(['series', 'period', 'at', 'count', 'sum', 'min', 'max'])
    .expression(
      metricTables(tx)
        .selectFrom('metric_point')
        .select([
          'series',
          sql<number>`${sql.lit(to)}`.as('period'),
          start.as('at'),
          sql<number>`sum(count)`.as('count'),
          sql<number>`sum(sum)`.as('sum'),
          sql<number>`min(min)`.as('min'),
          sql<number>`max(max)`.as('max'),
        ])
        .where('period', '=', from)
        .where('at', '<', floor(before, to))
        .groupBy(['series', start]),
    )
    .onConflict((conflict) => conflict.columns(['series', 'period', 'at']).doUpdateSet(together))
    .execute();
}

async function coarsenBuckets(tx: Transaction, from: number, to: number, before: number): Promise<void> {
  const start = sql<number>`at - (at % ${sql.lit(to * 1000)})`;
  await metricTables(tx)
    .insertInto('metric_bucket')
    .columns(['series', 'period', 'at', 'bucket', 'count'])
    .expression(
      metricTables(tx)
        .selectFrom('metric_bucket')
        .select([
          'series',
          sql<number>`${sql.lit(to)}`.as('period'),
          start.as('at'),
          'bucket',
          sql<number>`sum(count)`.as('count'),
        ])
        .where('period', '=', from)
        .where('at', '<', floor(before, to))
        .groupBy(['series', start, 'bucket']),
    )
    .onConflict((conflict) =>
      conflict
        .columns(['series', 'period', 'at', 'bucket'])
        .doUpdateSet({ count: sql<number>`metric_bucket.count + excluded.count` }),
    )
    .execute();
}
