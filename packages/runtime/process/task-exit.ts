import type { GroupUsage } from '../cgroup/control-group.ts';
import type { TaskExit } from '../backend.ts';
import type { Ending } from './supervise.ts';

const LOST = 'The process that watched over the task on its host was killed';

export interface Observation {
  readonly ending: Ending;
  readonly usage: GroupUsage | undefined;
  readonly startedAt: number;
  readonly finishedAt: number;
  /** The task's own exit code, where the runtime told it apart from its own failures. */
  readonly exitCode: number | undefined;
  /** What the runtime said when it could not start the task. */
  readonly complaint: () => Promise<string>;
}

/**
 * How it ended, in one word. Cancelling and the time limit come first: they are our own doing. Then memory: when the
 * kernel killed any process of the task the result cannot be trusted, whatever the exit code says (a pipe without
 * `pipefail` hides the loss).
 */
export async function judgeExit(observation: Observation): Promise<TaskExit> {
  const { ending, usage, startedAt, finishedAt, exitCode } = observation;
  const { oomKills = 0, ...measured } = usage ?? {};
  const facts = { startedAt, finishedAt, ...measured };
  const code = exitCode === undefined ? {} : { exitCode };
  if (ending.reason) return { status: ending.reason, ...code, ...facts };
  if (oomKills > 0) return { status: 'out-of-memory', ...code, ...facts };
  if (exitCode !== undefined) return { status: 'exited', exitCode, ...facts };
  if (ending.signal) return { status: 'lost', signal: ending.signal, message: LOST, ...facts };
  return { status: 'failed-to-start', message: await observation.complaint(), ...facts };
}
