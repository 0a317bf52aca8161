import type { JobLimits, WaitingLane } from '../jobs.ts';

/** Places for the jobs of one lane. */
export interface Allotment {
  readonly account: string;
  readonly lane: string;
  /** For the most urgent ones. */
  readonly urgent: number;
  /** For those that wait longest, whatever their priority: no job waits for ever behind more urgent ones. */
  readonly longest: number;
}

/** Every so many places of a lane, one goes to the job that waits longest. */
const TURN_OF_THE_LONGEST = 8;

/** What was served before, kept by the caller from call to call. */
export class Served {
  readonly #last = new Map<string, number>();
  readonly #places = new Map<string, number>();
  #turn = 0;

  last(name: string): number {
    return this.#last.get(name) ?? 0;
  }

  serve(...names: readonly string[]): void {
    this.#turn += 1;
    for (const name of names) this.#last.set(name, this.#turn);
  }

  /** Whether the lane's next place is that of whoever waits longest. */
  isTurnOfLongest(name: string): boolean {
    return (this.#places.get(name) ?? 0) + 1 === TURN_OF_THE_LONGEST;
  }

  /** A place of the lane is given; true where it was that of whoever waits longest. */
  take(name: string): boolean {
    const longest = this.isTurnOfLongest(name);
    this.#places.set(name, longest ? 0 : (this.#places.get(name) ?? 0) + 1);
    return longest;
  }

  forget(name: string): void {
    this.#last.delete(name);
    this.#places.delete(name);
  }
}

const UNLIMITED: JobLimits = { lane: () => undefined };

/**
 * Shares free places: each goes to the account with the fewest running, there to the lane with the fewest running, among
 * equals to the one that was served longest ago; accounts and lanes at their limit get none.
 */
export function shareOut(
  waiting: readonly WaitingLane[],
  free: number,
  served: Served,
  limits: JobLimits = UNLIMITED,
): readonly Allotment[] {
  const accounts = Map.groupBy(waiting, ({ account }) => account);
  const queues = [...accounts].map(([account, lanes]) => new AccountQueue(account, lanes, limits));
  for (let place = 0; place < free; place++) {
    const next = neediest(
      queues.filter((queue) => queue.isOpen()),
      served,
    );
    if (!next) break;
    const lane = neediest(next.openLanes(), served)!;
    served.serve(next.name, lane.name);
    next.running += 1;
    lane.take(served.take(lane.name));
  }
  return queues.flatMap((queue) => queue.lanes.filter(({ places }) => places > 0).map(allotmentOf));
}

class AccountQueue {
  readonly name: string;
  readonly lanes: readonly LaneQueue[];
  readonly #limit: number;
  running: number;

  constructor(account: string, lanes: readonly WaitingLane[], limits: JobLimits) {
    this.name = account;
    this.#limit = limits.perAccount?.(account) ?? Infinity;
    this.running = lanes[0]!.accountRunning;
    this.lanes = lanes.map((lane) => new LaneQueue(lane, limits.lane(account, lane.lane) ?? Infinity));
  }

  isOpen(): boolean {
    return this.running < this.#limit && this.lanes.some((lane) => lane.isOpen());
  }

  openLanes(): readonly LaneQueue[] {
    return this.lanes.filter((lane) => lane.isOpen());
  }
}

class LaneQueue {
  readonly name: string;
  readonly facts: WaitingLane;
  readonly #limit: number;
  running: number;
  places = 0;
  longest = 0;

  constructor(facts: WaitingLane, limit: number) {
    this.name = JSON.stringify([facts.account, facts.lane]);
    this.facts = facts;
    this.#limit = limit;
    this.running = facts.running;
  }

  isOpen(): boolean {
    return this.running < this.#limit;
  }

  take(longest: boolean): void {
    this.running += 1;
    this.places += 1;
    if (longest) this.longest += 1;
  }
}

function neediest<T extends { readonly name: string; readonly running: number }>(
  queues: readonly T[],
  served: Served,
): T | undefined {
  let best: T | undefined;
  for (const queue of queues) {
    const before = best && (queue.running - best.running || served.last(queue.name) - served.last(best.name));
    if (before === undefined || before < 0) best = queue;
  }
  return best;
}

function allotmentOf({ facts: { account, lane }, longest, places }: LaneQueue): Allotment {
  return { account, lane, urgent: places - longest, longest };
}
