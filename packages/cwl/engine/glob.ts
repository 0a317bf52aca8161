import { posix } from 'node:path';
import { EvaluationError } from '../faults.ts';
import { isWithin, type TaskView } from './task-view.ts';

/** Paths in the task that a POSIX glob(3) pattern finds, in the order of their names. */
export async function glob(pattern: string, view: TaskView): Promise<string[]> {
  const absolute = posix.resolve(view.work, pattern === '' ? '.' : pattern);
  if (!isWithin(absolute, view.work))
    throw new EvaluationError(`The glob ${pattern} leads out of the output directory.`);
  let found = [view.work];
  for (const part of absolute.slice(view.work.length).split('/').filter(Boolean)) {
    const next: string[] = [];
    for (const folder of found) next.push(...(await step(folder, part, view)));
    found = next;
  }
  return found;
}

async function step(folder: string, part: string, view: TaskView): Promise<string[]> {
  if (!/[*?[]/.test(part)) {
    const path = `${folder}/${part}`;
    return (await view.see(path)) ? [path] : [];
  }
  const matcher = globMatcher(part);
  return (await view.names(folder)).filter((name) => matcher.test(name)).map((name) => `${folder}/${name}`);
}

/** A leading period is matched by a period alone. */
function globMatcher(part: string): RegExp {
  const body = part.replace(
    /\[(!?)([^\]]+)\]|[*?]|[\\^$.|+(){}[\]]/g,
    (whole, not?: string, set?: string) => {
      if (whole === '*') return '.*';
      if (whole === '?') return '.';
      if (set !== undefined) return `[${not ? '^' : ''}${set.replaceAll('\\', '\\\\')}]`;
      return `\\${whole}`;
    },
  );
  return new RegExp(`^${part.startsWith('.') ? '' : '(?!\\.)'}${body}$`, 's');
}
