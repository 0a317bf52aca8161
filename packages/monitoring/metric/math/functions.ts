import type { MathInput } from './expression.ts';
import { combined, isList, isSeries, mapped, type Series, type Value } from './value.ts';

interface MathFunction {
  /** How many arguments it may have. */
  readonly takes: readonly number[];
  /** Undefined where it does not go with these. */
  readonly of: (given: readonly Value[], input: MathInput) => Value | undefined;
}

/** The user guide, "Using metric math", "Functions and operators": what is here of it. */
export const FUNCTIONS: Readonly<Record<string, MathFunction>> = {
  METRICS: { takes: [0], of: (_, input) => input.metrics() },
  METRIC_COUNT: { takes: [1], of: ([list]) => (isList(list!) ? list.length : undefined) },
  SUM: aggregate((values) => values.reduce((sum, value) => sum + value, 0)),
  AVG: aggregate((values) => values.reduce((sum, value) => sum + value, 0) / values.length),
  MIN: aggregate((values) => Math.min(...values)),
  MAX: aggregate((values) => Math.max(...values)),
  STDDEV: aggregate(deviation),
  ABS: ofEach(Math.abs),
  CEIL: ofEach(Math.ceil),
  FLOOR: ofEach(Math.floor),
  LOG: ofEach(Math.log),
  LOG10: ofEach(Math.log10),
  FIRST: { takes: [1], of: ([list]) => (isList(list!) ? list[0] : undefined) },
  LAST: { takes: [1], of: ([list]) => (isList(list!) ? list.at(-1) : undefined) },
  DIFF: ofNeighbours((value, before) => value - before),
  RATE: ofNeighbours((value, before, seconds) => (value - before) / seconds),
  RUNNING_SUM: { takes: [1], of: ([series]) => (isSeries(series!) ? runningSum(series) : undefined) },
  PERIOD: { takes: [1], of: ([series]) => (isSeries(series!) ? series.period : undefined) },
  TIME_SERIES: {
    takes: [1],
    of: ([value], { timestamps }) =>
      typeof value === 'number'
        ? { label: '', period: 60, points: new Map(timestamps(60).map((at) => [at, value])) }
        : undefined,
  },
  FILL: { takes: [2], of: ([series, by], { timestamps }) => filled(series!, by!, timestamps) },
  IF: { takes: [2, 3], of: ([condition, then, otherwise]) => chosen(condition!, then!, otherwise) },
};

/** "SUM(m1) returns a scalar; SUM(METRICS()) returns a time series": over a series, or point by point over several. */
function aggregate(of: (values: readonly number[]) => number): MathFunction {
  return {
    takes: [1],
    of([given]) {
      if (isSeries(given!)) return given.points.size === 0 ? given : of([...given.points.values()]);
      if (!isList(given!)) return undefined;
      const byTime = new Map<number, number[]>();
      for (const { points } of given)
        for (const [at, value] of points) byTime.set(at, [...(byTime.get(at) ?? []), value]);
      const times = [...byTime.keys()].sort((a, b) => a - b);
      const period = Math.min(...given.map((one) => one.period));
      return { label: '', period, points: new Map(times.map((at) => [at, of(byTime.get(at)!)])) };
    },
  };
}

function deviation(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
}

function ofEach(of: (value: number) => number): MathFunction {
  return { takes: [1], of: ([value]) => (typeof value === 'string' ? undefined : combined(value!, 0, of)) };
}

function ofNeighbours(of: (value: number, before: number, seconds: number) => number): MathFunction {
  const one = (series: Series): Series => {
    let last: readonly [number, number] | undefined;
    return mapped(series, (value, at) => {
      const before = last;
      last = [at, value];
      return before && of(value, before[1], (at - before[0]) / 1000);
    });
  };
  return {
    takes: [1],
    of: ([given]) => (isList(given!) ? given.map(one) : isSeries(given!) ? one(given) : undefined),
  };
}

function runningSum(series: Series): Series {
  let sum = 0;
  return mapped(series, (value) => (sum += value));
}

/** Periods of the range without a value get this one, the last one (REPEAT), or what lies on the line between (LINEAR). */
function filled(given: Value, by: Value, timestamps: MathInput['timestamps']): Value | undefined {
  if (isList(given)) return given.map((one) => filled(one, by, timestamps) as Series);
  if (!isSeries(given) || typeof by === 'object') return undefined;
  const { points } = given;
  const known = [...points.keys()];
  const full = new Map<number, number>();
  for (const at of timestamps(given.period)) {
    const value = points.get(at) ?? fillAt(at, by, full, known, points);
    if (value !== undefined) full.set(at, value);
  }
  return { ...given, points: full };
}

function fillAt(
  at: number,
  by: number | string,
  full: ReadonlyMap<number, number>,
  known: readonly number[],
  points: ReadonlyMap<number, number>,
): number | undefined {
  if (typeof by === 'number') return by;
  const before = known.findLast((one) => one < at);
  if (by === 'REPEAT') return before === undefined ? undefined : full.get(before);
  const after = known.find((one) => one > at);
  if (before === undefined || after === undefined) return undefined;
  const [low, high] = [points.get(before)!, points.get(after)!];
  return low + ((high - low) * (at - before)) / (after - before);
}

/** Point by point where the condition is a series: those where it does not hold and nothing else is given have no value. */
function chosen(condition: Value, then: Value, otherwise: Value | undefined): Value | undefined {
  if (typeof condition === 'number') return condition !== 0 ? then : otherwise;
  if (!isSeries(condition) || isList(then) || (otherwise !== undefined && isList(otherwise)))
    return undefined;
  const at = (value: Value | undefined, time: number) =>
    value === undefined ? undefined : isSeries(value) ? value.points.get(time) : Number(value);
  return mapped(condition, (holds, time) => at(holds !== 0 ? then : otherwise, time));
}
