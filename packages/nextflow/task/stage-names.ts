import { fileName } from '../files/path-names.ts';
import type { FilePath } from '../values/path.ts';

/** The names that input files get in the work directory, by the pattern of `path`'s first argument or `stageAs`. */
export function stageNames(pattern: string | undefined, files: readonly FilePath[]): string[] {
  if (pattern === undefined || pattern === '*') return files.map((file) => fileName(file.toString()));
  const several = files.length > 1;
  return files.map((file, index) => {
    const name = fileName(file.toString());
    if (pattern.endsWith('/')) return numbered(pattern, index, several) + name;
    const slash = pattern.lastIndexOf('/');
    const last = pattern.slice(slash + 1);
    const folder = slash < 0 ? '' : numbered(pattern.slice(0, slash + 1), index, several);
    if (last === '*' || last === '') return folder + name;
    if (!/[*?]/.test(pattern) && several) return numbered(`${pattern}*`, index, true);
    return folder + numbered(last, index, several);
  });
}

/** `*` is the number where there are several, `?` always, as many digits as there are marks. */
function numbered(pattern: string, index: number, several: boolean): string {
  const number = String(index + 1);
  return pattern
    .replace(/\*/g, several ? number : '')
    .replace(/\?+/g, (marks) => number.padStart(marks.length, '0'));
}
