import { DocumentError, type Position } from '../faults.ts';
import { isObject, setMember, type Value, type ValueObject } from '../value.ts';
import { fragmentOf } from './documents.ts';
import { markAt, markLike, positionOf } from './yaml-source.ts';

/** Where the member was written; the nearest place that is known otherwise. */
export function place(
  value: ValueObject | Value[],
  member: string | number | undefined,
  near: Position,
): Position {
  return positionOf(value, member) ?? near;
}

/**
 * The list that an idMap or a list stands for: each entry an object with its key as `key`. An entry that is no object
 * is the value of `predicate`.
 */
export function entries(
  value: Value | undefined,
  key: string,
  predicate: string | undefined,
  near: Position,
): ValueObject[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return value.map((item, index) => listed(item, place(value, index, near)));
  if (!isObject(value)) throw new DocumentError(near, 'A list or a map is needed here.');
  return Object.entries(value).map(([name, item]) => {
    const position = place(value, name, near);
    if (isObject(item)) return markLike({ ...item, [key]: item[key] ?? name }, item, { [key]: position });
    if (predicate === undefined && item !== null)
      throw new DocumentError(position, `${name} must be an object.`);
    const made: ValueObject = { [key]: name };
    if (predicate !== undefined) setMember(made, predicate, item);
    return markAt(made, position);
  });
}

function listed(item: Value, position: Position): ValueObject {
  if (isObject(item)) return item;
  throw new DocumentError(position, 'Each item of this list must be an object.');
}

/** `#main/step/in` to `in`. */
export function localName(id: Value | undefined, near: Position): string {
  if (typeof id !== 'string' || id === '')
    throw new DocumentError(near, 'An identifier is missing: give it an "id".');
  const fragment = fragmentOf(id);
  return fragment.slice(fragment.lastIndexOf('/') + 1);
}

export function optionalText(object: ValueObject, name: string, near: Position): string | undefined {
  const value = object[name];
  if (value === undefined || value === null || typeof value === 'string') return value ?? undefined;
  throw new DocumentError(place(object, name, near), `"${name}" must be a string.`);
}

export function oneOf<T extends string>(
  object: ValueObject,
  name: string,
  allowed: readonly T[],
  near: Position,
): T | undefined {
  const value = object[name];
  if (value === undefined || value === null) return undefined;
  const found = allowed.find((one) => one === value);
  if (found) return found;
  const text = JSON.stringify(value);
  throw new DocumentError(
    place(object, name, near),
    `"${name}" is ${text}; it must be one of ${allowed.join(', ')}.`,
  );
}
