import type { EngineFailure, EngineHost, EngineResult, EngineRun, OutputFile } from '@helicase/runtime';
import { RunFailure } from './run-failure.ts';
import type { RunLog } from './run-log.ts';

/** Engines that a run may lose (killed, out of memory) before it fails: each new one takes recorded tasks from the record. */
const ENGINES = 3;

/** Names that engines give to the guide's reasons. */
const REASONS: Readonly<Record<string, string>> = {
  TASK_FAILED: 'RUN_TASK_FAILED',
  OUT_OF_MEMORY: 'OUT_OF_MEMORY_ERROR',
};

export interface EngineOutputs {
  readonly outputs: Readonly<Record<string, unknown>>;
  readonly files: readonly OutputFile[];
}

/**
 * Evaluates the run in an engine process to its outputs. Throws RunFailure where the workflow failed, the signal's
 * reason where the run was told to stop, and EngineStopped where the server stops.
 */
export async function runEngine(
  host: EngineHost,
  run: EngineRun & { readonly signal: AbortSignal },
  log: RunLog,
  taskReason: (call: string) => string | undefined,
): Promise<EngineOutputs> {
  for (let engine = 1; ; engine += 1) {
    const result = await host.run(run);
    run.signal.throwIfAborted();
    if (result.status === 'completed') return result;
    if (result.status === 'cancelled') throw new Error('the engine was cancelled, but the run was not');
    await log.engine(`[error] ${result.failure.reason}: ${result.failure.message}`);
    if (!isEngineLost(result) || engine === ENGINES) throw runFailure(result.failure, taskReason);
    await log.run(`The engine was lost; another one goes on with what was recorded.`);
  }
}

function isEngineLost(result: EngineResult): boolean {
  return result.status === 'failed' && result.failure.reason === 'SERVICE_ERROR';
}

/** Everything that is known of a failure, in the one message that GetRun shows. */
function runFailure(failure: EngineFailure, taskReason: (call: string) => string | undefined): RunFailure {
  const { call, exitCode, logTail, message, source } = failure;
  const reason =
    (call === undefined ? undefined : taskReason(call)) ?? REASONS[failure.reason] ?? failure.reason;
  const facts = [
    message,
    ...(call === undefined || message.includes(call) ? [] : [`Task: ${call}.`]),
    ...(source === undefined ? [] : [`At ${source.file}:${source.line}:${source.column}.`]),
    ...(exitCode === undefined || /exit/i.test(message) ? [] : [`Exit code: ${exitCode}.`]),
    ...(logTail === undefined || logTail === '' ? [] : [`Last lines of its log:\n${logTail}`]),
  ];
  return new RunFailure(reason, facts.join(' '));
}
