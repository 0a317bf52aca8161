import { LeaseLost } from '../errors.ts';
import type { Attempt } from './attempt.ts';

/** What becomes of a job after an attempt. */
export type Ending =
  | { readonly type: 'finish'; readonly status: 'done' | 'cancelled' }
  | { readonly type: 'retry' | 'exhaust'; readonly error: Error }
  /** To be continued by somebody else; not counted as an attempt. */
  | { readonly type: 'give-back' }
  /** It is somebody else's already. */
  | { readonly type: 'nothing' };

/**
 * How the attempt ended. A worker that returns although it was told to stop may not be through: it is given back,
 * for running a finished job again is harmless and losing one is not. A cancelled worker that throws because of
 * its signal has ended as it was asked to; another error of it is tried again, so that its cleaning up happens.
 */
export function endOf(
  attempt: Attempt,
  failure: { readonly error: unknown } | undefined,
  attempts: number,
): Ending {
  const reason = attempt.stopReason;
  if (reason === 'lease-lost' || failure?.error instanceof LeaseLost) return { type: 'nothing' };
  if (reason === 'stopping') return { type: 'give-back' };
  if (!failure || (reason === 'cancelled' && isAbort(failure.error))) {
    return { type: 'finish', status: attempt.cancelled() ? 'cancelled' : 'done' };
  }
  const error = failure.error instanceof Error ? failure.error : new Error(String(failure.error));
  return { type: attempt.job.failures + 1 < attempts ? 'retry' : 'exhaust', error };
}

function isAbort(error: unknown): boolean {
  if (error === 'cancelled') return true; // signal.throwIfAborted() throws the reason itself
  return error instanceof Error && (error.name === 'AbortError' || error.cause === 'cancelled');
}
