import type { MetricDatum, PutMetricDataInput } from '@aws-sdk/client-cloudwatch';
import type { Scope } from '@helicase/kernel';
import { errors } from './errors.ts';
import { dimensionsOf, type Measurement, type Measures, merged } from './metric.ts';
import { bucketOf } from './sketch.ts';

const DAY = 24 * 60 * 60 * 1000;
/** CloudWatch's bounds of a value. */
const LARGEST = 2 ** 360;

/** What the request measured. Throws before anything is kept where one of its data is wrong. */
export function measurementsOf(
  scope: Scope,
  { EntityMetricData = [], MetricData = [], Namespace }: PutMetricDataInput,
  now: number,
): readonly Measurement[] {
  const data = [...MetricData, ...EntityMetricData.flatMap((of) => of.MetricData ?? [])];
  if (data.length === 0) throw errors.missing({ name: 'MetricData' });
  if (Namespace!.startsWith('AWS/'))
    throw errors.badValue({ name: 'Namespace', reason: 'names that begin with AWS/ are the services’ own' });
  return data.map((datum, index): Measurement => {
    const place = `MetricData.member.${index + 1}`;
    const at = datum.Timestamp?.getTime() ?? now;
    if (at < now - 14 * DAY || at > now + 2 * 60 * 60 * 1000)
      throw errors.badValue({
        name: `${place}.Timestamp`,
        reason: 'it must not be more than two weeks ago or two hours ahead',
      });
    return {
      ...{ scope, namespace: Namespace!, name: datum.MetricName!, at },
      ...{ dimensions: dimensionsOf(datum.Dimensions), unit: datum.Unit ?? 'None' },
      ...{ resolution: datum.StorageResolution === 1 ? 1 : 60, ...measuresOf(datum, place) },
    };
  });
}

function measuresOf(datum: MetricDatum, place: string): Measures {
  const { StatisticValues, Value, Values } = datum;
  const given = [Value, Values, StatisticValues].filter((of) => of !== undefined).length;
  if (given !== 1)
    throw errors.badCombination({
      reason: `${place} must have exactly one of Value, Values and StatisticValues`,
    });
  if (StatisticValues) {
    const { Maximum, Minimum, SampleCount, Sum } = StatisticValues;
    const of = { count: SampleCount!, sum: Sum!, min: Minimum!, max: Maximum! };
    for (const value of Object.values(of)) checkValue(value, place);
    return of;
  }
  return countedValues(datum, place);
}

function countedValues({ Counts, Value, Values = [Value!] }: MetricDatum, place: string): Measures {
  if (Counts && Counts.length !== Values.length)
    throw errors.badCombination({
      reason: `${place} has ${Values.length} Values and ${Counts.length} Counts`,
    });
  if (Values.length === 0) throw errors.missing({ name: `${place}.Values` });
  const each = Values.map((value, index): Measures => {
    checkValue(value, place);
    const count = Counts?.[index] ?? 1;
    return {
      count,
      sum: value * count,
      min: value,
      max: value,
      buckets: new Map([[bucketOf(value), count]]),
    };
  });
  return each.reduce(merged);
}

function checkValue(value: number, place: string): void {
  if (Number.isFinite(value) && Math.abs(value) <= LARGEST) return;
  throw errors.badValue({ name: `${place}.Value`, reason: 'it must be a number from -2^360 to 2^360' });
}
