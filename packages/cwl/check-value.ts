import type { CwlType } from './load/model.ts';
import { isDirectory, isFile, isObject, type Value } from './value.ts';

/** Whether the value is of the type. */
export function fits(type: CwlType, value: Value | undefined): boolean {
  const given = value ?? null;
  switch (type.kind) {
    case 'null':
      return given === null;
    case 'Any':
      return given !== null;
    case 'boolean':
    case 'string':
      return typeof given === type.kind;
    case 'int':
    case 'long':
      return typeof given === 'number' && Number.isInteger(given);
    case 'float':
    case 'double':
      return typeof given === 'number';
    case 'File':
      return isFile(given);
    case 'Directory':
      return isDirectory(given);
    case 'array':
      return Array.isArray(given) && given.every((item) => fits(type.items, item));
    case 'enum':
      return typeof given === 'string' && type.symbols.includes(given);
    case 'record':
      return (
        isObject(given) && type.fields.every((field) => fits(field.type, given[field.name] ?? field.default))
      );
    case 'union':
      return type.types.some((one) => fits(one, given));
  }
}

/** The member of a union that the value is of; the type itself where it is no union. */
export function chosen(type: CwlType, value: Value): CwlType {
  if (type.kind !== 'union') return type;
  const found = type.types.find((one) => fits(one, value));
  return found === undefined ? type : chosen(found, value);
}

/** As an output: there null is one of the values of Any. */
export function fitsOutput(type: CwlType, value: Value): boolean {
  return type.kind === 'Any' || fits(type, value);
}

/** A value in few words, for messages. */
export function shown(value: Value | undefined): string {
  const text = JSON.stringify(value ?? null);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
