import { GroovyMap, GroovySet } from './map.ts';
import { PathList } from './path-list.ts';
import { Range } from './range.ts';
import type { Value } from './value.ts';

const DEEPEST = 200;

/** A value as Groovy prints it and puts it into strings. */
export function text(value: Value, depth = 0): string {
  if (typeof value === 'string') return value;
  if (value === null || value === undefined) return 'null';
  if (typeof value !== 'object') return String(value);
  if (depth > DEEPEST) return '...';
  if (value instanceof PathList) return Array.from(value, (item) => text(item, depth + 1)).join(' ');
  if (Array.isArray(value) || value instanceof GroovySet || value instanceof Range) {
    return `[${Array.from(value as Iterable<Value>, (item) => text(item, depth + 1)).join(', ')}]`;
  }
  if (value instanceof GroovyMap) return mapText(value, depth);
  if (value instanceof Uint8Array) return `[${Array.from(value).join(', ')}]`;
  return String(value);
}

function mapText(map: GroovyMap, depth: number): string {
  if (map.size === 0) return '[:]';
  const entries = Array.from(
    map,
    ([key, value]) => `${text(key, depth + 1)}:${value === map ? '(this Map)' : text(value, depth + 1)}`,
  );
  return `[${entries.join(', ')}]`;
}
