import { EngineFailureError } from './language.ts';
import { lastLines } from './process/last-lines.ts';
import type { TaskOutcome, TaskRequest } from './task.ts';

const TAIL_LINES = 20;

/** Why a run ends with this attempt: status, exit code, place of the call, last lines of stderr. */
export async function taskFailure(
  { call, source }: Omit<TaskRequest, 'attempt'>,
  outcome: TaskOutcome,
): Promise<EngineFailureError> {
  const logTail = await lastLines(outcome.stderrPath, TAIL_LINES).catch(() => '');
  return new EngineFailureError({
    reason: reasonOf(outcome),
    message: `Task ${call} ${describe(outcome)}.`,
    call,
    ...(outcome.exitCode !== undefined && { exitCode: outcome.exitCode }),
    ...(logTail !== '' && { logTail }),
    ...(source && { source }),
  });
}

function reasonOf({ status }: TaskOutcome): string {
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
    case 'lost':
      return `was lost${message ? `: ${message}` : ''}`;
    case 'out-of-disk':
      return `ran out of disk${message ? `: ${message}` : ''}`;
    case 'timed-out':
      return 'took longer than it may';
    case 'cancelled':
      return 'was cancelled';
    case 'failed-to-start':
      return `could not be started${message ? `: ${message}` : ''}`;
  }
}
