import { Sketch } from '../../metric/sketch.ts';
import { type Expression, type FieldOf, holds, parseExpression } from './expression.ts';
import { malformed } from './malformed.ts';
import type { Token, Tokens } from './tokens.ts';
import { compare, numberOf, textOf, type Value } from './value.ts';

/** One group's aggregate: takes line after line. */
export interface Tally {
  add(field: FieldOf): void;
  result(): Value;
}

/** Makes a tally for each group. */
export type Aggregate = () => Tally;

/** `count(*)`, `avg(@x)`, `pct(@x, 95)`: "Aggregation functions in the stats command". */
export function parseAggregate(tokens: Tokens): Aggregate {
  const name = tokens.take();
  const word = name.text.toLowerCase();
  if (name.kind !== 'name' || !Object.hasOwn(AGGREGATES, word))
    throw malformed(name, `an aggregate function is expected: ${Object.keys(AGGREGATES).join(', ')}`);
  tokens.expectSign('(');
  if (word === 'count' && tokens.takeSign(')')) return () => counted(() => true);
  if (word === 'count' && tokens.takeSign('*')) {
    tokens.expectSign(')');
    return () => counted(() => true);
  }
  const of = parseExpression(tokens);
  const share = word === 'pct' || word === 'percentile' ? parseShare(tokens) : 0.5;
  tokens.expectSign(')');
  return () => AGGREGATES[word]!(of, share);
}

function parseShare(tokens: Tokens): number {
  tokens.expectSign(',');
  const token: Token = tokens.take();
  const share = token.kind === 'number' ? Number(token.text) / 100 : NaN;
  if (!(share >= 0 && share <= 1)) throw malformed(token, 'a percentile from 0 to 100 is expected');
  return share;
}

const AGGREGATES: Readonly<Record<string, (of: Expression, share: number) => Tally>> = {
  count: (of) => counted((value) => (typeof value === 'boolean' ? holds(value) : value !== undefined), of),
  count_distinct: distinct,
  sum: (of) => numeric(of, (numbers) => numbers.sum),
  avg: (of) => numeric(of, (numbers) => numbers.sum / numbers.count),
  stddev: (of) =>
    numeric(of, ({ count, squares, sum }) => Math.sqrt(Math.max(squares / count - (sum / count) ** 2, 0))),
  min: (of) => extreme(of, (order) => order < 0),
  max: (of) => extreme(of, (order) => order > 0),
  pct: percentile,
  percentile,
  median: percentile,
  earliest: (of) => byTime(of, (order) => order < 0),
  latest: (of) => byTime(of, (order) => order >= 0),
  sortsfirst: (of) => extreme(of, (order) => order < 0),
  sortslast: (of) => extreme(of, (order) => order > 0),
};

function counted(counts: (value: Value) => boolean, of?: Expression): Tally {
  let count = 0;
  return {
    add: (field) => void (counts(of?.(field)) && (count += 1)),
    result: () => count,
  };
}

function distinct(of: Expression): Tally {
  const seen = new Set<string>();
  return {
    add(field) {
      const value = of(field);
      if (value !== undefined) seen.add(textOf(value));
    },
    result: () => seen.size,
  };
}

interface Numbers {
  count: number;
  sum: number;
  squares: number;
}

function numeric(of: Expression, result: (numbers: Numbers) => number): Tally {
  const numbers: Numbers = { count: 0, sum: 0, squares: 0 };
  return {
    add(field) {
      const number = numberOf(of(field));
      if (Number.isNaN(number)) return;
      numbers.count += 1;
      numbers.sum += number;
      numbers.squares += number * number;
    },
    result: () => (numbers.count === 0 ? undefined : result(numbers)),
  };
}

function extreme(of: Expression, isBetter: (order: number) => boolean): Tally {
  let best: Value;
  return {
    add(field) {
      const value = of(field);
      if (value !== undefined && (best === undefined || isBetter(compare(value, best)))) best = value;
    },
    result: () => best,
  };
}

/** The value of the line that has the first or last time. */
function byTime(of: Expression, isBetter: (order: number) => boolean): Tally {
  let at: number | undefined;
  let best: Value;
  return {
    add(field) {
      const [time, value] = [numberOf(field('@timestamp')), of(field)];
      if (value === undefined || (at !== undefined && !isBetter(time - at))) return;
      [at, best] = [time, value];
    },
    result: () => best,
  };
}

function percentile(of: Expression, share: number): Tally {
  const sketch = new Sketch();
  return {
    add(field) {
      const number = numberOf(of(field));
      if (!Number.isNaN(number)) sketch.add(number);
    },
    result: () => sketch.percentile(share),
  };
}
