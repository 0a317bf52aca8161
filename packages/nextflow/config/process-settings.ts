import { GroovyMap } from '../values/map.ts';
import { Pattern } from '../values/pattern.ts';
import type { Value } from '../values/value.ts';

/** The settings of `process` in the configuration, sorted by what they are for. */
export interface ProcessSettings {
  /** For what the process does not set itself. */
  readonly defaults: GroovyMap;
  /** Over what the process sets: those by label, then those by name. */
  readonly selected: GroovyMap;
}

/** What `process { ... }` says of a process with that name, within the workflows that call it, and with these labels. */
export function processSettings(
  config: GroovyMap,
  names: readonly string[],
  labels: readonly string[],
): ProcessSettings {
  const [defaults, selected] = [new GroovyMap(), new GroovyMap()];
  const scope = config.get('process');
  if (!(scope instanceof GroovyMap)) return { defaults, selected };
  for (const [key, value] of scope) if (!isSelector(key)) defaults.set(key, value);
  const select = (prefix: string, fits: (pattern: string) => boolean) => {
    for (const [key, value] of scope) {
      const name = String(key);
      if (name.startsWith(prefix) && value instanceof GroovyMap && fits(name.slice(prefix.length)))
        overlay(selected, value);
    }
  };
  select('withLabel:', (pattern) => matches(pattern, labels));
  for (const name of names) select('withName:', (pattern) => matches(pattern, [name]));
  return { defaults, selected };
}

function isSelector(key: Value): boolean {
  return /^with(Name|Label):/.test(String(key));
}

/** A pattern is for whole names; with "!" for those that do not match. */
function matches(pattern: string, names: readonly string[]): boolean {
  const negated = pattern.startsWith('!');
  const expression = new Pattern(negated ? pattern.slice(1).trim() : pattern);
  // A process without a label is matched as one whose label is empty.
  const all = names.length > 0 ? names : [''];
  return all.some((name) => expression.matches(name) !== null) !== negated;
}

/** `ext` is merged name by name; all else replaces what was there. */
function overlay(into: GroovyMap, from: GroovyMap): void {
  for (const [key, value] of from) {
    const old = into.get(key);
    if (key === 'ext' && old instanceof GroovyMap && value instanceof GroovyMap)
      into.set(key, GroovyMap.from([...old, ...value]));
    else into.set(key, value);
  }
}
