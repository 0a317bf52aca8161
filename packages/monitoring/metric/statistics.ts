import type { Statistic } from '@aws-sdk/client-cloudwatch';
import { errors } from './errors.ts';
import { bucketsOf, type Measures } from './metric.ts';
import { bucketPercentile } from './sketch.ts';

const STATISTICS: Readonly<Record<Statistic, (of: Measures) => number>> = {
  SampleCount: ({ count }) => count,
  Sum: ({ sum }) => sum,
  Average: ({ count, sum }) => sum / count,
  Minimum: ({ min }) => min,
  Maximum: ({ max }) => max,
};

/** What a statistic says of a stretch of time; undefined where that cannot be known. */
export type StatisticOf = (of: Measures) => number | undefined;

/** One of CloudWatch's five statistics, or a percentile (`p99`, `p99.9`). Throws for the others. */
export function statisticOf(name: string): StatisticOf {
  if (Object.hasOwn(STATISTICS, name)) return STATISTICS[name as Statistic];
  const share = Number(/^p(\d{1,3}(?:\.\d{1,10})?)$/.exec(name)?.[1]) / 100;
  if (share >= 0 && share <= 1) return (of) => percentileOf(of, share);
  throw errors.unsupported({
    what: `The statistic ${name}`,
    reason: `there are ${Object.keys(STATISTICS).join(', ')}, and percentiles from p0 to p100`,
  });
}

/** "Percentile statistics are not available for statistic sets unless all values are the same", in other words. */
function percentileOf(of: Measures, share: number): number | undefined {
  const buckets = bucketsOf(of);
  const kept = [...(buckets?.values() ?? [])].reduce((sum, count) => sum + count, 0);
  // Where a statistic set went into the same point, values are missing.
  const value =
    buckets && Math.round(kept) === Math.round(of.count) ? bucketPercentile(buckets, share) : undefined;
  return value === undefined ? undefined : Math.min(Math.max(value, of.min), of.max);
}

/** Throws where the period is none of CloudWatch's. */
export function checkPeriod(period: number): void {
  const isFine = [1, 5, 10, 20, 30].includes(period) || (period > 0 && period % 60 === 0);
  if (!isFine)
    throw errors.badValue({ name: 'Period', reason: 'it must be 1, 5, 10, 20, 30 or a multiple of 60' });
}

/** The range in milliseconds. Throws where it is none. */
export function checkedTimes(start: Date, end: Date): readonly [number, number] {
  if (start < end) return [start.getTime(), end.getTime()];
  throw errors.badValue({ name: 'StartTime', reason: 'it must be before EndTime' });
}
