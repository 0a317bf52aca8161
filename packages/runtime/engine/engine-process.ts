import { mkdirSync } from 'node:fs';
import { flushCompileCache } from 'node:module';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { ENGINE_PROTOCOL, type FromEngine, type Language, type ToEngine } from '../engine-protocol.ts';
import { EngineFailureError, type LanguageEngine } from '../language.ts';
import { onAbort } from '../on-abort.ts';
import type { TaskHost, TaskOutcome, TaskRequest } from '../task.ts';
import { type MessageChannel, openChannel } from './message-channel.ts';

/** The descriptor on which server and engine speak. */
export const ENGINE_DESCRIPTOR = 3;

export interface ServeEngineOptions {
  readonly languages: Partial<Record<Language, LanguageEngine>>;
}

type Start = Extract<ToEngine, { type: 'start' }>;
type Answer = Exclude<ToEngine, { type: 'start' } | { type: 'cancel' }>;

/** The engine's side: call it once from the entry file. It runs one workflow and the process ends. */
export function serveEngine(options: ServeEngineOptions): void {
  const cancelled = new AbortController();
  const pending = new Map<number, Pending>();
  const channel = openChannel(new Socket({ fd: ENGINE_DESCRIPTOR, readable: true, writable: true }), {
    onMessage(message) {
      const told = message as ToEngine; // the server is trusted
      if (told.type === 'start')
        void runOnce(options, told, makeHost(channel, pending, told), channel, cancelled.signal);
      else if (told.type === 'cancel') cancelled.abort(new Error('The run was cancelled.'));
      else settle(pending, told);
    },
    // Without its server an engine has nothing to do: its run is evaluated again by another one.
    onClose: () => process.exit(0),
  });
  send(channel, { type: 'ready', protocol: ENGINE_PROTOCOL });
  // It may be killed at any time, and Node would keep what it compiled at its end only.
  setImmediate(flushCompileCache);
}

interface Pending {
  resolve(answer: Answer): void;
  reject(error: Error): void;
}

function settle(pending: Map<number, Pending>, answer: Answer): void {
  const waiting = pending.get(answer.request);
  pending.delete(answer.request);
  if (answer.type === 'request-failed') waiting?.reject(new Error(answer.message));
  else waiting?.resolve(answer);
}

async function runOnce(
  options: ServeEngineOptions,
  start: Start,
  host: TaskHost,
  channel: MessageChannel,
  signal: AbortSignal,
): Promise<void> {
  const { definition, main, parameters, profiles, runDirectory } = start;
  try {
    const language = options.languages[start.language];
    if (!language) throw new Error(`This engine does not speak ${start.language}.`);
    const result = await language.run({ definition, main, parameters, profiles, host, runDirectory, signal });
    send(channel, { type: 'completed', outputs: result.outputs, files: result.files });
  } catch (error) {
    send(channel, { type: 'failed', failure: failureOf(error) });
  }
}

/** A RangeError is what JavaScript says of a text, a list or a depth beyond its limits: the workflow's doing. */
function failureOf(error: unknown) {
  if (error instanceof EngineFailureError) return error.failure;
  if (error instanceof RangeError) {
    const message = `The workflow makes a value beyond what an engine can hold: ${error.message}.`;
    return { reason: 'WORKFLOW_RUN_FAILED', message };
  }
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { reason: 'SERVICE_ERROR', message };
}

function send(channel: MessageChannel, message: FromEngine): void {
  channel.send(message);
}

function makeHost(channel: MessageChannel, pending: Map<number, Pending>, start: Start): TaskHost {
  let last = 0;
  const scratch = join(start.runDirectory, 'scratch');
  const ask = (make: (request: number) => FromEngine, signal?: AbortSignal): Promise<Answer> => {
    const request = ++last;
    const cancel = () => send(channel, { type: 'cancel-task', request });
    const answer = new Promise<Answer>((resolve, reject) => pending.set(request, { resolve, reject }));
    send(channel, make(request));
    if (!signal) return answer;
    const unheard = onAbort(signal, cancel);
    if (signal.aborted) cancel();
    return answer.finally(unheard);
  };
  return {
    async run(task: TaskRequest, signal?: AbortSignal): Promise<TaskOutcome> {
      const answer = await ask((request) => ({ type: 'run-task', request, task }), signal);
      return expectAnswer(answer, 'task-outcome').outcome;
    },
    async stat(uri) {
      const answer = await ask((request) => ({ type: 'stat', request, uri }));
      return expectAnswer(answer, 'stat-answer').facts ?? undefined;
    },
    async localize(uri) {
      const answer = await ask((request) => ({ type: 'localize', request, uri }));
      return expectAnswer(answer, 'localized').path;
    },
    scratch() {
      mkdirSync(scratch, { recursive: true });
      return scratch;
    },
    log: (level, message) => send(channel, { type: 'log', level, message }),
  };
}

function expectAnswer<T extends Answer['type']>(answer: Answer, type: T): Extract<Answer, { type: T }> {
  if (answer.type !== type) throw new Error(`The server answered ${answer.type} where ${type} was due.`);
  return answer as Extract<Answer, { type: T }>;
}
