/** The thread that evaluates a run's scripts for a server. */
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import type { EngineFailure, InputFacts, TaskHost, TaskOutcome } from '@helicase/runtime';
import { fromPlain } from '../evaluate/classes/json.ts';
import { ScriptFault } from '../diagnostics/fault.ts';
import { LocalFiles, type RemoteFiles } from '../files/local-files.ts';
import { ExportPublisher } from '../run/publisher.ts';
import type { RunLog } from '../run/script-log.ts';
import { fault } from '../values/errors.ts';
import { awaitAnswer, type FromEvaluator, type ToEvaluator } from './evaluator-protocol.ts';
import { launch } from './launch.ts';
import { type RunEnd, runLaunch } from './run-launch.ts';

interface RunData {
  readonly definition: string;
  readonly main: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly profiles: readonly string[];
  readonly runDirectory: string;
  readonly scratch: string;
  readonly shared: SharedArrayBuffer;
}

/** Of a task whose process and configuration name none. */
const TASK_MEMORY = 4 * 2 ** 30;

const { definition, main, parameters, profiles, runDirectory, scratch, shared } = workerData as RunData;
const port = parentPort!;
const cancelled = new AbortController();
const pending = new Map<number, { resolve(outcome: TaskOutcome): void; reject(error: Error): void }>();
let last = 0;
const tell = (message: FromEvaluator) => port.postMessage(message);

port.on('message', (message: ToEvaluator) => {
  if (message.type === 'cancel') {
    cancelled.abort();
    return;
  }
  const waiting = pending.get(message.id);
  pending.delete(message.id);
  if (message.type === 'failed') waiting?.reject(new Error(message.message));
  else waiting?.resolve(message.outcome);
});

const remote: RemoteFiles = {
  stat: (uri) => (ask('stat', uri) as InputFacts | null) ?? undefined,
  local(uri) {
    const path = ask('localize', uri) as string;
    files.trust(path);
    return path;
  },
};

function ask(what: 'stat' | 'localize', uri: string): unknown {
  tell({ type: 'ask', what, uri });
  try {
    return awaitAnswer(shared);
  } catch (error) {
    throw fault(`${uri}: ${(error as Error).message}`, 'IOException');
  }
}

const host: TaskHost = {
  run: (request, signal) => {
    const id = ++last;
    signal?.addEventListener('abort', () => tell({ type: 'cancel-tasks' }), { once: true });
    tell({ type: 'run', id, request });
    return new Promise((resolve, reject) => pending.set(id, { resolve, reject }));
  },
  stat: async (uri) => remote.stat(uri) as InputFacts | undefined,
  localize: async (uri) => remote.local(uri),
  scratch: () => scratch,
  log: (level, text) => tell({ type: 'log', level, text }),
};

const files = new LocalFiles({ readable: [definition, runDirectory], writable: [scratch], remote });
const log: RunLog = {
  print: (text) => tell({ type: 'log', level: 'info', text: text.replace(/\n$/, '') }),
  log: (level, _origin, text) => {
    if (level !== 'debug') tell({ type: 'log', level, text });
  },
};

try {
  await evaluate();
} catch (error) {
  tell({
    type: 'ended',
    failure: {
      reason: 'WORKFLOW_RUN_FAILED',
      message: error instanceof ScriptFault ? error.describe() : `The engine failed: ${String(error)}`,
    },
  });
}

async function evaluate(): Promise<void> {
  const launchDir = join(scratch, 'launch');
  mkdirSync(launchDir, { recursive: true });
  const script = join(definition, main);
  const projectDir = dirname(script);
  const publisher = new ExportPublisher(launchDir, (text) => tell({ type: 'log', level: 'warn', text }));
  const launched = launch({
    ...{
      main: script,
      projectDir,
      launchDir,
      workDir: scratch,
      profiles,
      runName: 'run',
      sessionId: 'run',
      commandLine: `nextflow run ${main}`,
    },
    configFiles: [join(projectDir, 'nextflow.config')].filter((path) => existsSync(path)),
    params: Object.entries(parameters).map(([name, value]) => [name, fromPlain(value)] as const),
    ...{ host, signal: cancelled.signal, files, log, publisher },
    environment: {},
    outputDir: '/mnt/workflow/pubdir',
    exposesProject: false,
    defaultMemory: () => TASK_MEMORY,
    tellTask: (text) => tell({ type: 'log', level: 'info', text }),
  });
  const end = await runLaunch(launched, script);
  if (end.success) tell({ type: 'completed', files: publisher.files });
  else tell({ type: 'ended', failure: failureOf(end) });
}

function failureOf(end: RunEnd): EngineFailure {
  const { failure, report = 'The run failed.' } = end;
  const message = report;
  if (!failure?.outcome) {
    const position = end.error instanceof ScriptFault ? end.error.position : undefined;
    const source = position && { ...position, file: position.file.replace(`${definition}/`, '') };
    return {
      reason: 'WORKFLOW_RUN_FAILED',
      message: message.replaceAll(`${definition}/`, ''),
      ...(source ? { source } : {}),
    };
  }
  const { outcome, exitCode, name } = failure;
  return {
    reason: 'TASK_FAILED',
    message,
    call: name,
    ...(exitCode === undefined ? {} : { exitCode }),
    logTail: tail(outcome.stderrPath),
  };
}

function tail(path: string): string {
  try {
    return readFileSync(path, 'utf8').split('\n').slice(-20).join('\n');
  } catch {
    return '';
  }
}
