import { type Clock, limitIn, type Scope, type ScopeLimit } from '@helicase/kernel';
import type { JobLimits, Records, WaitingLane } from '@helicase/records';
import type { RunGroupDoc, RunGroupTable } from '../run-group/model.ts';

/** Runs wait in lanes by region and group; those without a group have one of their own. */
export function runLane({ region }: Pick<Scope, 'region'>, groupId: string | undefined): string {
  return `${region}/${groupId ?? ''}`;
}

export interface RunLimitsOptions {
  readonly records: Records;
  readonly runGroups: RunGroupTable;
  readonly clock: Clock;
  readonly limits: { readonly activeRuns: ScopeLimit };
}

/** A changed group is seen within this many milliseconds. */
const MEMORY = 1_000;

/** How many runs may be active: the account's quota, and each group's `maxRuns`. */
export function runLimits(
  options: RunLimitsOptions,
): (waiting: readonly WaitingLane[]) => Promise<JobLimits> {
  const known = new Map<string, { readonly doc: RunGroupDoc | undefined; readonly until: number }>();
  const groupOf = async ({ account, lane }: WaitingLane) => {
    const [region = '', id = ''] = lane.split('/');
    if (id === '') return undefined;
    const name = `${account}/${lane}`;
    const now = options.clock.now();
    const remembered = known.get(name);
    if (remembered && remembered.until > now) return remembered.doc;
    const group = await options.runGroups.find(options.records.direct, { account, region }, id);
    known.set(name, { doc: group?.doc, until: now + MEMORY });
    return group?.doc;
  };
  return async (waiting) => {
    const entries = await Promise.all(
      waiting.map(async (lane) => [`${lane.account}/${lane.lane}`, (await groupOf(lane))?.maxRuns] as const),
    );
    const most = new Map<string, number | undefined>(entries);
    for (const name of known.keys()) if (!most.has(name)) known.delete(name);
    return {
      perAccount: (account) => mostActive(options.limits.activeRuns, account, waiting),
      lane: (account, lane) => most.get(`${account}/${lane}`),
    };
  };
}

/** The account's runs of all regions count together, to the highest quota of a region where some wait. */
function mostActive(limit: ScopeLimit, account: string, waiting: readonly WaitingLane[]): number {
  const regions = waiting.filter((lane) => lane.account === account).map(({ lane }) => lane.split('/')[0]!);
  return Math.max(...regions.map((region) => limitIn(limit, { account, region })));
}
