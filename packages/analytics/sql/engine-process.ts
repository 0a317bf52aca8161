import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { EngineReply, QueryGrant, QueryRequest } from './protocol.ts';

const PROGRAM = fileURLToPath(new URL('./process.ts', import.meta.url));
const HEAP_MEGABYTES = 512;
const KEPT_OUTPUT = 2000;

/** The process ended while it was asked something. */
export class EngineDied extends Error {}

interface Waiting {
  readonly resolve: (reply: EngineReply) => void;
  readonly reject: (error: Error) => void;
}

/** A query engine in a process of its own, one question at a time. */
export class EngineProcess {
  readonly #child: ChildProcess;
  #waiting: Waiting | undefined;
  #said = '';
  #dead: Error | undefined;

  constructor() {
    const flags = [`--max-old-space-size=${HEAP_MEGABYTES}`, '--no-warnings'];
    this.#child = spawn(process.execPath, [...flags, PROGRAM], {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      env: { PATH: process.env['PATH'] },
    });
    this.#child.stderr!.on('data', (chunk: Buffer) => {
      this.#said = (this.#said + chunk.toString('utf8')).slice(-KEPT_OUTPUT);
    });
    this.#child.on('message', (message) => {
      if (message !== 'ready') this.#settle((waiting) => waiting.resolve(message as EngineReply));
    });
    this.#child.on('error', (error) => this.#end(error));
    this.#child.on('exit', (code, signal) => {
      this.#end(new EngineDied(`the query engine ended with ${signal ?? code}. ${this.#said.trim()}`.trim()));
    });
    // An idle engine does not keep a stopping server alive.
    this.#child.unref();
    this.#child.channel?.unref();
    (this.#child.stderr as unknown as { unref?(): void }).unref?.();
  }

  get alive(): boolean {
    return this.#dead === undefined;
  }

  ask(message: QueryRequest | QueryGrant): Promise<EngineReply> {
    return new Promise((resolve, reject) => {
      if (this.#dead) return reject(this.#dead);
      this.#waiting = { resolve, reject };
      this.#child.channel?.ref();
      this.#child.send(message, (error) => error && this.#end(error));
    });
  }

  /** Ends it at once, whatever it does; nobody is given it again, though its end is heard of only later. */
  kill(): void {
    this.#dead ??= new EngineDied('the query engine was ended by the server');
    this.#child.kill('SIGKILL');
  }

  #end(error: Error): void {
    this.#dead ??= error;
    this.#settle((waiting) => waiting.reject(this.#dead!));
  }

  #settle(act: (waiting: Waiting) => void): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    this.#child.channel?.unref();
    if (waiting) act(waiting);
  }
}
