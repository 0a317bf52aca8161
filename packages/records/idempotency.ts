import type { Kysely } from 'kysely';
import { type Clock, defineErrors, type Scope } from '@helicase/kernel';
import { type Database, tables } from './database.ts';
import type { Instances } from './instances.ts';
import type { Transaction } from './records.ts';
import type { CoreTables, IdempotencyRow } from './schema/tables.ts';

const idempotencyErrors = defineErrors({
  tokenReused: {
    code: 'ConflictException',
    status: 409,
    message: 'The idempotency token "{token}" was used for another {operation} request.',
    remedy: 'Use a new token for a new request, or repeat the first request unchanged.',
  },
  stillAnswering: {
    code: 'ConflictException',
    status: 409,
    message: 'A {operation} request with the idempotency token "{token}" is still being answered.',
    remedy: 'Try again in a moment.',
  },
});

/** How long an answer is remembered: AWS's SDKs retry for minutes at most. */
const RETENTION = 24 * 60 * 60 * 1000;
/** A request that is not answered after this time has failed; a repetition takes its place. */
const ANSWER_TIME = 30_000;
/** How long a repetition waits for the first request. */
const PATIENCE = 35_000;
const FIRST_LOOK = 5;
const LAST_LOOK = 250;

/** Answers of requests that carried an idempotency token. Shaped as the wire's IdempotencyStore. */
export class IdempotencyRows {
  readonly #direct: Kysely<CoreTables>;
  readonly #clock: Clock;
  readonly #instances: Instances;

  constructor(database: Database, clock: Clock, instances: Instances) {
    this.#direct = database.direct as unknown as Kysely<CoreTables>;
    this.#clock = clock;
    this.#instances = instances;
  }

  /**
   * The remembered answer; undefined where the caller is the first and shall answer, then `remember` or `abandon`.
   * A repetition that comes while the first is being answered waits for it. ConflictException where the token came
   * with another request.
   */
  async recall(scope: Scope, operation: string, token: string, fingerprint: string): Promise<unknown> {
    const deadline = this.#clock.now() + PATIENCE;
    for (let wait = FIRST_LOOK; ; wait = Math.min(wait * 2, LAST_LOOK)) {
      if (await this.#claim(scope, operation, token, fingerprint)) return undefined;
      const row = await this.#find(scope, operation, token);
      if (!row) continue;
      if (row.fingerprint !== fingerprint) throw idempotencyErrors.tokenReused({ token, operation });
      if (row.output !== null) return JSON.parse(row.output) as unknown;
      if (await this.#isDead(row)) await this.#forget(row);
      else if (this.#clock.now() >= deadline) throw idempotencyErrors.stillAnswering({ token, operation });
      else await this.#clock.sleep(wait);
    }
  }

  async remember(
    scope: Scope,
    operation: string,
    token: string,
    fingerprint: string,
    output: unknown,
    transaction?: object,
  ): Promise<void> {
    const answer = JSON.stringify(output ?? null);
    const sql = transaction ? tables<CoreTables>(transaction as Transaction) : this.#direct;
    await sql
      .insertInto('idempotency')
      .values({ ...this.#row(scope, operation, token, fingerprint), output: answer })
      .onConflict((conflict) =>
        conflict.columns(['account', 'region', 'operation', 'token']).doUpdateSet({ output: answer }),
      )
      .execute();
  }

  /** The request failed and changed nothing: a repetition is to be answered anew, at once. */
  async abandon(scope: Scope, operation: string, token: string): Promise<void> {
    await this.#direct
      .deleteFrom('idempotency')
      .where('account', '=', scope.account)
      .where('region', '=', scope.region)
      .where('operation', '=', operation)
      .where('token', '=', token)
      .where('output', 'is', null)
      .execute();
  }

  /** Forgets answers older than a day. */
  async prune(): Promise<void> {
    await this.#direct
      .deleteFrom('idempotency')
      .where('created_at', '<', this.#clock.now() - RETENTION)
      .execute();
  }

  async #claim(scope: Scope, operation: string, token: string, fingerprint: string): Promise<boolean> {
    const { numInsertedOrUpdatedRows } = await this.#direct
      .insertInto('idempotency')
      .values({ ...this.#row(scope, operation, token, fingerprint), output: null })
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst();
    return numInsertedOrUpdatedRows === 1n;
  }

  #row(scope: Scope, operation: string, token: string, fingerprint: string): Omit<IdempotencyRow, 'output'> {
    return {
      account: scope.account,
      region: scope.region,
      operation,
      token,
      fingerprint,
      instance: this.#instances.current,
      created_at: this.#clock.now(),
    };
  }

  #find(scope: Scope, operation: string, token: string): Promise<IdempotencyRow | undefined> {
    return this.#direct
      .selectFrom('idempotency')
      .selectAll()
      .where('account', '=', scope.account)
      .where('region', '=', scope.region)
      .where('operation', '=', operation)
      .where('token', '=', token)
      .executeTakeFirst();
  }

  /** The first request's process died, or it took so long that it must have failed. */
  async #isDead(row: IdempotencyRow): Promise<boolean> {
    if (this.#clock.now() - row.created_at > ANSWER_TIME) return true;
    const alive = await this.#direct
      .selectFrom('instance')
      .select('id')
      .where('id', '=', row.instance)
      .executeTakeFirst();
    return alive === undefined;
  }

  async #forget(row: IdempotencyRow): Promise<void> {
    await this.#direct
      .deleteFrom('idempotency')
      .where('account', '=', row.account)
      .where('region', '=', row.region)
      .where('operation', '=', row.operation)
      .where('token', '=', row.token)
      .where('created_at', '=', row.created_at)
      .where('output', 'is', null)
      .execute();
  }
}
