import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from '@helicase/kernel';
import { writeDurably } from '../process/write-durably.ts';

/** Names inside a container's folder that the supervisor's script shares. */
export const BUNDLE = {
  rootfs: 'rootfs',
  lock: 'lock',
  revoked: 'revoked',
  supervisor: 'supervisor',
  exit: 'exit',
} as const;

/** What a later server must know of a container that it did not start. */
export interface ContainerFacts {
  readonly startedAt: number;
  readonly imageDigest: string;
  /** The kernel's id of this boot: no container outlives a reboot, and its counters do not either. */
  readonly boot: string;
}

/** Grows when a member changes meaning. */
const FACTS_VERSION = 1;
const HELD = 75;

/** One container's folder: its description, its layer, and what tells of it to servers after the one that started it. */
export class Bundle {
  readonly directory: string;

  constructor(directory: string) {
    this.directory = directory;
  }

  get rootfs(): string {
    return this.#at(BUNDLE.rootfs);
  }

  get upper(): string {
    return this.#at('upper');
  }

  get layerWork(): string {
    return this.#at('layer-work');
  }

  get hosts(): string {
    return this.#at('hosts');
  }

  get config(): string {
    return this.#at('config.json');
  }

  /** The runtime's own log; the task cannot reach it. */
  get log(): string {
    return this.#at('log');
  }

  async make(): Promise<void> {
    for (const folder of [this.rootfs, this.upper, this.layerWork]) await mkdir(folder, { recursive: true });
  }

  /** Durable before anything is started. */
  async record(facts: ContainerFacts): Promise<void> {
    await writeDurably(this.#at('facts.json'), JSON.stringify({ version: FACTS_VERSION, ...facts }));
  }

  /** Undefined where nothing was recorded, or by a server whose records this one does not read. */
  async facts(): Promise<ContainerFacts | undefined> {
    const text = await readFile(this.#at('facts.json'), 'utf8').catch(() => undefined);
    if (text === undefined) return undefined;
    const { version, ...facts } = JSON.parse(text) as ContainerFacts & { readonly version: number };
    return version <= FACTS_VERSION ? facts : undefined;
  }

  /** The exit code that the supervisor wrote, and when; undefined while it runs or where it was killed. */
  async ended(): Promise<{ readonly code: number; readonly at: number } | undefined> {
    const path = this.#at(BUNDLE.exit);
    const text = await readFile(path, 'utf8').catch(() => undefined);
    if (text === undefined) return undefined;
    return { code: Number(text), at: Math.floor((await stat(path)).mtimeMs) };
  }

  /** From now on nothing starts here. False where the supervisor is at work. */
  async revoke(): Promise<boolean> {
    await mkdir(this.directory, { recursive: true });
    const { code } = await runCommand('flock', [
      ...['--nonblock', '--conflict-exit-code', String(HELD)],
      ...[this.#at(BUNDLE.lock), 'touch', this.#at(BUNDLE.revoked)],
    ]);
    if (code !== 0 && code !== HELD) throw new Error(`The lock of ${this.directory} cannot be taken.`);
    return code === 0;
  }

  /** A process that ends when the supervisor has. */
  watch(): ChildProcess {
    return spawn('flock', [this.#at(BUNDLE.lock), 'true'], { stdio: 'ignore', cwd: '/' });
  }

  /** For a container that has no processes of its own yet: its supervisor and the runtime below it. */
  async killSupervisor(): Promise<void> {
    if (await this.revoke()) return; // it is gone, and its number may be somebody else's
    const id = Number(await readFile(this.#at(BUNDLE.supervisor), 'utf8').catch(() => ''));
    if (id > 1) killSession(id);
  }

  async remove(): Promise<void> {
    await rm(this.directory, { recursive: true, force: true });
  }

  #at(name: string): string {
    return join(this.directory, name);
  }
}

export async function bootId(): Promise<string> {
  return (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
}

/** The supervisor leads a session and a process group of its own. */
function killSession(leader: number): void {
  try {
    process.kill(-leader, 'SIGKILL');
  } catch {
    // It has just ended.
  }
}
