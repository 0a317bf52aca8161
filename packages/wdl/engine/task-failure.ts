import { open } from 'node:fs/promises';
import type { EngineFailureError, TaskOutcome, TaskRequest } from '@helicase/runtime';
import { engineFailure, type Reason } from './failures.ts';

const TAIL_BYTES = 4096;
const TAIL_LINES = 20;

/** Why a run ends with this attempt: status, exit code, place of the call, last lines of stderr. */
export async function taskFailure(
  { call, source }: Omit<TaskRequest, 'attempt'>,
  outcome: TaskOutcome,
): Promise<EngineFailureError> {
  const logTail = await lastLines(outcome.stderrPath);
  const position = source && { ...source, endLine: source.line, endColumn: source.column };
  return engineFailure(reasonOf(outcome), `Task ${call} ${describe(outcome)}.`, {
    call,
    ...(outcome.exitCode !== undefined && { exitCode: outcome.exitCode }),
    ...(logTail !== '' && { logTail }),
    ...(position && { position }),
  });
}

function reasonOf({ status }: TaskOutcome): Reason {
  return status === 'out-of-memory' ? 'OUT_OF_MEMORY_ERROR' : 'RUN_TASK_FAILED';
}

function describe(outcome: TaskOutcome): string {
  const message = outcome.message?.replace(/\.$/, '');
  switch (outcome.status) {
    case 'exited':
      if (outcome.signal !== undefined) return `was ended by signal ${outcome.signal}`;
      return `failed with exit code ${outcome.exitCode}`;
    case 'out-of-memory':
      return 'ran out of memory';
    case 'timed-out':
      return 'took longer than it may';
    case 'cancelled':
      return 'was cancelled';
    case 'failed-to-start':
      return `could not be started${message ? `: ${message}` : ''}`;
  }
}

/** The end of a log; empty where there is none. */
async function lastLines(path: string): Promise<string> {
  try {
    await using handle = await open(path, 'r');
    const { size } = await handle.stat();
    const length = Math.min(size, TAIL_BYTES);
    const { buffer } = await handle.read({ buffer: Buffer.alloc(length), position: size - length });
    const lines = buffer.toString('utf8').trimEnd().split('\n');
    return lines.slice(-TAIL_LINES).join('\n');
  } catch {
    return '';
  }
}
