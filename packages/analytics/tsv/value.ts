import type { Value } from '../parquet/column.ts';
import { shown } from '../vcf/vcf-error.ts';
import type { Field } from './split-row.ts';
import type { SchemaType } from './layout.ts';

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const SPECIAL: Readonly<Record<string, number>> = {
  nan: NaN,
  inf: Infinity,
  '+inf': Infinity,
  infinity: Infinity,
  '-inf': -Infinity,
  '-infinity': -Infinity,
};
const LIMITS = { INT: 31n, LONG: 63n } as const;

/** A value is not of its column's type. */
export class WrongValue extends Error {}

/** The value as the table stores it. Throws WrongValue. */
export function typedValue(field: Field, type: SchemaType): Value {
  if (field === null) return null;
  switch (type) {
    case 'STRING':
      return field;
    case 'INT':
      return Number(integer(field, type));
    case 'LONG':
      return integer(field, type);
    case 'FLOAT':
    case 'DOUBLE':
      return real(field, type);
    case 'BOOLEAN':
      return boolean(field);
  }
}

function integer(text: string, type: 'INT' | 'LONG'): bigint {
  if (!/^[+-]?\d{1,19}$/.test(text)) throw wrong(text, type);
  const value = BigInt(text.replace(/^\+/, ''));
  const limit = 1n << LIMITS[type];
  if (value >= limit || value < -limit) throw wrong(text, type);
  return value;
}

function real(text: string, type: SchemaType): number {
  if (NUMBER.test(text)) return Number(text);
  const special = SPECIAL[text.toLowerCase()];
  if (special === undefined) throw wrong(text, type);
  return special;
}

function boolean(text: string): boolean {
  if (!/^(true|false)$/i.test(text)) throw wrong(text, 'BOOLEAN');
  return text.toLowerCase() === 'true';
}

function wrong(text: string, type: SchemaType): WrongValue {
  return new WrongValue(`${shown(text)} is no ${type}`);
}
