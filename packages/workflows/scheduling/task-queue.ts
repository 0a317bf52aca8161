import { type Clock, limitIn, type Scope, type ScopeLimit } from '@helicase/kernel';
import { Served } from '@helicase/records';
import type { Capacity, TaskResources } from '@helicase/runtime';
import { given } from '../given.ts';
import type { RunGroupDoc } from '../run-group/model.ts';
import { instanceType } from '../task/instance-type.ts';
import type { FailureReason } from '../run/run-failure.ts';
import { type Amount, fits, nextTask, NOTHING, type Share, sum, type WaitingRun } from './next-task.ts';

export interface TaskQueueOptions {
  readonly clock: Clock;
  readonly capacity: Capacity;
  /** Why the machine can never run a task; undefined where it can. */
  refusal(resources: TaskResources): string | undefined;
  readonly limits: TaskLimits;
}

export interface TaskLimits {
  /** "Concurrent tasks per run". */
  readonly concurrentTasksPerRun: ScopeLimit;
  /** "Concurrent active CPUs" of an account. */
  readonly activeCpus: ScopeLimit;
  /** Of an account; absent: no limit. */
  readonly activeGpus?: number;
}

/** Where a run's tasks stand. */
export interface QueuedRun {
  readonly scope: Scope;
  readonly id: string;
  readonly priority: number;
  readonly group?: { readonly id: string; readonly doc: Pick<RunGroupDoc, 'maxCpus' | 'maxGpus'> };
}

/** A run's access to places for its tasks. */
export interface RunPlaces {
  /** Resolves with the way out when it is the task's turn; rejects with the signal's reason. */
  enter(resources: TaskResources, signal: AbortSignal): Promise<() => void>;
  /** For a task that runs already: it takes its place without asking, and others wait the longer. */
  enterRunning(resources: TaskResources): () => void;
  /** Why the task can never have a place; undefined where it can. */
  refusal(resources: TaskResources): Refusal | undefined;
  /** When the run is over. */
  close(): void;
}

export interface Refusal {
  readonly reason: Extract<FailureReason, 'INSTANCE_RESERVATION_FAILED' | 'INVALID_TASK_RESOURCE_VALUE'>;
  readonly message: string;
}

interface Counted {
  readonly name: string;
  limit: Partial<Amount>;
  used: Amount;
  /** Runs that have it. */
  holders: number;
}

interface Waiting {
  readonly need: Amount;
  admit(): void;
}

interface Member {
  readonly account: Counted;
  readonly group: Counted;
  readonly run: Counted;
  readonly priority: number;
  readonly waiting: Waiting[];
  since: number;
}

/**
 * The tasks of all runs of this server that wait for a place: quotas, groups and the host are shares, and `nextTask`
 * decides. Several servers each hold the quotas for what they run.
 */
export class TaskQueue {
  readonly #options: TaskQueueOptions;
  readonly #host: Counted;
  readonly #shares = new Map<string, Counted>();
  readonly #members = new Set<Member>();
  readonly #served = new Served();

  constructor(options: TaskQueueOptions) {
    const { cpus, gpus = [], memoryBytes, tasks } = options.capacity;
    this.#options = options;
    const limit = { cpus, memoryBytes, gpus: gpus.length, ...(tasks === undefined ? {} : { tasks }) };
    this.#host = { name: 'host', limit, used: NOTHING, holders: 1 };
  }

