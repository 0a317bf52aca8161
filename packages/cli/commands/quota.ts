import { type Administration, administer, readConfiguration } from '@helicase/server';
import { UsageError } from '../usage-error.ts';

type Flags = Readonly<Record<string, unknown>>;
type Increase = Awaited<ReturnType<Administration['quotaRequests']>>[number];

const DECISIONS: Readonly<Record<string, 'APPROVED' | 'DENIED'>> = { approve: 'APPROVED', deny: 'DENIED' };

/** `helicase quota`: what accounts asked for through Service Quotas, and the operator's word on it. */
export async function quota(flags: Flags, [verb, id, ...others]: readonly string[]): Promise<number> {
  if (others.length > 0) throw new UsageError(`helicase quota ${verb}: one request at a time`);
  return administer(readConfiguration(flags, process.env), async (administration) => {
    const decision = DECISIONS[verb ?? ''];
    if (verb === 'requests') for (const one of await administration.quotaRequests()) console.log(line(one));
    else if (decision) console.log(line(await decide(administration, id, decision)));
    else throw new UsageError('helicase quota takes requests, approve or deny');
    return 0;
  });
}

async function decide(
  administration: Administration,
  id: string | undefined,
  decision: 'APPROVED' | 'DENIED',
): Promise<Increase> {
  if (id === undefined) throw new UsageError('helicase quota approve and deny need the id of a request');
  const decided = await administration.decideQuota(id, decision);
  if (decided) return decided;
  throw new UsageError(`no request ${id} is pending; helicase quota requests names those that are`);
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
