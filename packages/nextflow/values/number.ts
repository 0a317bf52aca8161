import { classNameOf } from './class-name.ts';
import { Decimal } from './decimal.ts';
import { Double } from './double.ts';
import { fault } from './errors.ts';
import type { Value } from './value.ts';

export type GroovyNumber = number | bigint | Decimal | Double;

export function isNumber(value: Value): value is GroovyNumber {
  return (
    typeof value === 'number' ||
    typeof value === 'bigint' ||
    value instanceof Decimal ||
    value instanceof Double
  );
}

export function isInteger(value: Value): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint';
}

export function toDouble(value: Value): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint') return Number(value);
  if (value instanceof Decimal) return value.toNumber();
  if (value instanceof Double) return value.value;
  throw fault(`${classNameOf(value)} is not a number.`, 'ClassCastException');
}

export function toDecimal(value: Value): Decimal {
  if (value instanceof Decimal) return value;
  if (isInteger(value)) return Decimal.of(value);
  return Decimal.parse(String(toDouble(value)));
}

/** The whole part as an integer; out of 2^53 a bigint. */
export function toInteger(value: Value): number | bigint {
  if (isInteger(value)) return value;
  if (value instanceof Decimal) return integer(value.toInteger());
  return integer(BigInt(Math.trunc(toDouble(value))));
}

/** A plain number wherever it is exact. */
export function integer(value: bigint | number): number | bigint {
  if (typeof value === 'number') return value;
  return value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER)
    ? Number(value)
    : value;
}

/** The number that a literal or a text is: `1`, `0x1F`, `1.5`, `1e3`, `2d`, `3L`. */
export function parseNumber(written: string): GroovyNumber {
  const source = written.replace(/_/g, '');
  if (/^[+-]?0[xX]/.test(source)) return integer(BigInt(source.replace(/[lLgGiI]$/, '')));
  if (/^0[bB]/.test(source)) return integer(BigInt(source.replace(/[lLgGiI]$/, '')));
  const digits = source.replace(/[lLgGiIdDfF]$/, '');
  if (/[dDfF]$/.test(source)) return new Double(Number(digits));
  if (!/[.eE]/.test(digits))
    return integer(/^0[0-7]+$/.test(digits) ? BigInt(`0o${digits.slice(1)}`) : BigInt(digits));
  return /[gG]$/.test(source) ? Decimal.parse(digits) : Decimal.parse(digits);
}
