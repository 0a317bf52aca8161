import { join } from 'node:path';
import type { Files } from './files.ts';
import { escapeRegExp } from './escape.ts';
import { isUri } from './files.ts';

export interface GlobOptions {
  readonly type: 'file' | 'dir' | 'any';
  readonly hidden: boolean;
  readonly maxDepth: number;
  readonly followLinks: boolean;
  readonly relative: boolean;
}

const MAGIC = /[*?[\]{}]/;

/** Whether a path has wildcards; a backslash takes a wildcard's meaning away. */
export function hasGlob(path: string): boolean {
  return MAGIC.test(path.replace(/\\./g, ''));
}

export function unescapeGlob(path: string): string {
  return path.replace(/\\([*?[\]{}\\])/g, '$1');
}

/** A pattern of Java's `glob:` syntax as a regular expression over a whole path. */
export function globRegExp(pattern: string): RegExp {
  let source = '';
  let braces = 0;
  for (let at = 0; at < pattern.length; at += 1) {
    const char = pattern[at]!;
    if (char === '\\') source += escapeRegExp(pattern[(at += 1)] ?? '\\');
    else if (char === '*') {
      if (pattern[at + 1] !== '*') source += '[^/]*';
      else {
        at += 1;
        source += '.*';
      }
    } else if (char === '?') source += '[^/]';
    else if (char === '[') {
      const end = pattern.indexOf(']', at + 2);
      if (end === -1) source += '\\[';
      else {
        source += `[${pattern
          .slice(at + 1, end)
          .replace(/^!/, '^')
          .replace(/\\/g, '\\\\')}]`;
        at = end;
      }
    } else if (char === '{') {
      source += '(?:';
      braces += 1;
    } else if (char === '}' && braces > 0) {
      source += ')';
      braces -= 1;
    } else if (char === ',' && braces > 0) source += '|';
    else source += /[.+^$()|]/.test(char) ? `\\${char}` : char;
  }
  return new RegExp(`^${source}$`, 's');
}

/** The paths that a pattern matches, in the order of their names. */
export function glob(files: Pick<Files, 'list' | 'stat'>, pattern: string, options: GlobOptions): string[] {
  const [folder, rest] = splitGlob(pattern);
  const start = files.stat(folder);
  if (!start?.isDirectory) return [];
  const matcher = globRegExp(rest);
  const deep = rest.includes('**');
  const depth = deep ? options.maxDepth : Math.min(options.maxDepth, rest.split('/').length - 1);
  const hidden = options.hidden || rest.startsWith('.') || rest.includes('/.');
  const found: string[] = [];
  walk('', 0, [start.id ?? '']);
  return found;

  /** `around`: the folders that it is in, for links that lead back to one of them. */
  function walk(relative: string, level: number, around: readonly string[]): void {
    for (const name of files.list(join(folder, relative)).sort()) {
      if (name.startsWith('.') && !hidden) continue;
      const inside = relative === '' ? name : `${relative}/${name}`;
      const facts = files.stat(join(folder, inside));
      if (!facts) continue;
      if (fits(facts.isDirectory) && matcher.test(inside))
        found.push(options.relative ? inside : join(folder, inside));
      const { id = inside } = facts;
      if (
        facts.isDirectory &&
        level < depth &&
        (options.followLinks || !facts.isLink) &&
        !around.includes(id)
      )
        walk(inside, level + 1, [...around, id]);
    }
  }
  function fits(isDirectory: boolean): boolean {
    return options.type === 'any' || (options.type === 'dir') === isDirectory;
  }
}

/** The folder before the first wildcard, and the pattern below it. */
export function splitGlob(pattern: string): [string, string] {
  const parts = pattern.split('/');
  const first = parts.findIndex((part) => hasGlob(part));
  const folder = unescapeGlob(parts.slice(0, first).join('/')) || (pattern.startsWith('/') ? '/' : '.');
  return [isUri(pattern) ? parts.slice(0, first).join('/') : folder, parts.slice(first).join('/')];
}