  /** The run's tasks may ask from now on. */
  open({ group, id, priority, scope }: QueuedRun): RunPlaces {
    const { activeCpus, activeGpus, concurrentTasksPerRun } = this.#options.limits;
    const place = `${scope.account}/${scope.region}`;
    const member: Member = {
      account: this.#share(`account ${place}`, {
        cpus: limitIn(activeCpus, scope),
        ...given({ gpus: activeGpus }),
      }),
      group: this.#share(groupName(scope, group?.id), groupLimit(group?.doc)),
      run: this.#share(`run ${place}/${id}`, { tasks: limitIn(concurrentTasksPerRun, scope) }),
      priority,
      waiting: [],
      since: 0,
    };
    this.#members.add(member);
    return {
      enter: (resources, signal) => this.#enter(member, resources, signal),
      enterRunning: (resources) => this.#take(member, amountOf(resources)),
      refusal: (resources) => this.#hostRefusal(resources) ?? refusal(member, amountOf(resources)),
      close: () => this.#close(member),
    };
  }

  #hostRefusal(resources: TaskResources): Refusal | undefined {
    const message = this.#options.refusal(resources);
    return message === undefined ? undefined : { reason: hostReason(resources), message };
  }

  /** A group was changed: its runs follow at once. */
  limitGroup(scope: Scope, id: string, doc: Pick<RunGroupDoc, 'maxCpus' | 'maxGpus'>): void {
    const share = this.#shares.get(groupName(scope, id));
    if (!share) return;
    share.limit = groupLimit(doc);
    this.#advance();
  }

  #share(name: string, limit: Partial<Amount>): Counted {
    const share = this.#shares.get(name) ?? { name, limit, used: NOTHING, holders: 0 };
    share.limit = limit;
    share.holders += 1;
    this.#shares.set(name, share);
    return share;
  }

  #close(member: Member): void {
    if (!this.#members.delete(member)) return;
    for (const share of sharesOf(member)) {
      share.holders -= 1;
      if (share.holders > 0) continue;
      this.#shares.delete(share.name);
      this.#served.forget(share.name);
    }
  }

  async #enter(member: Member, resources: TaskResources, signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted();
    const need = amountOf(resources);
    return await new Promise((resolve, reject) => {
      const giveUp = () => {
        this.#remove(member, waiting);
        reject(signal.reason as Error);
        this.#advance();
      };
      const waiting: Waiting = {
        need,
        admit: () => {
          signal.removeEventListener('abort', giveUp);
          resolve(this.#take(member, need));
        },
      };
      signal.addEventListener('abort', giveUp, { once: true });
      if (member.waiting.push(waiting) === 1) member.since = this.#options.clock.now();
      this.#advance();
    });
  }

  #remove(member: Member, waiting: Waiting): void {
    member.waiting.splice(member.waiting.indexOf(waiting), 1);
    member.since = this.#options.clock.now();
  }

  #advance(): void {
    for (let next = this.#next(); next; next = this.#next()) {
      const [first] = next.waiting;
      this.#served.serve(next.account.name, next.group.name, next.run.name);
      this.#served.take(next.group.name);
      this.#remove(next, first!);
      first!.admit();
    }
  }

  #next(): Member | undefined {
    const asking = [...this.#members].filter(({ waiting }) => waiting.length > 0);
    const facts = asking.map((member): WaitingRun & { readonly member: Member } => {
      const { account, group, priority, run, since } = member;
      return { member, account, group, run, priority, since, first: member.waiting[0]!.need };
    });
    const next = nextTask(this.#host, facts, this.#options.clock.now(), this.#served);
    return facts.find((each) => each === next)?.member;
  }

  #take(member: Member, need: Amount): () => void {
    const shares = [this.#host, ...sharesOf(member)];
    for (const share of shares) share.used = sum(share.used, need);
    let inside = true;
    return () => {
      if (!inside) return;
      inside = false;
      for (const share of shares) share.used = sum(share.used, need, -1);
      this.#advance();
    };
  }
}

function sharesOf({ account, group, run }: Member): readonly Counted[] {
  return [account, group, run];
}

function groupName({ account, region }: Scope, id = ''): string {
  return `group ${account}/${region}/${id}`;
}

function groupLimit(doc: Pick<RunGroupDoc, 'maxCpus' | 'maxGpus'> = {}): Partial<Amount> {
  return given({ cpus: doc.maxCpus, gpus: doc.maxGpus });
}

function amountOf({ accelerators, cpus, memoryBytes }: TaskResources): Amount {
  return { cpus, memoryBytes, gpus: accelerators?.count ?? 0, tasks: 1 };
}

const GIBIBYTE = 1024 ** 3;

/**
 * "There isn't enough instance capacity": the service has an instance for the task, this machine has not. What no
 * instance has is "too high" for any.
 */
function hostReason({ accelerators, cpus, memoryBytes }: TaskResources): Refusal['reason'] {
  const needs = { cpus, memoryGiB: memoryBytes / GIBIBYTE, ...given({ accelerators }) };
  return instanceType(needs) === undefined ? 'INVALID_TASK_RESOURCE_VALUE' : 'INSTANCE_RESERVATION_FAILED';
}

/** Larger than a quota or a group, however empty they are. */
function refusal({ account, group }: Member, need: Amount): Refusal | undefined {
  const holders: readonly (readonly [Share, string])[] = [
    [account, "the account's quotas allow"],
    [group, "the run's group allows"],
  ];
  for (const [share, whose] of holders) {
    if (fits(need, { ...share, used: NOTHING })) continue;
    const { cpus = Infinity, gpus = Infinity } = share.limit;
    const [wanted, allowed] =
      need.cpus > cpus ? [`${need.cpus} vCPUs`, `${cpus}`] : [`${need.gpus} GPUs`, `${gpus}`];
    const message = `The task asks for ${wanted}; ${whose} ${allowed} at once.`;
    return { reason: 'INVALID_TASK_RESOURCE_VALUE', message };
  }
  return undefined;
}
