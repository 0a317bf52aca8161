/** A metric or what was made of one: values by the start of their period. */
export interface Series {
  readonly label: string;
  /** Seconds. */
  readonly period: number;
  readonly points: ReadonlyMap<number, number>;
}

/** A scalar, a time series, an array of them, or a word such as REPEAT. */
export type Value = number | string | Series | readonly Series[];

export function isList(value: Value): value is readonly Series[] {
  return Array.isArray(value);
}

export function isSeries(value: Value): value is Series {
  return typeof value === 'object' && !isList(value);
}

const truth = (value: boolean): number => (value ? 1 : 0);
const OPERATIONS: Readonly<Record<string, (a: number, b: number) => number>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '^': (a, b) => a ** b,
  '==': (a, b) => truth(a === b),
  '!=': (a, b) => truth(a !== b),
  '<': (a, b) => truth(a < b),
  '<=': (a, b) => truth(a <= b),
  '>': (a, b) => truth(a > b),
  '>=': (a, b) => truth(a >= b),
  AND: (a, b) => truth(a !== 0 && b !== 0),
  OR: (a, b) => truth(a !== 0 || b !== 0),
};
const WORDS: Readonly<Record<string, string>> = { '&&': 'AND', '||': 'OR' };

/** An operator between values; series go together where both have a value. */
export function calculated(sign: string, left: Value, right: Value): Value {
  return combined(left, right, OPERATIONS[WORDS[sign] ?? sign]!);
}

export function combined(left: Value, right: Value, of: (a: number, b: number) => number): Value {
  if (isList(left)) return left.map((one) => combined(one, right, of) as Series);
  if (isList(right)) return right.map((one) => combined(left, one, of) as Series);
  if (isSeries(left) && isSeries(right))
    return mapped(left, (value, at) => {
      const other = right.points.get(at);
      return other === undefined ? undefined : of(value, other);
    });
  if (isSeries(left)) return mapped(left, (value) => of(value, Number(right)));
  if (isSeries(right)) return mapped(right, (value) => of(Number(left), value));
  return of(Number(left), Number(right));
}

/** A point for each value that the function has; what is no number, as after a division by zero, is none. */
export function mapped(series: Series, of: (value: number, at: number) => number | undefined): Series {
  const points = new Map<number, number>();
  for (const [at, value] of series.points) {
    const result = of(value, at);
    if (result !== undefined && Number.isFinite(result)) points.set(at, result);
  }
  return { ...series, points };
}
