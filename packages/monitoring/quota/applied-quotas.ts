import type { Clock, Log, Scope } from '@helicase/kernel';
import { Housekeeping, type Records, type Transaction } from '@helicase/records';
import { type Quota, quotaNamed } from './quota-table.ts';
import { valueTables } from './tables.ts';

/** What was approved, here or on another server, holds within this many milliseconds. */
const INTERVAL = 2_000;

export interface QuotaOptions {
  readonly records: Records;
  readonly clock: Clock;
  readonly log: Log;
  readonly quotaProfile: 'aws' | 'own';
  /** Values for every account, by code; those of quotas that are not adjustable count for nothing. */
  readonly quotas: Readonly<Record<string, number>>;
}

/**
 * The quotas as they hold: the guide's, or what the operator set for all accounts, or more where the operator approved an
 * account's request. Asked in every request's path, so what was approved is kept in memory.
 */
export class AppliedQuotas {
  readonly #options: QuotaOptions;
  #approved: ReadonlyMap<string, number> = new Map();

  constructor(options: QuotaOptions) {
    this.#options = options;
  }

  valueOf(scope: Scope, { adjustable, code, value }: Quota): number {
    if (!adjustable) return value;
    const base = this.#options.quotas[code] ?? value;
    return Math.max(base, this.#approved.get(keyOf({ ...scope, code })) ?? 0);
  }

  /** Of what the machine bounds in any profile. */
  named(name: string): (scope: Scope) => number {
    const quota = quotaNamed(name);
    return (scope) => this.valueOf(scope, quota);
  }

  /**
   * Of what nothing but profile `aws` bounds: profile `own` has the bounds that the operator set, and those that are not
   * adjustable.
   */
  ceiling(name: string): (scope: Scope) => number {
    const { quotaProfile, quotas } = this.#options;
    const { adjustable, code } = quotaNamed(name);
    const holds = quotaProfile === 'aws' || !adjustable || quotas[code] !== undefined;
    return holds ? this.named(name) : () => Infinity;
  }

  async approve(tx: Transaction, scope: Scope, code: string, value: number): Promise<void> {
    const { account, region } = scope;
    await valueTables(tx)
      .insertInto('quota_value')
      .values({ account, region, code, value })
      .onConflict((conflict) => conflict.columns(['account', 'region', 'code']).doUpdateSet({ value }))
      .execute();
  }

  /** Reads what was approved. */
  async refresh(): Promise<void> {
    const rows = await valueTables(this.#options.records.direct)
      .selectFrom('quota_value')
      .selectAll()
      .execute();
    this.#approved = new Map(rows.map((row) => [keyOf(row), Number(row.value)]));
  }

  housekeeping(): Housekeeping {
    const { clock, log } = this.#options;
    return new Housekeeping(clock, log, INTERVAL, () => this.refresh());
  }
}

function keyOf({ account, code, region }: Scope & { readonly code: string }): string {
  return `${account} ${region} ${code}`;
}
