import {
  appendFileSync,
  createReadStream,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { open, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import type { Scope } from '@helicase/kernel';

/** Where a file of lines goes. */
export interface Destination {
  readonly scope: Scope;
  readonly store: string;
  /** `s3://bucket/prefix/` */
  readonly location: string;
}

/** Lines of one destination that wait, as they will lie in the bucket. */
export interface Batch extends Destination {
  readonly id: string;
  /** Milliseconds: when its first line was written. */
  readonly begunAt: number;
  read(): Readable;
  remove(): Promise<void>;
}

/**
 * Lines on their way to buckets, a file for each destination and turn. A line that was added is with the operating
 * system: a kill of the process loses none.
 */
export class AccessLogJournal {
  readonly #directory: string;
  readonly #ids: { uuid(): string };
  /** By destination: the file that takes lines now. */
  #open = new Map<string, string>();

  constructor(directory: string, ids: { uuid(): string }) {
    this.#directory = directory;
    this.#ids = ids;
  }

  add(destination: Destination, line: string, now: number): void {
    const key = JSON.stringify(destination);
    const id = this.#open.get(key) ?? this.#begin(key, destination, now);
    appendFileSync(this.#lines(id), `${line}\n`, { mode: 0o600 });
  }

  /** Everything that waits, what earlier processes left included; lines that come from now on are in later batches. */
  async turn(): Promise<readonly Batch[]> {
    this.#open = new Map();
    const names = readNames(this.#directory).filter((name) => name.endsWith('.json'));
    const batches = await Promise.all(names.map((name) => this.#batch(name.slice(0, -'.json'.length))));
    return batches.filter((batch) => batch !== undefined);
  }

  #begin(key: string, destination: Destination, now: number): string {
    mkdirSync(this.#directory, { recursive: true, mode: 0o700 });
    const id = this.#ids.uuid();
    writeFileSync(join(this.#directory, `${id}.json`), JSON.stringify({ ...destination, begunAt: now }), {
      mode: 0o600,
    });
    this.#open.set(key, id);
    return id;
  }

  async #batch(id: string): Promise<Batch | undefined> {
    const facts = join(this.#directory, `${id}.json`);
    const lines = this.#lines(id);
    const remove = async () => {
      await rm(lines, { force: true });
      await rm(facts, { force: true });
    };
    if (!(await holdsBytes(lines))) return void (await remove());
    await flush(lines);
    const told = JSON.parse(readFileSync(facts, 'utf8')) as Destination & { readonly begunAt: number };
    return { ...told, id, read: () => createReadStream(lines), remove };
  }

  #lines(id: string): string {
    return join(this.#directory, `${id}.log`);
  }
}

async function holdsBytes(path: string): Promise<boolean> {
  return (await stat(path).catch(() => ({ size: 0 }))).size > 0;
}

async function flush(path: string): Promise<void> {
  const file = await open(path, 'r+');
  await file.sync();
  await file.close();
}

function readNames(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    return []; // nothing was ever logged
  }
}
