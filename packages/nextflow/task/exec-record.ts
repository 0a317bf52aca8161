import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Session } from '../run/session.ts';
import { FilePath } from '../values/path.ts';
import { recordedValue, valueOfRecord } from '../values/recorded-value.ts';
import type { Value } from '../values/value.ts';
import type { Attempt } from './task-attempt.ts';

/** What an `exec:` body left behind: its variables, by name, and where its files lie. */
export interface ExecRecord {
  readonly folder: string;
  readonly finishedAt: number;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** Where a run on the command line keeps them, so that the next one with -resume need not run the bodies again. */
export interface ExecRecords {
  take(digest: string): ExecRecord | undefined;
  keep(digest: string, record: ExecRecord): void;
}

export function execFolder(directory: string, reuse: boolean): ExecRecords {
  const path = (digest: string) => join(directory, `${digest}.json`);
  return {
    take(digest) {
      if (!reuse || !existsSync(path(digest))) return undefined;
      const record = JSON.parse(readFileSync(path(digest), 'utf8')) as ExecRecord;
      return existsSync(record.folder) ? record : undefined;
    },
    keep(digest, record) {
      mkdirSync(directory, { recursive: true });
      writeFileSync(`${path(digest)}.new`, JSON.stringify(record));
      renameSync(`${path(digest)}.new`, path(digest));
    },
  };
}

/**
 * Everything that a body may read: the scripts, its inputs, the parameters and the directives that it may ask for.
 * Undefined where something of it is no data, such as a closure.
 */
export function execDigest(
  session: Session,
  process: string,
  source: string,
  { directives, inputs, scope }: Attempt,
): string | undefined {
  const names = [...scope.own()].filter(([name]) => !['task', 'moduleDir', 'template'].includes(name));
  const read = [
    ...names.map(([, value]) => recordedValue(value)),
    recordedValue(session.params.plain()),
    recordedValue(directives.ext()),
  ];
  if (read.includes(undefined)) return undefined;
  const files = inputs.files.map(({ file, name }) => [name, file.location, file.facts()?.modified ?? null]);
  const parts = [process, source, session.scripts.digest, names.map(([name]) => name), read, files];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

/** A new folder for a body's files: what an earlier one left there is gone. */
export function freshFolder(session: Session, digest: string | undefined): string {
  if (digest === undefined) return session.runFiles.execFolder();
  const folder = session.runFiles.execFolder(digest.slice(0, 32));
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  return folder;
}

/** The variables that a body set; undefined where one is no data. */
export function execVariables(
  before: ReadonlyMap<string, Value>,
  { scope }: Attempt,
): Record<string, unknown> | undefined {
  const set = [...scope.own()].filter(([name, value]) => name !== 'task' && before.get(name) !== value);
  const recorded = set.map(([name, value]) => [name, recordedValue(value)] as const);
  return recorded.some(([, value]) => value === undefined) ? undefined : Object.fromEntries(recorded);
}

export function restoreVariables({ scope }: Attempt, { variables }: ExecRecord, session: Session): void {
  const path = (location: string): FilePath => session.interpreter.path(location);
  for (const [name, value] of Object.entries(variables)) scope.set(name, valueOfRecord(value, path));
}
