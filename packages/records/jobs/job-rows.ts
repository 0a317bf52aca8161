import { type Kysely, sql } from 'kysely';
import type { Actor, Clock, Ids, Scope } from '@helicase/kernel';
import { type Database, tables } from '../database.ts';
import type { JobDepth, JobFacts, JobRequest, WaitingLane } from '../jobs.ts';
import type { Transaction } from '../records.ts';
import type { CoreTables, JobRow, JobStatus } from '../schema/tables.ts';
import { isAmong } from '../sql-helpers.ts';

const UNFINISHED: readonly JobStatus[] = ['queued', 'running'];

/** A job that this process may work on until it loses the lease. */
export interface Claimed {
  readonly id: string;
  readonly scope: Scope;
  readonly kind: string;
  readonly subject: string;
  readonly actor: Actor;
  readonly input: unknown;
  readonly state: unknown;
  readonly failures: number;
  readonly cancelRequested: boolean;
  /** Who claimed it, and the fencing token. */
  readonly instance: string;
  readonly fence: number;
}

/** The statements on the job table, one method each. */
export class JobRows {
  readonly #database: Database;
  readonly #direct: Kysely<CoreTables>;
  readonly #clock: Clock;
  readonly #ids: Ids;

  constructor(database: Database, clock: Clock, ids: Ids) {
    this.#database = database;
    this.#direct = database.direct as unknown as Kysely<CoreTables>;
    this.#clock = clock;
    this.#ids = ids;
  }

  async enqueue<Input>(tx: Transaction, request: JobRequest<Input>): Promise<string> {
    const row = this.#newRow(request);
    for (;;) {
      const inserted = await tables<CoreTables>(tx)
        .insertInto('job')
        .values(row)
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirst();
      if (inserted.numInsertedOrUpdatedRows === 1n) return row.id;
      const existing = await this.find(tx, request.actor.scope, request.kind, request.subject);
      if (existing) return existing.id; // otherwise it finished in between
    }
  }

  async find(tx: Transaction, scope: Scope, kind: string, subject: string): Promise<JobFacts | undefined> {
    const row = await this.#unfinished(tx, scope, kind, subject)
      .select(['id', 'status', 'progress', 'failures'])
      .executeTakeFirst();
    if (!row) return undefined;
    return {
      id: row.id,
      status: row.status as JobFacts['status'],
      progress: row.progress === null ? undefined : (JSON.parse(row.progress) as JobFacts['progress']),
      attempt: row.failures + 1,
    };
  }

