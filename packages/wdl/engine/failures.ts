import { EngineFailureError, type EngineFailure } from '@helicase/runtime';
import { LocatedError } from '../evaluate/evaluator.ts';
import { EvaluationError } from '../evaluate/value.ts';
import type { Position } from '../syntax/position.ts';

/** Reasons of the guide's table of run failures, and the service's name for a workflow that is itself at fault. */
export type Reason =
  | 'WORKFLOW_RUN_FAILED'
  | 'RUN_TASK_FAILED'
  | 'OUT_OF_MEMORY_ERROR'
  | 'INVALID_TASK_RESOURCE_VALUE'
  | 'IMPORT_FAILED';

/** The failure to throw. `position` becomes its source. */
export function engineFailure(
  reason: Reason,
  message: string,
  details: Partial<Omit<EngineFailure, 'reason' | 'message' | 'source'>> & {
    readonly position?: Position;
    readonly cause?: unknown;
  } = {},
): EngineFailureError {
  const { position, cause, ...rest } = details;
  const source = position && { file: position.file, line: position.line, column: position.column };
  return new EngineFailureError({ reason, message, ...rest, ...(source && { source }) }, { cause });
}

/** Turns a fault of the workflow's own into an engine failure; anything else passes as it is. */
function asFailure(error: unknown, reason: Reason, position: Position, call?: string): unknown {
  if (error instanceof LocatedError || error instanceof EvaluationError) {
    const at = error instanceof LocatedError ? error.position : position;
    const where = `${at.file}:${at.line}:${at.column}`;
    return engineFailure(reason, `${where}: ${error.message}`, {
      position: at,
      cause: error,
      ...(call && { call }),
    });
  }
  return error;
}

/** Runs `work`, naming the reason, place and call of faults that it meets. */
export async function locating<T>(
  reason: Reason,
  position: Position,
  call: string | undefined,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw asFailure(error, reason, position, call);
  }
}
