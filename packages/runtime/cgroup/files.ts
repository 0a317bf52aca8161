import { mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';

export function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (isAbsence(error)) return undefined;
    throw error;
  }
}

/** A file with one number; undefined where the file is not there. */
export function readNumber(path: string): number | undefined {
  const text = readText(path)?.trim();
  return text && /^\d+$/.test(text) ? Number(text) : undefined;
}

/** A file of `key value` lines: `memory.events`, `memory.oom_control`, `cpu.stat`. */
export function readKey(path: string, key: string): number | undefined {
  const line = readText(path)
    ?.split('\n')
    .find((candidate) => candidate.startsWith(`${key} `));
  return line === undefined ? undefined : Number(line.slice(key.length + 1));
}

/** Sums of the numbers that a pattern's first group finds in a file; undefined where the file is not there. */
export function readSum(path: string, pattern: RegExp): number | undefined {
  const text = readText(path);
  return text === undefined
    ? undefined
    : [...text.matchAll(pattern)].reduce((sum, [, n]) => sum + Number(n), 0);
}

/** The measured ones alone: `exactOptionalPropertyTypes` or not, what is missing is missing. */
export function known<T extends object>(members: T): { readonly [K in keyof T]?: Exclude<T[K], undefined> } {
  const there = Object.entries(members).filter(([, value]) => value !== undefined);
  return Object.fromEntries(there) as { readonly [K in keyof T]?: Exclude<T[K], undefined> };
}

export function readProcesses(directory: string): number[] {
  const text = readText(`${directory}/cgroup.procs`) ?? '';
  return text.split('\n').filter(Boolean).map(Number);
}

export function writeValue(path: string, value: string | number): void {
  writeFileSync(path, String(value));
}

/** For settings that older kernels or kernels without swap accounting lack. */
export function writeValueIfThere(path: string, value: string | number): void {
  if (readText(path) !== undefined) writeValue(path, value);
}

export function makeDirectory(path: string): void {
  mkdirSync(path, { recursive: true, mode: 0o755 });
}

export function removeDirectory(path: string): void {
  try {
    rmdirSync(path);
  } catch (error) {
    if (!isAbsence(error)) throw error;
  }
}

/** The owner's folder goes with its last group, so that servers which are no more leave nothing on the host. */
export function removeIfEmpty(path: string): void {
  try {
    removeDirectory(path);
  } catch (error) {
    if (!['EBUSY', 'ENOTEMPTY', 'EACCES', 'EPERM'].includes(errorCode(error) ?? '')) throw error;
  }
}

export function childDirectories(path: string): string[] {
  try {
    return readdirSync(path, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name);
  } catch (error) {
    if (isAbsence(error)) return [];
    throw error;
  }
}

export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

// ENODEV and ESRCH: the group was removed while its file was open.
function isAbsence(error: unknown): boolean {
  return ['ENOENT', 'ENODEV', 'ESRCH'].includes(errorCode(error) ?? '');
}
