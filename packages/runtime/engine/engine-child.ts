import { type ChildProcess, spawn } from 'node:child_process';
import type { Duplex } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { Clock } from '@helicase/kernel';
import type { ControlGroup, ControlGroups } from '../cgroup/control-group.ts';
import { emptyAndRemove } from '../cgroup/empty.ts';
import { ENGINE_PROTOCOL, type FromEngine, type ToEngine } from '../engine-protocol.ts';
import { keptCode } from '../kept-code.ts';
import { enterGroup, SHELL } from '../process/enter-group.ts';
import { ENGINE_DESCRIPTOR } from './engine-process.ts';
import { type MessageChannel, openChannel } from './message-channel.ts';
import { checkFromEngine } from './validate.ts';

export interface EngineChildOptions {
  readonly entry: URL;
  readonly memoryMegabytes: number;
  readonly clock: Clock;
  readonly groups?: ControlGroups;
}

const READY_MILLISECONDS = 30_000;
/** Node itself, its code and its buffers, beside the heap that --max-old-space-size limits. */
const OVERHEAD_MEGABYTES = 512;
const ENGINE_PROCESSES = 64;
const STDERR_KEPT = 8_192;
/** What V8 says before it ends a process whose heap is at its limit. */
const HEAP_EXHAUSTED = /JavaScript heap out of memory/;

/** How an engine's process ended, with what it had to complain about. */
export interface EngineEnd {
  readonly message: string;
  /** What it evaluated needs more memory than an engine has: another one would end in the same way. */
  readonly outOfMemory: boolean;
}

/** One engine process: spawned, greeted, given one run, ended. */
export class EngineChild {
  readonly ready: Promise<void>;
  readonly gone: Promise<EngineEnd>;
  readonly #process: ChildProcess;
  readonly #channel: MessageChannel;
  readonly #group: ControlGroup | undefined;
  readonly #clock: Clock;
  #listener: ((message: FromEngine) => void) | undefined;
  #greeted: (() => void) | undefined;
  #complaint = '';

  constructor(options: EngineChildOptions, name: string) {
    this.#clock = options.clock;
    this.#group = options.groups?.create(name, {
      cpus: 1,
      memoryBytes: (options.memoryMegabytes + OVERHEAD_MEGABYTES) * 2 ** 20,
      processes: ENGINE_PROCESSES,
    });
    this.#process = spawnEngine(options, this.#group);
    this.gone = this.#watch();
    this.#channel = this.#open();
    this.ready = this.#waitReady();
    this.ready.catch(() => {}); // an idle engine that dies is told of when it is taken
  }

  /** Messages after the greeting. A violation of the protocol ends the engine. */
  listen(listener: (message: FromEngine) => void): void {
    this.#listener = listener;
  }

  send(message: ToEngine): void {
    this.#channel.send(message);
  }

  /** Kills it where it still lives; resolves when nothing of it is left. */
  async end(): Promise<void> {
    this.#process.kill('SIGKILL');
    await this.gone;
    this.#channel.close();
    if (this.#group) await emptyAndRemove(this.#group, this.#clock);
  }

  #open(): MessageChannel {
    return openChannel(this.#process.stdio[ENGINE_DESCRIPTOR] as Duplex, {
      onMessage: (message) => this.#receive(message),
      onClose: (error) => this.#breakOff(error),
    });
  }

  #receive(value: unknown): void {
    try {
      const message = checkFromEngine(value);
      if (message.type !== 'ready') this.#listener?.(message);
      else if (message.protocol === ENGINE_PROTOCOL) this.#greeted?.();
      else throw new Error(`it speaks protocol ${message.protocol}, this server ${ENGINE_PROTOCOL}`);
    } catch (error) {
      this.#breakOff(error instanceof Error ? error : new Error(String(error)));
    }
  }

  #breakOff(error: Error | undefined): void {
    if (error) this.#complaint += `The engine broke the protocol: ${error.message}\n`;
    this.#process.kill('SIGKILL');
  }

  #watch(): Promise<EngineEnd> {
    const child = this.#process;
    child.stderr?.on('data', (chunk: Buffer) => {
      this.#complaint = (this.#complaint + chunk.toString('utf8')).slice(-STDERR_KEPT);
    });
    return new Promise((resolve) => {
      child.once('error', ({ message }) => {
        if (child.pid === undefined)
          resolve({ message: `The engine could not be started: ${message}`, outOfMemory: false });
      });
      child.once('close', (code, signal) => resolve(this.#endOf(signal ?? `code ${code}`)));
    });
  }

  #endOf(how: string): EngineEnd {
    const complaint = this.#complaint.trim();
    const outOfMemory = (this.#group?.usage().oomKills ?? 0) > 0 || HEAP_EXHAUSTED.test(complaint);
    return { message: `The engine ended with ${how}. ${complaint}`.trim(), outOfMemory };
  }

  async #waitReady(): Promise<void> {
    const greeted = new Promise<void>((resolve) => (this.#greeted = resolve));
    const over = new AbortController();
    const late = this.#clock.sleep(READY_MILLISECONDS, over.signal).then(
      () => Promise.reject(new Error('The engine did not get ready within 30 seconds.')),
      () => {},
    );
    const died = this.gone.then(({ message }) => Promise.reject(new Error(message)));
    try {
      await Promise.race([greeted, late, died]);
    } finally {
      over.abort();
      died.catch(() => {}); // its end is no longer news to this wait
    }
  }
}

function spawnEngine(options: EngineChildOptions, group: ControlGroup | undefined): ChildProcess {
  const node = [
    process.execPath,
    `--max-old-space-size=${options.memoryMegabytes}`,
    // Strangers' workflows are evaluated here: no code from text, and no processes but through the server.
    '--disallow-code-generation-from-strings',
    ...['--permission', '--allow-worker', '--allow-fs-read=*', '--allow-fs-write=*'],
    fileURLToPath(options.entry),
  ];
  return spawn(SHELL, enterGroup(group?.entrances ?? [], node), {
    env: { PATH: '/usr/local/bin:/usr/bin:/bin', LANG: 'C.UTF-8', TZ: 'UTC', ...keptCode() },
    cwd: '/',
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
  });
}
