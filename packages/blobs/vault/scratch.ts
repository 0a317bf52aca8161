import { mkdir, open, readdir, readFile, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { giveBack } from '@helicase/kernel';
import type { Materialized } from '../blob.ts';

/** Files may be mounted into another user's container; the directories above them let only the owner in. */
const FILE_MODE = 0o444;

/** `<pid>-<start>`: a process's folder. */
const INSTANCE = /^(\d+)-\d+$/;

/**
 * Private unsealed files of this process: `<directory>/<pid>-<start>/<n>/<name>`. The directory belongs to this
 * machine alone; what dead processes left in it goes at the next boot.
 */
export class Scratch {
  readonly #directory: string;
  #instance: Promise<string> | undefined;
  #count = 0;

  constructor(directory: string) {
    this.#directory = resolve(directory);
  }

  /** Writes the bytes to a file of this name and answers its path. Nothing stays where the stream fails. */
  async fill(name: string, bytes: Readable): Promise<Materialized> {
    const { path, release } = await this.reserve(name);
    try {
      await writeAll(path, bytes);
    } catch (error) {
      await release();
      throw error;
    }
    return { path, release };
  }

  /** A path of this name in a directory of its own, where nothing is yet. */
  async reserve(name: string): Promise<Materialized> {
    const directory = join(await this.#home(), String(++this.#count));
    await mkdir(directory, { mode: 0o700 });
    return {
      path: join(directory, safeName(name)),
      release: () => rm(directory, { recursive: true, force: true }),
    };
  }

  /** Removes what processes that are no more left behind; answers how many there were. */
  async clean(): Promise<number> {
    await mkdir(this.#directory, { recursive: true, mode: 0o700 });
    let count = 0;
    for (const name of await readdir(this.#directory)) {
      // What others keep beside it is theirs.
      if (!INSTANCE.test(name) || (await isAlive(name))) continue;
      await rm(join(this.#directory, name), { recursive: true, force: true });
      count++;
    }
    return count;
  }

  #home(): Promise<string> {
    this.#instance ??= this.#makeHome();
    return this.#instance;
  }

  async #makeHome(): Promise<string> {
    const home = join(this.#directory, await nameOf(process.pid));
    await mkdir(home, { recursive: true, mode: 0o700 });
    // Another scratch on the same directory in this process takes a folder of its own.
    for (let n = 0; ; n++) {
      const own = join(home, `s${n}`);
      if ((await mkdir(own, { recursive: true, mode: 0o700 })) !== undefined) return own;
    }
  }
}

async function writeAll(path: string, bytes: Readable): Promise<void> {
  const file = await open(path, 'wx', FILE_MODE);
  try {
    for await (const chunk of bytes as AsyncIterable<Buffer>) {
      await file.writeFile(chunk);
      giveBack(chunk);
    }
  } finally {
    await file.close();
  }
}

/** The last component of a name, never a way out of the directory. */
function safeName(name: string): string {
  const last = name.split(/[/\\]/).at(-1) ?? '';
  const clean = last.replaceAll('\0', '');
  return clean === '' || clean === '.' || clean === '..' ? 'file' : clean.slice(-200);
}

async function nameOf(pid: number): Promise<string> {
  return `${pid}-${await startOf(pid)}`;
}

async function isAlive(name: string): Promise<boolean> {
  const pid = Number(INSTANCE.exec(name)?.[1]);
  if (!(pid >= 1)) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EPERM')) return false;
  }
  return (await nameOf(pid)) === name;
}

/** When the process started, so that a reused pid is not taken for it; `0` where the system does not tell. */
async function startOf(pid: number): Promise<string> {
  try {
    const text = await readFile(`/proc/${pid}/stat`, 'utf8');
    // Fields after the program's name in parentheses; the 20th of them is the start time.
    return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? '0';
  } catch {
    return '0';
  }
}
