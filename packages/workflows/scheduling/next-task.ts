import type { Served } from '@helicase/records';

/** What a task takes, or a share holds. */
export interface Amount {
  readonly cpus: number;
  readonly memoryBytes: number;
  readonly gpus: number;
  readonly tasks: number;
}

/** Something that tasks share, and how much of it is taken: the host, an account's quotas, a run group, a run. */
export interface Share {
  readonly name: string;
  /** What is missing is not limited. */
  readonly limit: Partial<Amount>;
  readonly used: Amount;
}

/** A run with tasks that wait. */
export interface WaitingRun {
  readonly account: Share;
  /** All runs of an account that are in no group share one. */
  readonly group: Share;
  readonly run: Share;
  /** Among the runs of its group. */
  readonly priority: number;
  /** What its first waiting task takes. */
  readonly first: Amount;
  /** Since when that is its first: milliseconds. */
  readonly since: number;
}

/**
 * Smaller tasks may overtake one that does not fit yet, for so long. After that what it lacks is kept for it, or tasks
 * that need much would wait for ever.
 */
export const PATIENCE = 30_000;

/**
 * The run whose first task goes next; undefined where none can. Accounts come in turn, whoever uses least first; so do
 * the groups of an account. Within a group the highest priority goes first, but every eighth place is that of the task
 * that waits longest; among equals the run with the fewest tasks at work.
 */
export function nextTask(
  host: Share,
  waiting: readonly WaitingRun[],
  now: number,
  served: Served,
): WaitingRun | undefined {
  const kept = new Set<string>();
  for (const each of waiting.toSorted((a, b) => inTurn(a, b, served))) {
    const shares = [host, each.account, each.group, each.run];
    const full = shares.filter((share) => kept.has(share.name) || !fits(each.first, share));
    if (full.length === 0) return each;
    if (now - each.since >= PATIENCE) for (const { name } of full) kept.add(name);
  }
  return undefined;
}

function inTurn(a: WaitingRun, b: WaitingRun, served: Served): number {
  return byUse(a.account, b.account, served) || byUse(a.group, b.group, served) || withinGroup(a, b, served);
}

function byUse(a: Share, b: Share, served: Served): number {
  if (a.name === b.name) return 0;
  return a.used.cpus - b.used.cpus || served.last(a.name) - served.last(b.name) || (a.name < b.name ? -1 : 1);
}

function withinGroup(a: WaitingRun, b: WaitingRun, served: Served): number {
  if (served.isTurnOfLongest(a.group.name)) return a.since - b.since;
  return (
    b.priority - a.priority ||
    a.run.used.tasks - b.run.used.tasks ||
    served.last(a.run.name) - served.last(b.run.name) ||
    a.since - b.since
  );
}

/** Fractions of processors do not add up exactly. */
const ROUNDING = 1e-6;

export function fits(need: Amount, { limit, used }: Share): boolean {
  return MEASURES.every(
    (measure) => used[measure] + need[measure] <= (limit[measure] ?? Infinity) + ROUNDING,
  );
}

export const MEASURES = ['cpus', 'memoryBytes', 'gpus', 'tasks'] as const satisfies readonly (keyof Amount)[];
export const NOTHING: Amount = { cpus: 0, memoryBytes: 0, gpus: 0, tasks: 0 };

export function sum(a: Amount, b: Amount, sign: 1 | -1 = 1): Amount {
  return {
    cpus: a.cpus + sign * b.cpus,
    memoryBytes: a.memoryBytes + sign * b.memoryBytes,
    gpus: a.gpus + sign * b.gpus,
    tasks: a.tasks + sign * b.tasks,
  };
}
