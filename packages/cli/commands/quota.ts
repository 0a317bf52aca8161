import { type Administration, administer, readConfiguration } from '@helicase/server';
import { UsageError } from '../usage-error.ts';

type Flags = Readonly<Record<string, unknown>>;
type Increase = Awaited<ReturnType<Administration['quotaRequests']>>[number];

const DECISIONS: Readonly<Record<string, 'APPROVED' | 'DENIED'>> = { approve: 'APPROVED', deny: 'DENIED' };

/** `helicase quota`: what accounts asked for through Service Quotas, and the operator's word on it. */
export async function quota(flags: Flags, [verb, ...ids]: readonly string[]): Promise<number> {
  return administer(readConfiguration(flags, process.env), async (administration) => {
    const decision = DECISIONS[verb ?? ''];
    if (verb === 'requests') for (const one of await administration.quotaRequests()) console.log(line(one));
    else if (decision) await decideAll(administration, ids, decision);
    else throw new UsageError('helicase quota takes requests, approve or deny');
    return 0;
  });
}

async function decideAll(
  administration: Administration,
  ids: readonly string[],
  decision: 'APPROVED' | 'DENIED',
): Promise<void> {
  if (ids.length === 0) throw new UsageError('helicase quota approve and deny need the ids of requests');
  for (const id of ids) {
    const decided = await administration.decideQuota(id, decision);
    if (!decided)
      throw new UsageError(`no request ${id} is pending; helicase quota requests names those that are`);
    console.log(line(decided));
  }
}

function line({
  createdAt,
  current,
  desired,
  id,
  quota: { code, name },
  requester,
  scope,
}: Increase): string {
  const asked = new Date(createdAt).toISOString();
  return `${id}  ${asked}  ${scope.account} ${scope.region}  ${code}  ${name}: ${current} -> ${desired}, asked by ${requester}`;
}
