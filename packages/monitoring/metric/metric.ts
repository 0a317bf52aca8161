import { createHash } from 'node:crypto';
import type { Dimension } from '@aws-sdk/client-cloudwatch';
import type { Scope } from '@helicase/kernel';
import { bucketOf } from './sketch.ts';

/** A metric as requests name it. */
export interface Metric {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
}

/** What was measured in a stretch of time. */
export interface Measures {
  readonly count: number;
  readonly sum: number;
  readonly min: number;
  readonly max: number;
  /** How many values fell into each bucket of a `Sketch`; absent where only the others are known, as of statistic sets. */
  readonly buckets?: Buckets;
}

export type Buckets = ReadonlyMap<number, number>;

/** A measurement to be kept. `at` in milliseconds. */
export interface Measurement extends Metric, Measures {
  readonly scope: Scope;
  readonly unit: string;
  readonly at: number;
  /** Seconds that it is kept apart from others: 1 or 60. */
  readonly resolution: 1 | 60;
}

export function merged(a: Measures, b: Measures): Measures {
  const [first, second] = [bucketsOf(a), bucketsOf(b)];
  return {
    count: a.count + b.count,
    sum: a.sum + b.sum,
    min: Math.min(a.min, b.min),
    max: Math.max(a.max, b.max),
    ...(first && second ? { buckets: together(first, second) } : {}),
  };
}

/** Where all values were the same, they need not be kept to be known. */
export function bucketsOf({ buckets, count, max, min }: Measures): Buckets | undefined {
  return min === max ? new Map([[bucketOf(min), count]]) : buckets;
}

function together(a: Buckets, b: Buckets): Buckets {
  const all = new Map(a);
  for (const [bucket, count] of b) all.set(bucket, (all.get(bucket) ?? 0) + count);
  return all;
}

export function dimensionsOf(given: readonly Dimension[] = []): Readonly<Record<string, string>> {
  return Object.fromEntries(given.map(({ Name, Value }) => [Name!, Value!]));
}

/** The same text for the same dimensions, in whatever order they were given. */
export function dimensionText(dimensions: Readonly<Record<string, string>>): string {
  return JSON.stringify(Object.entries(dimensions).sort(([a], [b]) => (a < b ? -1 : 1)));
}

export function seriesId({ account, region }: Scope, metric: Metric, unit: string): string {
  const { dimensions, name, namespace } = metric;
  const key = JSON.stringify([account, region, namespace, name, dimensionText(dimensions), unit]);
  return createHash('sha256').update(key).digest('hex').slice(0, 32);
}
