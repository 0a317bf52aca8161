import { type FileHandle, mkdir, open, readdir, readFile, truncate, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { KeyRing } from '@helicase/blobs';
import type { Scope } from '@helicase/kernel';
import { CHAIN_START, chained, type ChainHead } from './chain.ts';
import { type AuditChunk, sealRecords } from './chunk.ts';

/** A place in the journal: bytes into one of its numbered files. */
export interface JournalPlace {
  readonly file: number;
  readonly position: number;
}

/** Bytes from which on a file whose lines are all in the database is followed by a new one. */
const ROTATE_AT = 4 * 1024 * 1024;

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

  private constructor(
    folder: string,
    keyring: KeyRing,
    heads: Map<string, ChainHead>,
    last: { readonly file: number; readonly handle: FileHandle; readonly size: number },
  ) {
    this.#folder = folder;
    this.#keyring = keyring;
    this.#heads = heads;
    this.#file = last.file;
    this.#handle = last.handle;
    this.#size = last.size;
  }

  /** Continues the journal in the folder. `heads` are the chains as the database has them; lines in the journal go on from there. */
  static async open(folder: string, keyring: KeyRing, heads: Map<string, ChainHead>): Promise<Journal> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const files = await journalFiles(folder);
    for (const file of files) {
      for (const { scope, to } of (await readLines(folder, { file, position: 0 })).chunks) {
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
    return new Journal(folder, keyring, heads, { file, handle, size: end });
  }

  /** Resolves when the record is written; where `durable`, when it is on the disk. */
  append(scope: Scope, record: string, durable: boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ scope, record, durable, resolve, reject });
      if (this.#scheduled) return;
      this.#scheduled = true;
      this.#turn = this.#turn.then(() => {
        this.#scheduled = false;
        return this.#writeWaiting();
      });
    });
  }

  /** Whole lines from a place on, and the place behind them. */
  async read(from: JournalPlace | undefined): Promise<{ chunks: readonly AuditChunk[]; next: JournalPlace }> {
    const files = (await journalFiles(this.#folder)).filter((file) => file >= (from?.file ?? 0));
    const chunks: AuditChunk[] = [];
    let next: JournalPlace = from ?? { file: this.#file, position: 0 };
    for (const file of files) {
      const position = file === from?.file ? from.position : 0;
      const read = await readLines(this.#folder, { file, position });
      chunks.push(...read.chunks);
      next = { file, position: read.end };
    }
    return { chunks, next };
  }

  /** Everything before the place is in the database: files that are not needed any more go, save the last two. */
  async forget(before: JournalPlace): Promise<void> {
    if (before.file === this.#file && this.#size >= ROTATE_AT) await this.#rotate();
    const old = (await journalFiles(this.#folder)).filter((file) => file < before.file - 1);
    for (const file of old) await unlink(filePath(this.#folder, file));
  }

  async close(): Promise<void> {
    await this.#turn;
    await this.#handle.close();
  }

  async #writeWaiting(): Promise<void> {
    const batch = this.#waiting;
    this.#waiting = [];
    try {
      const { heads, text } = await this.#lines(batch);
      await this.#write(text);
      for (const [key, head] of heads) this.#heads.set(key, head);
      for (const { durable, resolve } of batch) if (!durable) resolve();
      if (batch.some(({ durable }) => durable)) await this.#handle.datasync();
      for (const { resolve } of batch) resolve();
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }

  /** A line per account and region: their keys differ. */
  async #lines(batch: readonly Waiting[]): Promise<{ text: string; heads: Map<string, ChainHead> }> {
    const heads = new Map<string, ChainHead>();
    const lines: string[] = [];
    for (const [key, of] of Map.groupBy(batch, ({ scope }) => scopeKey(scope))) {
      const { scope } = of[0]!;
      const records = of.map(({ record }) => record);
      const from = this.#heads.get(key) ?? CHAIN_START;
      const to = chained(from, records);
      const { keyId, sealed } = await sealRecords(this.#keyring, scope, records);
      const line: Line = { scope, from, to, keyId, sealed: Buffer.from(sealed).toString('base64') };
      lines.push(`${JSON.stringify(line)}\n`);
      heads.set(key, to);
    }
    return { text: lines.join(''), heads };
  }

  /** A write that failed midway (a full disk) is taken back, so that the next line does not follow half a one. */
  async #write(text: string): Promise<void> {
    const bytes = Buffer.from(text);
    try {
      await this.#handle.appendFile(bytes);
      this.#size += bytes.length;
    } catch (error) {
      await this.#handle.truncate(this.#size);
      throw error;
    }
  }

  #rotate(): Promise<void> {
    const done = this.#turn.then(async () => {
      const file = this.#file + 1;
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
): Promise<{ readonly chunks: readonly AuditChunk[]; readonly end: number }> {
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
  const chunks = lines.map((text): AuditChunk => {
    const line = JSON.parse(text) as Line;
    return { ...line, sealed: Buffer.from(line.sealed, 'base64') };
  });
  return { chunks, end };
}
