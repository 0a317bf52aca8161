import { coerce } from '../coerce.ts';
import type { FileAccess } from '../files.ts';
import { EvaluationError, type PairValue, type Value } from '../value.ts';

/** One function of the standard library, given evaluated arguments whose number the checker has seen to. */
export type LibraryFunction = (args: readonly Value[], files: FileAccess) => Value | Promise<Value>;

const ANYTHING = { kind: 'Any', optional: true } as const;

export function textOf(value: Value): string {
  const coerced = coerce(value, { kind: 'String', optional: false });
  return coerced.kind === 'String' ? coerced.value : '';
}

export function numberOf(value: Value): number {
  const coerced = coerce(value, { kind: 'Float', optional: false });
  return coerced.kind === 'Float' ? coerced.value : NaN;
}

export function isTrue(value: Value): boolean {
  const coerced = coerce(value, { kind: 'Boolean', optional: false });
  return coerced.kind === 'Boolean' && coerced.value;
}

export function itemsOf(value: Value): readonly Value[] {
  if (value.kind === 'Array') return value.items;
  const coerced = coerce(value, { kind: 'Array', item: ANYTHING, nonEmpty: false, optional: false });
  return coerced.kind === 'Array' ? coerced.items : [];
}

export function textsOf(value: Value): string[] {
  return itemsOf(value).map(textOf);
}

export function entriesOf(value: Value): (readonly [Value, Value])[] {
  const coerced = coerce(value, { kind: 'Map', key: ANYTHING, value: ANYTHING, optional: false });
  return coerced.kind === 'Map' ? [...coerced.entries.values()] : [];
}

export function pairsOf(value: Value): PairValue[] {
  return itemsOf(value).map((item) => {
    if (item.kind !== 'Pair') throw new EvaluationError(`A Pair is needed, not ${item.kind}.`);
    return item;
  });
}
