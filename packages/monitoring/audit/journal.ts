import { ftruncateSync, writeSync } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, readFile, truncate, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as endOfTurn } from 'node:timers/promises';
import type { KeyRing } from '@helicase/blobs';
import type { Scope } from '@helicase/kernel';
import { CHAIN_START, chained, type ChainHead } from './chain.ts';
import { type AuditChunk, openRecords, sealQuickly } from './chunk.ts';

/** A place in the journal: bytes into one of its numbered files. */
export interface JournalPlace {
  readonly file: number;
  readonly position: number;
}

/** Bytes from which on a file whose lines are all in the database is followed by a new one. */
const ROTATE_AT = 16 * 1024 * 1024;
/** Characters of records that stay in memory for the next reader; where more wait, all are read from the files. */
const MOST_RECENT = 32 * 1024 * 1024;

interface Waiting {
  readonly scope: Scope;
  readonly record: string;
  readonly durable: boolean;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

interface Line {
  readonly scope: Scope;
  readonly from: ChainHead;
  readonly to: ChainHead;
  readonly keyId: string;
  readonly sealed: string;
  /** Lines of earlier releases do not say so, and are. */
  readonly deflated?: boolean;
}

interface Recent {
  readonly chunk: AuditChunk;
  readonly size: number;
  /** The place behind the write that it was part of. */
  readonly end: JournalPlace;
}

/**
 * Where records go before the answer to their request leaves: an append-only file of this server's. What was written
 * survives the server's death; what changed something is on the disk as well. One write takes all that came meanwhile.
 */
export class Journal {
  readonly #folder: string;
  readonly #keyring: KeyRing;
  readonly #heads: Map<string, ChainHead>;
  #file: number;
  #handle: FileHandle;
  #size: number;
  #waiting: Waiting[] = [];
  #turn: Promise<void> = Promise.resolve();
  #scheduled = false;
  /** Everything behind `#recentFrom`. */
  #recent: Recent[] = [];
  #recentFrom: JournalPlace;
  #recentSize = 0;
  readonly #mostRecent: number;
  /** The last flush to the disk that was begun, and the one behind it, which takes all that is written by then. */
  #flush: Promise<void> = Promise.resolve();
  #nextFlush: Promise<void> | undefined;

  private constructor(
    folder: string,
    keyring: KeyRing,
    heads: Map<string, ChainHead>,
    last: { readonly file: number; readonly handle: FileHandle; readonly size: number },
    mostRecent: number,
  ) {
    this.#mostRecent = mostRecent;
    this.#folder = folder;
    this.#keyring = keyring;
    this.#heads = heads;
    this.#file = last.file;
    this.#handle = last.handle;
    this.#size = last.size;
    this.#recentFrom = { file: last.file, position: last.size };
  }

  /** Continues the journal in the folder. `heads` are the chains as the database has them; lines in the journal go on from there. */
  static async open(
    folder: string,
    keyring: KeyRing,
    heads: Map<string, ChainHead>,
    mostRecent = MOST_RECENT,
  ): Promise<Journal> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const files = await journalFiles(folder);
    for (const file of files) {
      for (const { scope, to } of (await readLines(folder, { file, position: 0 })).lines) {
        const known = heads.get(scopeKey(scope));
        if (!known || known.count < to.count) heads.set(scopeKey(scope), to);
      }
    }
    const file = files.at(-1) ?? 1;
    // A line that was being written when the server died was answered to nobody: the next one must not follow it.
    const { end } = await readLines(folder, { file, position: 0 });
    const path = filePath(folder, file);
    const handle = await open(path, 'a', 0o600);
    if ((await handle.stat()).size > end) await truncate(path, end);
    return new Journal(folder, keyring, heads, { file, handle, size: end }, mostRecent);
  }

