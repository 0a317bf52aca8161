import { spawn, spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { StagedInput, TaskHost, TaskOutcome, TaskRequest } from '@helicase/runtime';

/** Why tests that run tasks cannot run on this machine; undefined where they can. */
export const noBubblewrap =
  spawnSync('bwrap', ['--ro-bind', '/', '/', 'true']).status === 0
    ? undefined
    : 'bubblewrap is not installed';

/** A task host for this room's tests: each task is a bubblewrap sandbox in a folder. Keeps what it was asked for. */
export class BubblewrapHost implements TaskHost {
  readonly #folder: string;
  /** URIs that exist, with the local file of each. */
  readonly #objects: ReadonlyMap<string, string>;
  /** The name of a file whose URI does not end in it. */
  readonly names = new Map<string, string>();
  readonly requests: TaskRequest[] = [];
  readonly messages: string[] = [];
  #running = 0;
  mostAtOnce = 0;

  constructor(folder: string, objects: Readonly<Record<string, string>> = {}) {
    this.#folder = folder;
    this.#objects = new Map(Object.entries(objects));
  }

  scratch(): string {
    return join(this.#folder, 'scratch');
  }

  log(_level: string, message: string): void {
    this.messages.push(message);
  }

  async stat(uri: string) {
    const path = this.#objects.get(uri);
    if (path === undefined) return undefined;
    const facts = statSync(path);
    return { size: facts.size, isDirectory: facts.isDirectory(), name: this.names.get(uri) };
  }

  async localize(uri: string): Promise<string> {
    const path = this.#objects.get(uri);
    if (path === undefined) throw new Error(`${uri} does not exist`);
    return path;
  }

  async run(request: TaskRequest, signal?: AbortSignal): Promise<TaskOutcome> {
    this.requests.push(request);
    this.mostAtOnce = Math.max(this.mostAtOnce, ++this.#running);
    try {
      return await this.#start(request, signal);
    } finally {
      this.#running -= 1;
    }
  }

  async #start(request: TaskRequest, signal: AbortSignal | undefined): Promise<TaskOutcome> {
    const folder = join(this.#folder, 'tasks', `${this.requests.length}`);
    const workDirectory = join(folder, 'work');
    mkdirSync(workDirectory, { recursive: true });
    const binds = request.inputs.flatMap((input, index) =>
      this.#bind(input, join(folder, 'literals', `${index}`)),
    );
    const [stdoutPath, stderrPath] = [join(folder, 'stdout'), join(folder, 'stderr')];
    const view = [
      '--ro-bind',
      '/',
      '/',
      '--dev',
      '/dev',
      '--proc',
      '/proc',
      '--tmpfs',
      '/mnt',
      '--tmpfs',
      '/tmp',
    ];
    const work = ['--bind', workDirectory, request.workDirectory, '--chdir', request.workDirectory];
    const variables = Object.entries(request.environment).flatMap((pair) => ['--setenv', ...pair]);
    const startedAt = Date.now();
    const exitCode = await execute(
      ['--die-with-parent', ...view, ...binds, ...work, ...variables, ...request.argv],
      stdoutPath,
      stderrPath,
      signal,
    );
    const status = signal?.aborted ? 'cancelled' : 'exited';
    return { status, exitCode, workDirectory, stdoutPath, stderrPath, startedAt, finishedAt: Date.now() };
  }

  #bind(input: StagedInput, literal: string): string[] {
    if (input.kind === 'literal') {
      mkdirSync(dirname(literal), { recursive: true });
      writeFileSync(literal, input.content);
      return ['--ro-bind', literal, input.target];
    }
    const path = input.kind === 'path' ? input.path : this.#objects.get(input.uri);
    if (path === undefined) throw new Error(`an input does not exist: ${JSON.stringify(input)}`);
    return ['--ro-bind', path, input.target];
  }
}

function execute(
  args: string[],
  stdoutPath: string,
  stderrPath: string,
  signal?: AbortSignal,
): Promise<number> {
  const [out, err] = [openSync(stdoutPath, 'w'), openSync(stderrPath, 'w')];
  const child = spawn('bwrap', args, { stdio: ['ignore', out, err] });
  const kill = () => child.kill('SIGKILL');
  signal?.addEventListener('abort', kill, { once: true });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      signal?.removeEventListener('abort', kill);
      closeSync(out);
      closeSync(err);
      resolve(code ?? 137);
    });
  });
}
