import { inspect } from '../evaluate/methods/lists.ts';
import { isCollection, items } from '../evaluate/items.ts';
import { toPlain } from '../evaluate/classes/json.ts';
import { yamlText } from '../evaluate/classes/builders.ts';
import { Closure } from '../values/closure.ts';
import { GroovyMap } from '../values/map.ts';
import { isNumber } from '../values/number.ts';
import { text } from '../values/text.ts';
import type { Value } from '../values/value.ts';

export const CONFIG_FORMATS = ['canonical', 'flat', 'properties', 'json', 'yaml'] as const;
export type ConfigFormat = (typeof CONFIG_FORMATS)[number];

/** The configuration as Nextflow's `config` command writes it. */
export function configText(values: GroovyMap, format: ConfigFormat = 'canonical', sorted = false): string {
  const ordered = sorted ? inOrder(values) : values;
  switch (format) {
    case 'canonical':
      return canonicalText(ordered);
    case 'flat':
      return settings(ordered, '', (name) => (isName(name) ? name : `'${name}'`))
        .map(([name, value]) => `${name} = ${shown(value)}\n`)
        .join('');
    case 'properties':
      return settings(ordered, '', (name) => name.replace(/[:=# ]/g, '\\$&'))
        .map(([name, value]) => `${name}=${plainText(value)}\n`)
        .join('');
    case 'json':
      return `${JSON.stringify(toPlain(readable(ordered)), null, 4)}\n`;
    case 'yaml':
      return yamlText(readable(ordered));
  }
}

/** One setting by its path, as `config -value` prints it; undefined where it is none. */
export function configValue(values: GroovyMap, path: string): string | undefined {
  const found = settings(values, '', (name) => name).find(([name]) => name === path);
  return found && plainText(found[1]);
}

/** Single settings first, then scopes with a line between. */
function canonicalText(values: GroovyMap): string {
  const single = Array.from(values).filter(([, value]) => !(value instanceof GroovyMap));
  const scopes = Array.from(values).filter(([, value]) => value instanceof GroovyMap && value.size > 0);
  return [block(single, ''), ...scopes.map((scope) => block([scope], ''))]
    .filter((written) => written !== '')
    .join('\n');
}

function block(values: Iterable<readonly [Value, Value]>, indent: string): string {
  return Array.from(values, ([key, value]) => entry(String(key), value, indent)).join('');
}

function entry(key: string, value: Value, indent: string): string {
  const name = isName(key)
    ? key
    : /^with(Name|Label):/.test(key)
      ? key.replace(/:(.*)/s, (_, what: string) => (isName(what) ? `:${what}` : `:'${what}'`))
      : `'${key}'`;
  if (!(value instanceof GroovyMap)) return `${indent}${name} = ${shown(value)}\n`;
  if (value.size === 0) return `${indent}${name} {}\n`;
  return `${indent}${name} {\n${block(value, `${indent}   `)}${indent}}\n`;
}

function isName(key: string): boolean {
  return /^[A-Za-z_]\w*$/.test(key);
}

/** Each setting by its path. */
function settings(
  values: GroovyMap,
  path: string,
  named: (name: string) => string,
): (readonly [string, Value])[] {
  return Array.from(values).flatMap(([key, value]) => {
    const name = `${path}${named(String(key))}`;
    return value instanceof GroovyMap ? settings(value, `${name}.`, named) : [[name, value] as const];
  });
}

function inOrder(values: GroovyMap): GroovyMap {
  const entries = Array.from(
    values,
    ([key, value]) => [String(key), value instanceof GroovyMap ? inOrder(value) : value] as const,
  );
  return GroovyMap.from(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** As a configuration has it: amounts of memory and time as text. */
function shown(value: Value): string {
  if (value instanceof Closure) return closureText(value);
  if (isCollection(value)) return `[${items(value).map(shown).join(', ')}]`;
  if (value === null || typeof value === 'boolean' || isNumber(value)) return inspect(value);
  return inspect(value instanceof GroovyMap ? value : text(value));
}

function plainText(value: Value): string {
  return value instanceof Closure ? closureText(value) : text(value);
}

function closureText({ facts: { end, source, start } }: Closure): string {
  return source ? source.text.slice(start, end) : '{ ... }';
}

function readable(value: Value): Value {
  if (value instanceof GroovyMap)
    return GroovyMap.from(Array.from(value, ([key, item]) => [key, readable(item)] as const));
  if (isCollection(value)) return items(value).map(readable);
  return value === null || typeof value === 'boolean' || isNumber(value) ? value : plainText(value);
}
