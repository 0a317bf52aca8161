import { type Value, numberOf, textOf } from './value.ts';

interface ScalarFunction {
  readonly least: number;
  readonly most: number;
  readonly of: (...values: readonly Value[]) => Value;
}

const UNITS: Readonly<Record<string, number>> = {
  ...{ ms: 1, msec: 1, s: 1000, sec: 1000, m: 60_000, min: 60_000, h: 3_600_000, hr: 3_600_000 },
  ...{ d: 86_400_000, w: 7 * 86_400_000 },
};

/** Milliseconds of `5m`, `1h`, `30 sec`; undefined for other units. Months and longer have no fixed length. */
export function periodOf(amount: number, unit: string): number | undefined {
  const singular = unit.length > 2 && unit !== 'ms' ? unit.replace(/s$/, '') : unit;
  const words: Readonly<Record<string, string>> = {
    ...{ second: 's', minute: 'm', hour: 'h', day: 'd', week: 'w', millisecond: 'ms' },
  };
  const millis = UNITS[words[singular] ?? singular];
  return millis === undefined ? undefined : amount * millis;
}

/** The user guide, "Supported operations and functions": what is here of them. */
export const FUNCTIONS: Readonly<Record<string, ScalarFunction>> = {
  abs: ofNumbers(1, Math.abs),
  ceil: ofNumbers(1, Math.ceil),
  floor: ofNumbers(1, Math.floor),
  sqrt: ofNumbers(1, Math.sqrt),
  log: ofNumbers(1, Math.log),
  greatest: ofNumbers(Infinity, Math.max),
  least: ofNumbers(Infinity, Math.min),
  ispresent: { least: 1, most: 1, of: (value) => value !== undefined },
  isempty: { least: 1, most: 1, of: (value) => value === undefined || value === '' },
  isblank: { least: 1, most: 1, of: (value) => value === undefined || textOf(value).trim() === '' },
  coalesce: { least: 1, most: Infinity, of: (...values) => values.find((value) => value !== undefined) },
  concat: {
    ...{ least: 1, most: Infinity },
    of: (...values) => values.map((value) => (value === undefined ? '' : textOf(value))).join(''),
  },
  strlen: ofText(1, (text) => text.length),
  toupper: ofText(1, (text) => text.toUpperCase()),
  tolower: ofText(1, (text) => text.toLowerCase()),
  trim: ofText(1, (text) => text.trim()),
  ltrim: ofText(1, (text) => text.trimStart()),
  rtrim: ofText(1, (text) => text.trimEnd()),
  strcontains: ofText(2, (text, part) => (text.includes(part!) ? 1 : 0)),
  replace: ofText(3, (text, part, by) => text.replaceAll(part!, () => by!)),
  substr: {
    ...{ least: 2, most: 3 },
    of(text, from, length) {
      if (text === undefined) return undefined;
      const start = numberOf(from);
      return textOf(text).slice(start, length === undefined ? undefined : start + numberOf(length));
    },
  },
  frommillis: { least: 1, most: 1, of: (value) => defined(numberOf(value), (millis) => ({ millis })) },
  tomillis: { least: 1, most: 1, of: (value) => defined(numberOf(value), (millis) => millis) },
};

function ofNumbers(most: number, of: (...numbers: number[]) => number): ScalarFunction {
  return {
    ...{ least: 1, most },
    of: (...values) => defined(of(...values.map(numberOf)), (number) => number),
  };
}

function ofText(count: number, of: (...texts: [string, ...string[]]) => Value): ScalarFunction {
  return {
    ...{ least: count, most: count },
    of(...values) {
      if (values.some((value) => value === undefined)) return undefined;
      return of(...(values.map((value) => textOf(value!)) as [string, ...string[]]));
    },
  };
}

function defined(number: number, then: (number: number) => Value): Value {
  return Number.isNaN(number) ? undefined : then(number);
}