  /** Ends a queued job; asks a running one to stop. Answers the running one's id; false where there is none. */
  async cancel(
    tx: Transaction,
    scope: Scope,
    kind: string,
    subject: string,
  ): Promise<{ readonly running: string | undefined } | false> {
    const ended = await tables<CoreTables>(tx)
      .updateTable('job')
      .set({ status: 'cancelled', finished_at: this.#clock.now() })
      .where('account', '=', scope.account)
      .where('region', '=', scope.region)
      .where('kind', '=', kind)
      .where('subject', '=', subject)
      // In these words the index of unfinished jobs serves, and not that of all that wait.
      .where(sql<boolean>`status in ('queued', 'running') and status = 'queued'`)
      .executeTakeFirst();
    if (ended.numUpdatedRows > 0n) return { running: undefined };
    const row = await this.#unfinished(tx, scope, kind, subject).select('id').executeTakeFirst();
    if (!row) return false;
    await tables<CoreTables>(tx)
      .insertInto('job_cancellation')
      .values({ id: row.id })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    return { running: row.id };
  }

  async depths(): Promise<readonly JobDepth[]> {
    const rows = await this.#direct
      .selectFrom('job')
      .select(['account', 'region', 'kind', 'status'])
      .select((of) => of.fn.countAll().as('count'))
      // The condition of the index of unfinished jobs: finished ones are not looked at.
      .where('status', 'in', ['queued', 'running'])
      .groupBy(['account', 'region', 'kind', 'status'])
      .execute();
    return rows.map(({ account, count, kind, region, status }) => ({
      ...{ scope: { account, region }, kind, count: Number(count) },
      status: status as JobDepth['status'],
    }));
  }

  /** Lanes that have queued jobs, by kind, and how many of theirs and of their account's run now, on all servers. */
  async waiting(): Promise<Map<string, WaitingLane[]>> {
    // Each step is an exact walk of the index: compared as a row, (kind, account, lane) is looked up by its kind alone.
    const next = (where: string, order: string) =>
      `(select id from job where status = 'queued' and ${where} order by ${order} limit 1)`;
    const following = sql.raw(`coalesce(
      ${next('kind = head.kind and account = head.account and lane > head.lane', 'lane')},
      ${next('kind = head.kind and account > head.account', 'account, lane')},
      ${next('kind > head.kind', 'kind, account, lane')})`);
    const running = sql.raw(
      `(select count(*) from job where status = 'running' and job.kind = head.kind and job.account = head.account`,
    );
    const { rows } = await sql<WaitingLane & { readonly kind: string }>`
      with recursive head (kind, account, lane) as (
        select * from (
          select kind, account, lane from job where status = 'queued' order by kind, account, lane limit 1
        ) as first
        union all
        select job.kind, job.account, job.lane from head join job on job.id = ${following}
      )
      select kind, account, lane, ${running} and job.lane = head.lane) as running,
        ${running}) as ${sql.ref('accountRunning')}
      from head`.execute(this.#direct);
    return Map.groupBy(rows, ({ kind }) => kind);
  }

  /**
   * Takes up to `limit` jobs of one lane, the most urgent or the longest waiting first; no other process gets the same.
   * An instance that was given up for dead gets none: the key share lock keeps it from being buried between that check
   * and the commit, which would leave its jobs to nobody.
   */
  async claim(
    instance: string,
    kind: string,
    { account, lane }: Pick<WaitingLane, 'account' | 'lane'>,
    limit: number,
    first: 'urgent' | 'longest',
  ): Promise<Claimed[]> {
    const shared = this.#database.dialect === 'postgres';
    const urgency = sql.raw(first === 'urgent' ? 'priority desc,' : '');
    const { rows } = await sql<JobRow & { cancel_requested: number | boolean }>`
      with alive as (select id from instance where id = ${instance} ${shared ? sql`for key share` : sql``}),
      next as (
        select id from job where status = 'queued' and kind = ${kind} and account = ${account} and lane = ${lane}
          and not_before <= ${this.#clock.now()} and exists (select 1 from alive)
        order by ${urgency} created_at, id limit ${limit} ${shared ? sql`for update skip locked` : sql``}
      )
      update job set status = 'running', instance = ${instance}, fence = fence + 1
      where id in (select id from next)
      returning *, exists (select 1 from job_cancellation where job_cancellation.id = job.id) as cancel_requested`.execute(
      this.#direct,
    );
    rows.sort((a, b) => b.priority - a.priority || a.created_at - b.created_at || (a.id < b.id ? -1 : 1));
    return rows.map((row) => claimedOf(row, instance));
  }

  /** Ids of this instance's jobs that somebody asked to stop. */
  async cancellations(instance: string): Promise<readonly string[]> {
    const rows = await this.#direct
      .selectFrom('job_cancellation')
      .innerJoin('job', 'job.id', 'job_cancellation.id')
      .select('job.id')
      .where('job.status', '=', 'running')
      .where('job.instance', '=', instance)
      .execute();
    return rows.map(({ id }) => id);
  }

  /** Whether the attempt still holds its job; with `lock`, nobody can take it before this transaction ends. */
  async isHeld(tx: Transaction, job: Claimed, lock: boolean): Promise<boolean> {
    const query = tables<CoreTables>(tx)
      .selectFrom('job')
      .select('id')
      .where('id', '=', job.id)
      .where('fence', '=', job.fence)
      .where('instance', '=', job.instance)
      .where('status', '=', 'running');
    const locking = lock && this.#database.dialect === 'postgres';
    return (await (locking ? query.forNoKeyUpdate() : query).executeTakeFirst()) !== undefined;
  }

  /** Changes the row while the attempt holds it; false where it does not. */
  async change(tx: Transaction, job: Claimed, set: Partial<JobRow>): Promise<boolean> {
    const { numUpdatedRows } = await tables<CoreTables>(tx)
      .updateTable('job')
      .set(set)
      .where('id', '=', job.id)
      .where('fence', '=', job.fence)
      .where('instance', '=', job.instance)
      .where('status', '=', 'running')
      .executeTakeFirst();
    return numUpdatedRows === 1n;
  }

  /** Ends many at once. An instance has at most one attempt at a job, so its name is fence enough. */
  async finish(instance: string, ids: readonly string[], status: 'done' | 'cancelled'): Promise<void> {
    await this.#direct
      .updateTable('job')
      .set({ status, instance: null, finished_at: this.#clock.now() })
      .where(isAmong(this.#database.dialect, 'id', ids))
      .where('instance', '=', instance)
      .where('status', '=', 'running')
      .execute();
  }

  /** Puts back jobs that the database holds for this instance and the instance does not know of. */
  async giveBackUnknown(instance: string, known: readonly string[]): Promise<void> {
    await this.#direct
      .updateTable('job')
      .set({ status: 'queued', instance: null })
      .where('status', '=', 'running')
      .where('instance', '=', instance)
      .where((not) => not.not(isAmong(this.#database.dialect, 'id', known)))
      .execute();
  }

  async prune(before: number): Promise<void> {
    await this.#direct.deleteFrom('job').where('finished_at', '<', before).execute();
    await this.#direct
      .deleteFrom('job_cancellation')
      .where('id', 'not in', this.#direct.selectFrom('job').select('id').where('status', 'in', UNFINISHED))
      .execute();
  }

  #unfinished(tx: Transaction, scope: Scope, kind: string, subject: string) {
    return (
      tables<CoreTables>(tx)
        .selectFrom('job')
        .where('account', '=', scope.account)
        .where('region', '=', scope.region)
        .where('kind', '=', kind)
        .where('subject', '=', subject)
        // Written out: an index of some rows serves where the statement, not its values, names them.
        .where(sql<boolean>`status in ('queued', 'running')`)
    );
  }

  #newRow<Input>(request: JobRequest<Input>): JobRow {
    const { scope } = request.actor;
    const now = this.#clock.now();
    return {
      id: this.#ids.numeric(),
      account: scope.account,
      region: scope.region,
      kind: request.kind,
      subject: request.subject,
      actor: JSON.stringify({ scope, principal: request.actor.principal }),
      input: JSON.stringify(request.input ?? null),
      state: null,
      progress: null,
      status: 'queued',
      lane: request.lane ?? '',
      priority: request.priority ?? 0,
      not_before: request.notBefore ?? 0,
      failures: 0,
      error: null,
      instance: null,
      fence: 0,
      created_at: now,
      finished_at: null,
    };
  }
}

function claimedOf(row: JobRow & { cancel_requested: number | boolean }, instance: string): Claimed {
  return {
    id: row.id,
    scope: { account: row.account, region: row.region },
    kind: row.kind,
    subject: row.subject,
    actor: JSON.parse(row.actor) as Actor,
    input: JSON.parse(row.input) as unknown,
    state: row.state === null ? undefined : (JSON.parse(row.state) as unknown),
    failures: row.failures,
    cancelRequested: Boolean(row.cancel_requested),
    instance,
    fence: row.fence,
  };
}
