import type { Clock } from '@helicase/kernel';
import { ENGINE_PROTOCOL, type EngineFailure, type FromEngine, type OutputFile } from '../engine-protocol.ts';
import { PathGuard, PathRefused } from '../path-guard.ts';
import type { EngineChild, EngineEnd } from './engine-child.ts';
import { type EngineResult, type EngineRun, EngineStopped } from './engine-run.ts';

/** An engine may ask for many things at once, but not for so many that the server suffers. */
const MOST_REQUESTS = 100_000;

type Request = Extract<FromEngine, { readonly request: number }>;

/** One run in one engine: its questions are answered, its tasks owned, its end told once. */
export class EngineSession {
  readonly #run: EngineRun;
  readonly #engine: EngineChild;
  readonly #clock: Clock;
  readonly #grace: number;
  readonly #guard: PathGuard;
  readonly #open = new Map<number, { readonly abort: AbortController; readonly done: Promise<void> }>();
  readonly #end = Promise.withResolvers<EngineResult>();
  #ended = false;

  constructor(run: EngineRun, engine: EngineChild, clock: Clock, grace: number) {
    this.#run = run;
    this.#engine = engine;
    this.#clock = clock;
    this.#grace = grace;
    this.#guard = new PathGuard([run.runDirectory, run.definition, ...run.readable]);
  }

  /** Starts the run and resolves when the engine and all its tasks are gone. */
  async result(): Promise<EngineResult> {
    const cancel = () => void this.#cancel();
    this.#run.signal?.addEventListener('abort', cancel, { once: true });
    this.#begin();
    if (this.#run.signal?.aborted) cancel();
    try {
      return await this.#end.promise;
    } finally {
      this.#run.signal?.removeEventListener('abort', cancel);
      await this.#clear();
    }
  }

  /** For a server that stops: the run goes on elsewhere or later. */
  async stop(): Promise<void> {
    this.#end.reject(new EngineStopped('The server is stopping.'));
    await this.#clear();
  }

  #begin(): void {
    const { language, definition, main, parameters, profiles = [], runDirectory } = this.#run;
    this.#engine.listen((message) => this.#receive(message));
    void this.#engine.gone.then((end) => this.#finish({ status: 'failed', failure: failureOf(end) }));
    this.#engine.send({
      type: 'start',
      protocol: ENGINE_PROTOCOL,
      ...{ language, definition, main, parameters, profiles, runDirectory },
    });
  }

  #receive(message: FromEngine): void {
    if (this.#ended) return;
    if ('request' in message) this.#answer(message);
    else if (message.type === 'log') this.#run.tasks.log(message.level, message.message);
    else if (message.type === 'failed') this.#finish({ status: 'failed', failure: message.failure });
    else if (message.type === 'completed') void this.#complete(message.outputs, message.files);
  }

  #answer(message: Request): void {
    if (message.type === 'cancel-task') {
      this.#open.get(message.request)?.abort.abort();
      return;
    }
    if (this.#open.has(message.request) || this.#open.size >= MOST_REQUESTS) {
      this.#finish({
        status: 'failed',
        failure: {
          reason: 'SERVICE_ERROR',
          message: `The engine broke the protocol with request ${message.request}.`,
        },
      });
      return;
    }
    const abort = new AbortController();
    const done = this.#serve(message, abort.signal)
      .catch((error: unknown) => this.#refuse(message.request, error))
      .finally(() => this.#open.delete(message.request));
    this.#open.set(message.request, { abort, done });
  }

  async #serve(message: Exclude<Request, { type: 'cancel-task' }>, signal: AbortSignal): Promise<void> {
    const { request } = message;
    const { tasks } = this.#run;
    if (message.type === 'run-task') {
      this.#engine.send({ type: 'task-outcome', request, outcome: await tasks.run(message.task, signal) });
    } else if (message.type === 'stat') {
      this.#engine.send({ type: 'stat-answer', request, facts: (await tasks.stat(message.uri)) ?? null });
    } else {
      const path = await tasks.localize(message.uri);
      this.#guard.allow(path);
      this.#engine.send({ type: 'localized', request, path });
    }
  }

  #refuse(request: number, error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    this.#engine.send({ type: 'request-failed', request, message });
  }

  async #complete(outputs: Readonly<Record<string, unknown>>, files: readonly OutputFile[]): Promise<void> {
    try {
      const checked = await Promise.all(
        files.map(async ({ path, key }) => ({ path: await this.#guard.check(path), key })),
      );
      this.#finish({ status: 'completed', outputs, files: checked });
    } catch (error) {
      const reason = error instanceof PathRefused ? 'EXPORT_FAILED' : 'SERVICE_ERROR';
      const message = `An output cannot be taken: ${error instanceof Error ? error.message : String(error)}`;
      this.#finish({ status: 'failed', failure: { reason, message } });
    }
  }

  /** The engine may end by itself, leaving its last words; then it is ended. */
  async #cancel(): Promise<void> {
    this.#abortTasks();
    this.#engine.send({ type: 'cancel' });
    await Promise.race([this.#end.promise.catch(() => {}), this.#clock.sleep(this.#grace)]);
    this.#finish({ status: 'cancelled' });
  }

  #finish(result: EngineResult): void {
    this.#ended = true;
    this.#end.resolve(this.#run.signal?.aborted ? { status: 'cancelled' } : result);
  }

  async #clear(): Promise<void> {
    this.#ended = true;
    this.#abortTasks();
    await this.#engine.end();
    await Promise.all([...this.#open.values()].map(({ done }) => done));
  }

  #abortTasks(): void {
    for (const { abort } of this.#open.values()) abort.abort();
  }
}

function failureOf({ message, outOfMemory }: EngineEnd): EngineFailure {
  if (!outOfMemory) return { reason: 'SERVICE_ERROR', message };
  return {
    reason: 'WORKFLOW_RUN_FAILED',
    message:
      'Evaluating the workflow takes more memory than an engine has. Let tasks make large values and pass them on as files.',
  };
}