  /** Resolves when the record is written, with all of this turn; where `durable`, when it is on the disk. */
  append(scope: Scope, record: string, durable: boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ scope, record, durable, resolve, reject });
      if (this.#scheduled) return;
      this.#scheduled = true;
      this.#turn = this.#turn.then(async () => {
        await endOfTurn();
        this.#scheduled = false;
        await this.#writeWaiting();
      });
    });
  }

  /** What is written from a place on, and the place behind it. */
  async read(from: JournalPlace | undefined): Promise<{ chunks: readonly AuditChunk[]; next: JournalPlace }> {
    if (!from || isBefore(from, this.#recentFrom)) return this.#readFiles(from);
    const known = this.#recent.findIndex(({ end }) => isBefore(from, end));
    for (const { size } of this.#recent.splice(0, known === -1 ? this.#recent.length : known))
      this.#recentSize -= size;
    this.#recentFrom = from;
    return { chunks: this.#recent.map(({ chunk }) => chunk), next: this.#recent.at(-1)?.end ?? from };
  }

  /** Everything before the place is in the database: files that are not needed any more go, save the last two. */
  async forget(before: JournalPlace): Promise<void> {
    if (before.file === this.#file && this.#size >= ROTATE_AT) await this.#rotate();
    const old = (await journalFiles(this.#folder)).filter((file) => file < before.file - 1);
    for (const file of old) await unlink(filePath(this.#folder, file));
  }

  async close(): Promise<void> {
    await this.#turn;
    await this.#flushed().catch(() => {});
    await this.#handle.close();
  }

  async #writeWaiting(): Promise<void> {
    const batch = this.#waiting;
    this.#waiting = [];
    try {
      const { chunks, text } = await this.#lines(batch);
      this.#write(text);
      for (const chunk of chunks) this.#remember(chunk);
      const durable = batch.filter((one) => one.durable);
      if (durable.length > 0) void this.#flushed().then(...settling(durable));
      for (const one of batch) if (!one.durable) one.resolve();
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }

  /** A line per account and region: their keys differ. */
  async #lines(batch: readonly Waiting[]): Promise<{ text: string; chunks: readonly AuditChunk[] }> {
    const chunks: AuditChunk[] = [];
    const lines: string[] = [];
    for (const [key, of] of Map.groupBy(batch, ({ scope }) => scopeKey(scope))) {
      const { scope } = of[0]!;
      const records = of.map(({ record }) => record);
      const from = this.#heads.get(key) ?? CHAIN_START;
      const to = chained(from, records);
      const { sealed, ...about } = await sealQuickly(this.#keyring, scope, records);
      const line: Line = { scope, from, to, ...about, sealed: Buffer.from(sealed).toString('base64') };
      lines.push(`${JSON.stringify(line)}\n`);
      chunks.push({ scope, from, to, records });
    }
    return { text: lines.join(''), chunks };
  }

  /**
   * A write that failed midway (a full disk) is taken back, so that the next line does not follow half a one. Not handed
   * to another thread: that costs more than the write, which the system's memory takes.
   */
  #write(text: string): void {
    const bytes = Buffer.from(text);
    try {
      for (let written = 0; written < bytes.length;) written += writeSync(this.#handle.fd, bytes, written);
      this.#size += bytes.length;
    } catch (error) {
      ftruncateSync(this.#handle.fd, this.#size);
      throw error;
    }
  }

  #remember(chunk: AuditChunk): void {
    this.#heads.set(scopeKey(chunk.scope), chunk.to);
    const size = chunk.records.reduce((sum, { length }) => sum + length, 0);
    const end = { file: this.#file, position: this.#size };
    this.#recent.push({ chunk, size, end });
    this.#recentSize += size;
    if (this.#recentSize <= this.#mostRecent) return;
    [this.#recent, this.#recentSize, this.#recentFrom] = [[], 0, end];
  }

  /** Resolves when all that is written is on the disk; whoever waits for it at the same time shares one flush. */
  #flushed(): Promise<void> {
    this.#nextFlush ??= this.#flush.then(() => {
      this.#nextFlush = undefined;
      const done = this.#handle.datasync();
      this.#flush = done.catch(() => {});
      return done;
    });
    return this.#nextFlush;
  }

  async #readFiles(from: JournalPlace | undefined) {
    const files = (await journalFiles(this.#folder)).filter((file) => file >= (from?.file ?? 0));
    const chunks: AuditChunk[] = [];
    let next: JournalPlace = from ?? { file: this.#file, position: 0 };
    for (const file of files) {
      const position = file === from?.file ? from.position : 0;
      const read = await readLines(this.#folder, { file, position });
      for (const line of read.lines) chunks.push(await openLine(this.#keyring, line));
      next = { file, position: read.end };
    }
    return { chunks, next };
  }

  #rotate(): Promise<void> {
    const done = this.#turn.then(async () => {
      const file = this.#file + 1;
      await this.#flushed();
      const handle = await open(filePath(this.#folder, file), 'a', 0o600);
      await this.#handle.close();
      [this.#file, this.#handle, this.#size] = [file, handle, 0];
    });
    this.#turn = done.catch(() => {});
    return done;
  }
}

export function scopeKey({ account, region }: Scope): string {
  return `${account} ${region}`;
}

function filePath(folder: string, file: number): string {
  return join(folder, `${String(file).padStart(8, '0')}.jsonl`);
}

async function journalFiles(folder: string): Promise<readonly number[]> {
  const names = await readdir(folder);
  return names
    .flatMap((name) => /^([0-9]{8})\.jsonl$/.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b);
}

async function readLines(
  folder: string,
  { file, position }: JournalPlace,
): Promise<{ readonly lines: readonly Line[]; readonly end: number }> {
  const bytes = await readFile(filePath(folder, file)).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return Buffer.alloc(0);
    throw error;
  });
  const end = Math.max(position, bytes.lastIndexOf('\n') + 1);
  const lines = bytes
    .subarray(position, end)
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '');
  return { lines: lines.map((text) => JSON.parse(text) as Line), end };
}

async function openLine(
  keyring: KeyRing,
  { deflated = true, from, keyId, scope, sealed, to }: Line,
): Promise<AuditChunk> {
  const records = await openRecords(keyring, { keyId, sealed: Buffer.from(sealed, 'base64'), deflated });
  return { scope, from, to, records };
}

function isBefore(one: JournalPlace, other: JournalPlace): boolean {
  return one.file === other.file ? one.position < other.position : one.file < other.file;
}

function settling(waiting: readonly Waiting[]) {
  return [
    () => {
      for (const { resolve } of waiting) resolve();
    },
    (error: unknown) => {
      for (const { reject } of waiting) reject(error);
    },
  ] as const;
}
