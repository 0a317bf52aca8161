import { GroovyMap } from './map.ts';
import { FilePath } from './path.ts';
import { LazyString } from './lazy-string.ts';
import type { Value } from './value.ts';

/** A value as JSON; undefined where it cannot be had back from it, such as a closure or a channel. */
export function recordedValue(value: Value): unknown {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  if (value instanceof LazyString) return value.toString();
  if (value instanceof FilePath) return { path: value.location };
  if (Array.isArray(value))
    return whole(
      value.map((item: Value) => recordedValue(item)),
      (list) => ({ list }),
    );
  if (value instanceof GroovyMap) {
    const entries = Array.from(value, ([key, item]) =>
      whole([recordedValue(key), recordedValue(item)], (pair) => pair),
    );
    return whole(entries, (map) => ({ map }));
  }
  return undefined;
}

function whole<T>(parts: readonly unknown[], make: (parts: readonly unknown[]) => T): T | undefined {
  return parts.includes(undefined) ? undefined : make(parts);
}

/** The value that was recorded so. */
export function valueOfRecord(record: unknown, path: (location: string) => FilePath): Value {
  if (record === null || typeof record !== 'object') return record as Value;
  if ('path' in record) return path(record.path as string);
  if ('list' in record) return (record.list as unknown[]).map((item) => valueOfRecord(item, path));
  const { map } = record as { readonly map: readonly (readonly [unknown, unknown])[] };
  return GroovyMap.from(
    map.map(([key, item]) => [valueOfRecord(key, path), valueOfRecord(item, path)] as const),
  );
}
