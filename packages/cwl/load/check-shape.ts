import type { Position } from '../faults.ts';
import { isObject, listOf, type Value, type ValueObject } from '../value.ts';
import type { FaultList } from './fault-list.ts';
import { entries, place } from './fields.ts';
import type { CwlVersion } from './model.ts';
import { localClass, refuseUnknown } from './requirements.ts';
import { type Field, fieldsOf, type Word } from './schema.ts';
import { isBefore } from './versions.ts';

interface Check {
  readonly version: CwlVersion;
  readonly faults: FaultList;
  readonly near: Position;
}

/** Notes each field that the kind of object does not have, that its version does not have yet, or that holds another type. */
export function checkShape(object: ValueObject, record: string, check: Check): void {
  const fields = fieldsOf(record);
  if (!fields) return;
  for (const [name, value] of Object.entries(object)) {
    if (isExtension(name)) continue;
    const near = place(object, name, check.near);
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (field) checkField(name, value, field, { ...check, near });
    else
      check.faults.add(near, `${record} has no field "${name}". It has ${Object.keys(fields).join(', ')}.`);
  }
}

/** Requirements or hints. A hint that is not known here may be left; a requirement may not. */
export function checkRequirements(
  value: Value | undefined,
  member: 'requirements' | 'hints',
  check: Check,
): void {
  for (const one of check.faults.attempt(() => entries(value, 'class', undefined, check.near)) ?? []) {
    const near = place(one, 'class', check.near);
    if (typeof one['class'] !== 'string') continue;
    const name = localClass(one['class']);
    if (member === 'requirements') check.faults.attempt(() => refuseUnknown(name, near));
    checkShape(one, name, { ...check, near });
  }
}

/** Members of a namespace, and those that the loader itself reads. */
function isExtension(name: string): boolean {
  return name.includes(':') || name.startsWith('$');
}

function checkField(name: string, value: Value, field: Field, check: Check): void {
  if (value === null) return;
  if (typeof field === 'string') return checkWord(name, value, field, check);
  if ('since' in field) {
    if (isBefore(check.version, field.since))
      return check.faults.add(
        check.near,
        `"${name}" needs cwlVersion ${field.since}; the document has ${check.version}.`,
      );
    return checkField(name, value, field.field, check);
  }
  if ('list' in field) return checkList(value, field, check);
  if ('record' in field) {
    if (isObject(value)) return checkShape(value, field.record, check);
    return check.faults.add(check.near, `"${name}" must be an object.`);
  }
  if (!field.some((one) => one === value))
    check.faults.add(
      check.near,
      `"${name}" is ${JSON.stringify(value)}; it must be one of ${field.join(', ')}.`,
    );
}

function checkList(value: Value, field: Extract<Field, { list: string }>, check: Check): void {
  const { key, list, value: predicate } = field;
  for (const one of check.faults.attempt(() => entries(value, key, predicate, check.near)) ?? []) {
    checkShape(one, list, { ...check, near: place(one, key, check.near) });
  }
}

const WORDS: Readonly<Record<Word, readonly [(value: Value) => boolean, string]>> = {
  any: [() => true, 'anything'],
  text: [(value) => typeof value === 'string', 'a string'],
  texts: [(value) => listOf(value).every((one) => typeof one === 'string'), 'a string or a list of strings'],
  boolean: [(value) => typeof value === 'boolean', 'true or false'],
  integers: [(value) => Array.isArray(value) && value.every(Number.isInteger), 'a list of integers'],
  'text-or-boolean': [
    (value) => typeof value === 'boolean' || typeof value === 'string',
    'true, false or an expression',
  ],
};

function checkWord(name: string, value: Value, word: Word, { faults, near }: Check): void {
  const [fits, wanted] = WORDS[word];
  if (!fits(value)) faults.add(near, `"${name}" must be ${wanted}; it is ${JSON.stringify(value)}.`);
}
