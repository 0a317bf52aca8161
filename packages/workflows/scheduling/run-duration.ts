import type { Clock } from '@helicase/kernel';
import { RunFailure } from '../run/run-failure.ts';

export interface DurationLimits {
  /** "Workflow run duration (hours)", the account's quota. */
  readonly runHours: number;
  /** The run group's, in minutes. */
  readonly maxDuration?: number;
}

/** How long a run may take, in milliseconds, and what is said of one that took longer. */
export function longestRun({ maxDuration, runHours }: DurationLimits): {
  readonly milliseconds: number;
  readonly message: string;
} {
  const quota = runHours * 60;
  const minutes = Math.min(quota, maxDuration ?? Infinity);
  const whose = minutes < quota ? 'its run group allows' : 'the account’s quota allows';
  return {
    milliseconds: minutes * 60_000,
    message: `The run took longer than the ${minutes} minutes that ${whose}.`,
  };
}

const LONGEST_SLEEP = 2 ** 31 - 1;

/** Aborts with a RunFailure when the run's time is over; it counts from the run's start, whoever ran it since. */
export function durationSignal(
  clock: Clock,
  startTime: number,
  limits: DurationLimits,
  over: AbortSignal,
): AbortSignal {
  const { message, milliseconds } = longestRun(limits);
  const late = new AbortController();
  const wait = async () => {
    const left = () => startTime + milliseconds - clock.now();
    while (left() > 0) await clock.sleep(Math.min(left(), LONGEST_SLEEP), over);
    late.abort(new RunFailure('WORKFLOW_RUN_FAILED', message));
  };
  wait().catch(() => {}); // the run was over before
  return late.signal;
}
