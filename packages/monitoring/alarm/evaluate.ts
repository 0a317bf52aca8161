import type { StateValue } from '@aws-sdk/client-cloudwatch';
import type { Measures } from '../metric/metric.ts';
import { statisticOf } from '../metric/statistics.ts';
import type { AlarmConfiguration } from './alarm.ts';

const COMPARISONS: Readonly<
  Record<string, { readonly words: string; readonly holds: (value: number, threshold: number) => boolean }>
> = {
  GreaterThanOrEqualToThreshold: { words: 'greater than or equal to', holds: (value, than) => value >= than },
  GreaterThanThreshold: { words: 'greater than', holds: (value, than) => value > than },
  LessThanThreshold: { words: 'less than', holds: (value, than) => value < than },
  LessThanOrEqualToThreshold: { words: 'less than or equal to', holds: (value, than) => value <= than },
};

export function isComparison(name: string): boolean {
  return Object.hasOwn(COMPARISONS, name);
}

/** The periods that an alarm looks at: the last full ones. Milliseconds. */
export function evaluatedRange({ EvaluationPeriods, Period }: AlarmConfiguration, now: number) {
  const length = Period! * 1000;
  const end = Math.floor(now / length) * length;
  return { start: end - EvaluationPeriods! * length, end };
}

export interface Verdict {
  readonly state: StateValue;
  readonly reason: string;
}

/** What the points of these periods say; undefined: nothing, the alarm stays as it is ("ignore"). */
export function evaluate(
  configuration: AlarmConfiguration,
  points: ReadonlyMap<number, Measures>,
): Verdict | undefined {
  const { EvaluationPeriods: periods, TreatMissingData: missing = 'missing', Threshold } = configuration;
  const needed = configuration.DatapointsToAlarm ?? periods!;
  const { holds, words } = COMPARISONS[configuration.ComparisonOperator!]!;
  const statistic = statisticOf((configuration.Statistic ?? configuration.ExtendedStatistic)!);
  const values = [...points.values()].map(statistic).filter((value) => value !== undefined);
  if (values.length === 0 && missing === 'ignore') return undefined;
  if (values.length === 0 && missing === 'missing') {
    const reason = `Insufficient Data: ${periods} datapoints were unknown.`;
    return { state: 'INSUFFICIENT_DATA', reason };
  }
  const absent = periods! - values.length;
  const breaching = values.filter((value) => holds(value, Threshold!)).length;
  const counted = breaching + (missing === 'breaching' ? absent : 0);
  const isAlarm = counted >= needed;
  const reason = `Threshold Crossed: ${counted} out of the last ${periods} datapoints [${values.join(', ')}] ${
    isAlarm ? 'were' : 'are not enough that are'
  } ${words} the threshold (${Threshold}) (minimum ${needed} datapoints for OK -> ALARM transition).`;
  return { state: isAlarm ? 'ALARM' : 'OK', reason };
}
