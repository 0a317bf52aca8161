import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { keptCode } from '@helicase/runtime';
import type { CheckedDefinition } from '../ports.ts';
import type { CheckReply, CheckRequest } from './check-process.ts';

/** A definition that takes longer than this, or more memory, was not written by a person. */
const MILLISECONDS = 60_000;
const HEAP_MEBIBYTES = 1024;
/** A process that has nothing to check for this long ends. */
const IDLE_MILLISECONDS = 30_000;
const PROGRAM = fileURLToPath(new URL('./check-process.ts', import.meta.url));

/**
 * Processes that check definitions; one that is done serves the next. Not threads: a Node whose threads come and go,
 * each loading the WebAssembly that strips types, aborts now and then as a whole (nodejs/node#64500).
 */
export class CheckerProcesses {
  readonly #idle = new Map<ChildProcess, NodeJS.Timeout>();
  readonly #milliseconds: number;

  constructor(milliseconds: number = MILLISECONDS) {
    this.#milliseconds = milliseconds;
  }

  /** Rejects with why it cannot be checked, as the middle of a sentence. */
  async check(request: CheckRequest): Promise<CheckedDefinition> {
    const child = this.#take() ?? start();
    try {
      const reply = await replyOf(child, request, this.#milliseconds);
      this.#keep(child);
      if ('error' in reply) throw new Error(reply.error);
      return reply.checked;
    } catch (error) {
      if (!this.#idle.has(child)) child.kill('SIGKILL');
      throw error;
    }
  }

  #take(): ChildProcess | undefined {
    for (const [child, timer] of this.#idle) {
      clearTimeout(timer);
      this.#idle.delete(child);
      if (!child.connected) continue;
      child.ref();
      child.channel?.ref();
      return child;
    }
    return undefined;
  }

  /** Idle, it keeps nothing alive, and ends when the server does. */
  #keep(child: ChildProcess): void {
    child.unref();
    child.channel?.unref();
    const end = () => {
      this.#idle.delete(child);
      child.kill('SIGKILL');
    };
    this.#idle.set(child, setTimeout(end, IDLE_MILLISECONDS).unref());
  }
}

function start(): ChildProcess {
  return fork(PROGRAM, {
    execArgv: [`--max-old-space-size=${HEAP_MEBIBYTES}`, '--no-warnings'],
    env: { PATH: process.env['PATH'], ...keptCode() },
    serialization: 'advanced', // the files are a Map
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
}

function replyOf(child: ChildProcess, request: CheckRequest, milliseconds: number): Promise<CheckReply> {
  return new Promise<CheckReply>((resolve, reject) => {
    const refuse = (why: string) => reject(new Error(why));
    const timer = setTimeout(
      () => refuse(`it takes longer than ${milliseconds / 1000} seconds`),
      milliseconds,
    );
    const onExit = () => refuse(`it needs more than ${HEAP_MEBIBYTES} MiB of memory, or ends the checker`);
    const onError = (error: Error) => refuse(error.message);
    const onMessage = (reply: unknown) => {
      clearTimeout(timer);
      child.off('exit', onExit).off('error', onError);
      resolve(reply as CheckReply);
    };
    child.once('exit', onExit).once('error', onError).once('message', onMessage);
    child.send(request);
  });
}
