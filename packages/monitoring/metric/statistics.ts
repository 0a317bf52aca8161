import type { Statistic } from '@aws-sdk/client-cloudwatch';
import { errors } from './errors.ts';
import type { Measures } from './metric.ts';

const STATISTICS: Readonly<Record<Statistic, (of: Measures) => number>> = {
  SampleCount: ({ count }) => count,
  Sum: ({ sum }) => sum,
  Average: ({ count, sum }) => sum / count,
  Minimum: ({ min }) => min,
  Maximum: ({ max }) => max,
};

/** One of CloudWatch's five statistics. Throws for percentiles and their like: single values are not kept. */
export function statisticOf(name: string): (of: Measures) => number {
  if (Object.hasOwn(STATISTICS, name)) return STATISTICS[name as Statistic];
  throw errors.unsupported({
    what: `The statistic ${name}`,
    reason: `single values are not kept, only ${Object.keys(STATISTICS).join(', ')}`,
  });
}

/** Throws where the period is none of CloudWatch's. */
export function checkPeriod(period: number): void {
  const isFine = [1, 5, 10, 20, 30].includes(period) || (period > 0 && period % 60 === 0);
  if (!isFine)
    throw errors.badValue({ name: 'Period', reason: 'it must be 1, 5, 10, 20, 30 or a multiple of 60' });
}
