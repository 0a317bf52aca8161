import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Backend, TaskExit, TaskLaunch } from './backend.ts';
import type { NamedStream } from './named-streams.ts';
import { writeDurably } from './process/write-durably.ts';

/** Grows when a member changes meaning; a server reads older versions, and runs a newer version's attempts again. */
export const ATTEMPT_RECORD = 1;

/** What was started, written before it starts. */
export interface LaunchRecord {
  readonly backend: Backend['name'];
  readonly launch: TaskLaunch;
  /** To be removed from the work directory after the end. */
  readonly stands: readonly string[];
  /** To be placed there, before that. */
  readonly streams?: readonly NamedStream[];
}

type Versioned<T> = T & { readonly version: number };

/** An attempt's records, beside its work directory, where the task cannot reach them. */
export class AttemptRecord {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  async writeLaunch(record: LaunchRecord): Promise<void> {
    await this.#write('launch.json', record);
  }

  /** Undefined where nothing was started; `newer` where a newer server recorded it. */
  async launch(): Promise<LaunchRecord | 'newer' | undefined> {
    return await this.#read<LaunchRecord>('launch.json');
  }

  /** How it ended, before what it could be found by is removed. */
  async writeExit(exit: TaskExit): Promise<void> {
    await this.#write('exit.json', { exit });
  }

  async exit(): Promise<TaskExit | undefined> {
    const record = await this.#read<{ readonly exit: TaskExit }>('exit.json');
    return record === 'newer' ? undefined : record?.exit;
  }

  async #write(name: string, record: object): Promise<void> {
    const text = JSON.stringify({ version: ATTEMPT_RECORD, ...record });
    await writeDurably(join(this.#directory, name), text);
  }

  async #read<T>(name: string): Promise<T | 'newer' | undefined> {
    const text = await readFile(join(this.#directory, name), 'utf8').catch(() => undefined);
    if (text === undefined) return undefined;
    const { version, ...record } = JSON.parse(text) as Versioned<T>;
    return version > ATTEMPT_RECORD ? 'newer' : (record as T);
  }
}

/** The attempts of a run that were started in a way that can be found again, by id. */
export async function recordedAttempts(runDirectory: string): Promise<Map<string, AttemptRecord>> {
  const records = new Map<string, AttemptRecord>();
  for (const name of await readdir(runDirectory).catch(() => [])) {
    const record = new AttemptRecord(join(runDirectory, name));
    if ((await record.launch()) !== undefined) records.set(name, record);
  }
  return records;
}
