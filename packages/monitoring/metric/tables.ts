import { type Kysely, sql } from 'kysely';
import { type AnyDatabase, columnTypes, type Migration, tables, type Transaction } from '@helicase/records';

/** A metric with its dimensions and unit, in an account and Region. */
export interface MetricSeriesRow {
  id: string;
  account: string;
  region: string;
  namespace: string;
  name: string;
  /** JSON: pairs of name and value, by name. */
  dimensions: string;
  unit: string;
  last_at: number;
}

/** What a series measured from `at` on for `period` seconds. */
export interface MetricPointRow {
  series: string;
  period: number;
  at: number;
  count: number;
  sum: number;
  min: number;
  max: number;
}

/** How many of a point's values fell into a bucket of a `Sketch`. */
export interface MetricBucketRow {
  series: string;
  period: number;
  at: number;
  bucket: number;
  count: number;
}

interface MetricTables {
  metric_bucket: MetricBucketRow;
  metric_series: MetricSeriesRow;
  metric_point: MetricPointRow;
}

export function metricTables(tx: Transaction): Kysely<MetricTables> {
  return tables<MetricTables>(tx);
}

export const metricMigrations: readonly Migration[] = [
  { name: '2026-11-25-monitoring-metrics', up: createTables },
  { name: '2026-11-25-monitoring-metric-buckets', up: createBuckets },
];

async function createBuckets(database: Kysely<AnyDatabase>, dialect: 'sqlite' | 'postgres'): Promise<void> {
  const { real, text } = columnTypes(dialect);
  await database.schema
    .createTable('metric_bucket')
    .addColumn('series', sql.raw(text), (column) => column.notNull())
    .addColumn('period', 'integer', (column) => column.notNull())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addColumn('bucket', 'integer', (column) => column.notNull())
    .addColumn('count', sql.raw(real), (column) => column.notNull())
    .addPrimaryKeyConstraint('metric_bucket_key', ['series', 'period', 'at', 'bucket'])
    .execute();
  await database.schema
    .createIndex('metric_bucket_by_age')
    .on('metric_bucket')
    .columns(['period', 'at'])
    .execute();
}

async function createTables(database: Kysely<AnyDatabase>, dialect: 'sqlite' | 'postgres'): Promise<void> {
  const text = sql.raw(columnTypes(dialect).text);
  const real = sql.raw(columnTypes(dialect).real);
  await database.schema
    .createTable('metric_series')
    .addColumn('id', text, (column) => column.primaryKey())
    .addColumn('account', text, (column) => column.notNull())
    .addColumn('region', text, (column) => column.notNull())
    .addColumn('namespace', text, (column) => column.notNull())
    .addColumn('name', text, (column) => column.notNull())
    .addColumn('dimensions', text, (column) => column.notNull())
    .addColumn('unit', text, (column) => column.notNull())
    .addColumn('last_at', 'bigint', (column) => column.notNull())
    .execute();
  await database.schema
    .createIndex('metric_series_by_name')
    .on('metric_series')
    .columns(['account', 'region', 'namespace', 'name', 'id'])
    .execute();
  await database.schema
    .createTable('metric_point')
    .addColumn('series', text, (column) => column.notNull())
    .addColumn('period', 'integer', (column) => column.notNull())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addColumn('count', real, (column) => column.notNull())
    .addColumn('sum', real, (column) => column.notNull())
    .addColumn('min', real, (column) => column.notNull())
    .addColumn('max', real, (column) => column.notNull())
    .addPrimaryKeyConstraint('metric_point_key', ['series', 'period', 'at'])
    .execute();
  await database.schema
    .createIndex('metric_point_by_age')
    .on('metric_point')
    .columns(['period', 'at'])
    .execute();
}
