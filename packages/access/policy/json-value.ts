import { syntaxFault } from './fault.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

export function objectAt(value: unknown, where: string): JsonObject {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonObject;
  throw syntaxFault(where, 'must be a JSON object');
}

export function onlyKeys(object: JsonObject, where: string, known: readonly string[]): void {
  const unknown = Object.keys(object).find((key) => !known.includes(key));
  if (unknown !== undefined) throw syntaxFault(where, `has the unknown element "${unknown}"`);
}

export function textAt(value: unknown, where: string): string | undefined {
  if (value === undefined || typeof value === 'string') return value;
  throw syntaxFault(where, 'must be a string');
}

/** A string, or a list of strings. */
export function stringsAt(value: unknown, where: string): readonly string[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (list.every((entry) => typeof entry === 'string')) return list;
  throw syntaxFault(where, 'must be a string or a list of strings');
}
