import { Closure } from '../values/closure.ts';
import { GroovyMap } from '../values/map.ts';
import { inspect } from '../evaluate/methods/lists.ts';
import type { Value } from '../values/value.ts';

/** The configuration as Nextflow's `config` command writes it: single settings first, then scopes with a line between. */
export function configText(values: GroovyMap): string {
  const settings = Array.from(values).filter(([, value]) => !(value instanceof GroovyMap));
  const scopes = Array.from(values).filter(([, value]) => value instanceof GroovyMap && value.size > 0);
  return [block(settings, ''), ...scopes.map((scope) => block([scope], ''))]
    .filter((text) => text !== '')
    .join('\n');
}

function block(values: Iterable<readonly [Value, Value]>, indent: string): string {
  return Array.from(values, ([key, value]) => entry(String(key), value, indent)).join('');
}

function entry(key: string, value: Value, indent: string): string {
  const name = /^[A-Za-z_]\w*$/.test(key)
    ? key
    : /^with(Name|Label):/.test(key)
      ? key.replace(/:(.*)/s, ":'$1'")
      : `'${key}'`;
  if (value instanceof GroovyMap) {
    if (value.size === 0) return `${indent}${name} {}\n`;
    return `${indent}${name} {\n${block(value, `${indent}   `)}${indent}}\n`;
  }
  const shown = value instanceof Closure ? '{ ... }' : inspect(value);
  return `${indent}${name} = ${shown}\n`;
}
