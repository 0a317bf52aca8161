import { errors } from '../errors.ts';
import { parseCondition, selectorsOf } from './condition.ts';
import type { FilterPattern } from './filter-pattern.ts';

/** `{ $.a.b[0] = "x" }`: conditions on the members of messages that are JSON. */
export function jsonPattern(pattern: string): FilterPattern {
  const [, text] = /^\{(.*)\}$/s.exec(pattern) ?? [];
  if (text === undefined) throw errors.unsupportedPattern({ pattern, reason: 'the brace is not closed' });
  const paths = new Map<string, readonly (string | number)[]>();
  const condition = parseCondition(pattern, text);
  const fieldOf = (json: unknown) => (selector: string) => {
    const path = paths.get(selector) ?? pathOf(pattern, selector);
    paths.set(selector, path);
    return path.reduce<unknown>(member, json);
  };
  const selectors = selectorsOf(pattern, text);
  for (const selector of selectors) fieldOf({})(selector); // one that cannot be read is told at once
  return {
    matches: (message) => {
      const json = parsed(message);
      return json !== undefined && condition(fieldOf(json));
    },
    needles: [],
    valueOf: (message, selector) => fieldOf(parsed(message))(selector),
    extract: (message) => {
      const field = fieldOf(parsed(message));
      const values = selectors.map((selector) => [selector, field(selector)] as const);
      return Object.fromEntries(
        values.flatMap(([selector, of]) => (of === undefined ? [] : [[selector, textOf(of)]])),
      );
    },
  };
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function pathOf(pattern: string, selector: string): readonly (string | number)[] {
  if (!/^\$(?:\.[\w@-]+|\[\d+\]|\['[^']+'\])+$/u.test(selector))
    throw errors.unsupportedPattern({
      pattern,
      reason: `${selector} is no selector such as $.error.code or $.tags[0]`,
    });
  return [...selector.matchAll(/\.([\w@-]+)|\[(\d+)\]|\['([^']+)'\]/gu)].map(
    ([, name, index, quoted]) => name ?? quoted ?? Number(index),
  );
}

function member(of: unknown, name: string | number): unknown {
  if (typeof of !== 'object' || of === null || !Object.hasOwn(of, name)) return undefined;
  return (of as Record<string | number, unknown>)[name];
}

function parsed(message: string): unknown {
  if (!/^\s*[[{]/.test(message)) return undefined;
  try {
    return JSON.parse(message) as unknown;
  } catch {
    return undefined;
  }
}
