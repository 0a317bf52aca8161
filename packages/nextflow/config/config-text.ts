import { Closure } from '../values/closure.ts';
import { GroovyMap } from '../values/map.ts';
import { inspect } from '../evaluate/methods/lists.ts';
import type { Value } from '../values/value.ts';

/** The configuration as Nextflow's `config` command writes it. */
export function configText(values: GroovyMap, indent = ''): string {
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
    return `${indent}${name} {\n${configText(value, `${indent}   `)}${indent}}\n${indent === '' ? '\n' : ''}`;
  }
  const shown = value instanceof Closure ? '{ ... }' : inspect(value);
  return `${indent}${name} = ${shown}\n`;
}
