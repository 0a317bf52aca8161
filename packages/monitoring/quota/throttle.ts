import type { Clock, Scope, ServiceError } from '@helicase/kernel';
import type { Records } from '@helicase/records';
import type { RequestObserver } from '@helicase/wire';
import type { AppliedQuotas } from './applied-quotas.ts';
import { errors } from './errors.ts';
import { type Quota, rateOf } from './quota-table.ts';
import { bucketTables } from './tables.ts';

/** What a bucket holds at a moment. `at`: milliseconds since 1970. */
export interface Bucket {
  readonly tokens: number;
  readonly at: number;
}

/** A bucket holds a second's worth, and one at least, so that a rate below one lets a first request through. */
export function capacityOf(rate: number): number {
  return Math.max(1, rate);
}

/** The bucket after one request at `now`, or how many seconds until there is a token again. */
export function take(
  before: Bucket | undefined,
  rate: number,
  now: number,
): Bucket | { readonly wait: number } {
  const capacity = capacityOf(rate);
  const since = before ? Math.max(0, now - before.at) / 1000 : 0;
  const tokens = before ? Math.min(capacity, before.tokens + since * rate) : capacity;
  if (tokens < 1) return { wait: (1 - tokens) / rate };
  return { tokens: tokens - 1, at: before ? Math.max(now, before.at) : now };
}

export interface ThrottleOptions {
  readonly records: Records;
  readonly clock: Clock;
  readonly quotas: Pick<AppliedQuotas, 'valueOf'>;
}

/**
 * Keeps each account and Region to its rates. The buckets are rows: a restart does not fill them, and several servers
 * share them.
 */
export function throttle({ clock, quotas, records }: ThrottleOptions): RequestObserver {
  return {
    async admit({ context, operation, service }) {
      const quota = service === 'omics' ? rateOf(operation.name) : undefined;
      if (!quota) return;
      const rate = quotas.valueOf(context.scope, quota);
      const wait = await takeToken(records, context.scope, quota.code, rate, clock.now());
      if (wait !== undefined) throw tooFast(operation.name, quota, rate, wait);
    },
  };
}

/** Takes a token; answers the seconds to wait where there is none. */
async function takeToken(
  records: Records,
  { account, region }: Scope,
  code: string,
  rate: number,
  now: number,
): Promise<number | undefined> {
  return records.transaction(async (tx) => {
    const key = { account, region, code };
    await bucketTables(tx)
      .insertInto('quota_bucket')
      .values({ ...key, tokens: capacityOf(rate), at: now })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    // The update takes the row's lock: whoever comes meanwhile reads what this one leaves.
    const row = await bucketTables(tx)
      .updateTable('quota_bucket')
      .set((expressions) => ({ at: expressions.ref('at') }))
      .where('account', '=', account)
      .where('region', '=', region)
      .where('code', '=', code)
      .returning(['tokens', 'at'])
      .executeTakeFirstOrThrow();
    const taken = take({ tokens: Number(row.tokens), at: Number(row.at) }, rate, now);
    if ('wait' in taken) return taken.wait;
    await bucketTables(tx)
      .updateTable('quota_bucket')
      .set({ ...taken })
      .where('account', '=', account)
      .where('region', '=', region)
      .where('code', '=', code)
      .execute();
    return undefined;
  });
}

function tooFast(operation: string, { code }: Quota, rate: number, wait: number): ServiceError {
  const seconds = Math.max(1, Math.ceil(wait));
  return errors.tooFast({ operation, rate, code, seconds }).retryAfter(seconds);
}
