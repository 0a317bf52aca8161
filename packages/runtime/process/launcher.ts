import { type ChildProcess, spawn } from 'node:child_process';
import type { Duplex } from 'node:stream';
import { constants } from 'node:os';
import type { Program, StartedProgram } from './program.ts';
import type { Ending } from './supervise.ts';

/** A file to enter a control group by, and one by which the launcher leaves it at its end. */
export interface Residence {
  readonly entrance: string;
  readonly home: string;
}

/** `apart`: programs have mounts and a network of the launcher's own, see native/apart.c. */
export type Manner = 'plain' | 'apart';

export interface LaunchedProgram extends StartedProgram {
  /** True when no process of it is left, false when the launcher itself is gone. */
  readonly empty: Promise<boolean>;
}

interface Current {
  id?: number;
  status: string;
  end(ending: Ending): void;
  emptied(none: boolean): void;
}

/** The small process of native/launcher.c: starts one program at a time, in the control groups that it lives in. */
export class Launcher {
  readonly exited: Promise<void>;
  readonly #child: ChildProcess;
  #current: Current | undefined;
  #told = '';

  constructor(path: string, manner: Manner, residences: readonly Residence[]) {
    const places = residences.flatMap(({ entrance, home }) => [entrance, home]);
    this.#child = spawn(path, [manner, ...places], { env: {}, cwd: '/', stdio: ['pipe', 'pipe', 'ignore'] });
    this.#child.stdin!.on('error', () => {}); // it is gone: its exit tells
    this.#child.stdout!.setEncoding('utf8').on('data', (text: string) => this.#hear(text));
    this.exited = new Promise((resolve) => {
      this.#child.once('close', resolve);
      this.#child.once('error', () => this.#child.pid === undefined && resolve());
    });
    void this.exited.then(() => this.#over());
    this.#hold(false);
  }

  get id(): number | undefined {
    return this.#child.pid;
  }

  /** Whether it can start a program: not once it was told to end, though its end is heard of only later. */
  get alive(): boolean {
    const { exitCode, pid, signalCode, stdin } = this.#child;
    return pid !== undefined && exitCode === null && signalCode === null && !stdin!.destroyed;
  }

  /** `entrances`: groups that the program alone enters. */
  start(program: Program, entrances: readonly string[]): LaunchedProgram {
    const ending = Promise.withResolvers<Ending>();
    const empty = Promise.withResolvers<boolean>();
    const current: Current = { status: '', end: ending.resolve, emptied: empty.resolve };
    this.#current = current;
    this.#hold(true);
    this.#child.stdin!.write(encodeRequest(program, entrances));
    if (!this.alive) this.#over();
    return {
      id: () => current.id,
      ending: ending.promise,
      empty: empty.promise,
      status: () => current.status,
      kill: () => this.close(),
    };
  }

  /** Its input's end: it ends what runs with all that was started, leaves its groups, removes them and exits. */
  close(): void {
    this.#child.stdin!.destroy();
  }

  #hear(text: string): void {
    const lines = (this.#told + text).split('\n');
    this.#told = lines.pop()!;
    for (const line of lines) this.#obey(line);
  }

  #obey(line: string): void {
    const [word, ...rest] = line.split(' ');
    const current = this.#current;
    if (!current) return;
    if (word === 'started') current.id = Number(rest[0]);
    if (word === 'failed') current.end(lost(new Error(rest.join(' '))));
    if (word === 'ended') {
      current.status = rest.slice(2).join(' ');
      current.end(endingOf(Number(rest[0]), Number(rest[1])));
    }
    if (word === 'empty') {
      this.#current = undefined;
      this.#hold(false);
      current.emptied(true);
    }
  }

  #over(): void {
    const current = this.#current;
    this.#current = undefined;
    if (!current) return;
    current.end(this.#endingOf(current));
    current.emptied(false);
  }

  /** Killed with its task, or before it said that this began: the task is lost. It could not be started otherwise. */
  #endingOf({ id }: Current): Ending {
    const signal = this.#child.signalCode ?? (id === undefined ? null : 'SIGKILL');
    return signal === null ? lost(new Error('the launcher ended')) : { code: null, signal };
  }

  /** An idle launcher keeps no command line waiting. */
  #hold(held: boolean): void {
    const ends = [
      this.#child,
      this.#child.stdin as Duplex & Holdable,
      this.#child.stdout as Duplex & Holdable,
    ];
    for (const end of ends) {
      if (held) end.ref();
      else end.unref();
    }
  }
}

interface Holdable {
  ref(): unknown;
  unref(): unknown;
}

function lost(spawnError: Error): Ending {
  return { code: null, signal: null, spawnError };
}

function endingOf(code: number, signal: number): Ending {
  if (code >= 0) return { code, signal: null };
  const name = Object.entries(constants.signals).find(([, number]) => number === signal)?.[0];
  return { code: null, signal: (name ?? 'SIGKILL') as NodeJS.Signals };
}

/** The words of native/launcher.c. */
function encodeRequest(program: Program, entrances: readonly string[]): Buffer {
  const variables = Object.entries(program.environment).map(([name, value]) => `${name}=${value}`);
  const fields = [
    ...[String(program.fileBytes ?? '-'), program.hostNetwork ? 'host' : '-', program.folder],
    ...[program.stdin, program.stdoutPath, program.stderrPath, program.input ?? ''],
    ...[String(entrances.length), ...entrances],
    ...[String(variables.length), ...variables],
    ...program.command,
  ].map((field) => Buffer.from(field));
  const request = Buffer.alloc(8 + fields.reduce((sum, { length }) => sum + length + 5, 0));
  const words = [request.length - 8, fields.length];
  let at = 0;
  const number = (value: number) => void (at = request.writeUint32LE(value, at));
  words.forEach(number);
  for (const field of fields) {
    number(field.length);
    at += field.copy(request, at) + 1;
  }
  return request;
}
