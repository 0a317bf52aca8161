import type { TaskOutcome } from '@helicase/runtime';
import type { TaskDoc } from './model.ts';

/**
 * Grows when a member of a recorded outcome changes meaning; then the older form is read here too. Records without a
 * version are of the first.
 */
export const OUTCOME_RECORD = 1;

const STATUSES: readonly unknown[] = [
  'exited',
  'out-of-memory',
  'out-of-disk',
  'lost',
  'timed-out',
  'cancelled',
  'failed-to-start',
] satisfies readonly TaskOutcome['status'][];

export interface RecordedOutcome {
  readonly outcome?: TaskOutcome;
  /** Why the record says nothing to this server: the task runs again. */
  readonly unreadable?: string;
}

/** What a replay may be answered with. */
export function recordedOutcome({ outcome, outcomeVersion = 1 }: TaskDoc): RecordedOutcome {
  if (!outcome) return {};
  if (outcomeVersion > OUTCOME_RECORD) {
    return {
      unreadable: `its outcome was recorded in form ${outcomeVersion}; this server reads up to ${OUTCOME_RECORD}`,
    };
  }
  // A row outlives many servers: what it lacks would surprise the engine later and elsewhere.
  const { status, stderrPath, stdoutPath, workDirectory } = outcome as Partial<TaskOutcome>;
  const whole =
    STATUSES.includes(status) && [stderrPath, stdoutPath, workDirectory].every((path) => path !== undefined);
  return whole ? { outcome } : { unreadable: 'its recorded outcome lacks its status or its files' };
}
