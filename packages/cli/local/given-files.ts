import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { UsageError } from '../usage-error.ts';

/** Throws where one of the files that a command was given is not there. A `#name` after it is no part of its path. */
export function mustBeThere(files: readonly string[]): void {
  const missing = files
    .map(localPath)
    .find((path) => !existsSync(path) && !existsSync(path.replace(/#.*$/, '')));
  if (missing !== undefined) throw new UsageError(`There is no file ${missing}.`);
}

/** Of a path or a `file:` URI. */
export function localPath(given: string): string {
  return given.startsWith('file://') ? decodeURIComponent(given.slice(7)) : resolve(given);
}
