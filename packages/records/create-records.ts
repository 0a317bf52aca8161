import type { Clock, Ids, Log, Random, Scope, TaggedResources } from '@helicase/kernel';
import { SqlBlobLedger } from './blob-ledger.ts';
import { checkDatabase } from './check.ts';
import { type Database, DirectTransaction, OpenTransaction } from './database.ts';
import { Housekeeping } from './housekeeping.ts';
import { IdempotencyRows } from './idempotency.ts';
import { type InstanceTiming, Instances } from './instances.ts';
import { JobRows } from './jobs/job-rows.ts';
import { JobRunner, type JobTiming } from './jobs/job-runner.ts';
import { SqlKeyRows } from './key-rows.ts';
import type { OwnNotice } from './notice.ts';
import { appendEvents, forgetEvents, lastPosition, readEvents } from './outbox.ts';
import { PostgresDatabase } from './postgres/database.ts';
import type { Migration, OutboxEvent, Records, RecordsCheck, Transaction } from './records.ts';
import type { ResourceDefinition, ResourceTable } from './resource.ts';
import { SqlResourceTable } from './resource-table.ts';
import { migrate, requireMigrated } from './schema/migrate.ts';
import type { AnyDefinition } from './schema/resource-schema.ts';
import { SqliteDatabase } from './sqlite/database.ts';
import { countTagged, type TaggedSource, type TaggedTable, taggedResources } from './tagged-resources.ts';

export type DatabaseOptions =
  { readonly kind: 'sqlite'; readonly file: string } | { readonly kind: 'postgres'; readonly url: string };

/** Milliseconds. */
export interface RecordsTiming extends InstanceTiming, JobTiming {
  /** How long rows of finished jobs are kept. */
  readonly keepFinishedJobs: number;
  readonly housekeeping: number;
}

export interface RecordsOptions {
  readonly database: DatabaseOptions;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly random: Random;
  readonly log: Log;
  /** For tests; the defaults suit a server. */
  readonly timing?: Partial<RecordsTiming>;
}

const DAY = 24 * 60 * 60 * 1000;

const TIMING: RecordsTiming = {
  lease: 15_000,
  heartbeat: 5_000,
  poll: 1_000,
  backOff: 1_000,
  longestBackOff: 5 * 60_000,
  stopGrace: 30_000,
  keepFinishedJobs: 14 * DAY,
  housekeeping: 10 * 60_000,
};

/** The records on SQLite (one process, one file) or PostgreSQL (several processes). Nothing is opened before `open`, save the file. */
export function createRecords(options: RecordsOptions): Records {
  return new SqlRecords(options);
}

class SqlRecords implements Records {
  readonly dialect: 'sqlite' | 'postgres';
  readonly direct: Transaction;
  readonly jobs: JobRunner;
  readonly blobs: SqlBlobLedger;
  readonly keys: SqlKeyRows;
  readonly idempotency: IdempotencyRows;
  readonly tagged: TaggedResources;
  readonly #taggedTables: TaggedTable[] = [];
  readonly #taggedSources: TaggedSource[] = [];
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #instances: Instances;
  readonly #housekeeping: Housekeeping;
  readonly #definitions: AnyDefinition[] = [];
  readonly #migrations: Migration[] = [];
  #opened = false;
  #closed = false;

  constructor({ database, clock, ids, log, timing: changes }: RecordsOptions) {
    const timing = { ...TIMING, ...changes };
    this.#clock = clock;
    this.#database = openDatabase(database, log);
    this.dialect = this.#database.dialect;
    this.direct = new DirectTransaction(this.#database.direct);
    this.#instances = new Instances(this.#database, clock, ids, log, timing);
    this.blobs = new SqlBlobLedger(this.#database, clock, this.#instances);
    this.keys = new SqlKeyRows(this.#database);
    this.idempotency = new IdempotencyRows(this.#database, clock, this.#instances);
    this.tagged = taggedResources({
      direct: this.direct,
      transaction: (work) => this.transaction(work),
      tables: this.#taggedTables,
      sources: this.#taggedSources,
    });
    const rows = new JobRows(this.#database, clock, ids);
    const ports = {
      rows,
      clock,
      log,
      shared: this.dialect === 'postgres',
      direct: this.direct,
      transaction: <T>(work: (tx: Transaction) => Promise<T>) => this.transaction(work),
    };
    this.jobs = new JobRunner(ports, this.#instances, timing);
    this.#housekeeping = new Housekeeping(clock, log, timing.housekeeping, async () => {
      await rows.prune(clock.now() - timing.keepFinishedJobs);
      await this.idempotency.prune();
    });
  }

  async transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    let tx: OpenTransaction | undefined;
    const result = await this.#database.transaction((sql) => work((tx = new OpenTransaction(sql))));
    tx?.committed();
    return result;
  }

  resource<Doc, Status extends string, Column extends string = never>(
    definition: ResourceDefinition<Doc, Status, Column>,
  ): ResourceTable<Doc, Status, Column, Transaction> {
    this.#refuseLate(`resource ${definition.kind}`);
    if (this.#definitions.some(({ kind }) => kind === definition.kind)) {
      throw new Error(`Two resources are called ${definition.kind}`);
    }
    this.#definitions.push(definition as unknown as AnyDefinition);
    const table = new SqlResourceTable(definition, this.#database, this.#clock, (tx, work) =>
      tx === this.direct ? this.transaction(work) : work(tx),
    );
    const { kind, tagged } = definition;
    if (tagged) this.#taggedTables.push({ kind, tagged, table } as unknown as TaggedTable);
    return table;
  }

  taggedSource(source: TaggedSource): void {
    this.#refuseLate(`tags of ${source.kind}`);
    this.#taggedSources.push(source);
  }

  countTagged(tx: Transaction, scope: Scope, type: string): Promise<number> {
    return countTagged(this.#taggedTables, tx, scope, type);
  }

  migrations(list: readonly Migration[]): void {
    this.#refuseLate('a migration');
    this.#migrations.push(...list);
  }

  async open(): Promise<void> {
    this.#refuseLate('open');
    const schema = { definitions: this.#definitions, migrations: this.#migrations };
    await migrate(this.#database, schema, this.#clock);
    await this.#instances.start();
    this.#housekeeping.start();
    this.#opened = true;
  }

  async openBeside(): Promise<void> {
    this.#refuseLate('openBeside');
    await requireMigrated(this.#database, { definitions: this.#definitions, migrations: this.#migrations });
    this.#opened = true;
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.jobs.stop();
    await this.#housekeeping.stop();
    await this.#instances.stop();
    await this.#database.close();
  }

  events(after: number, limit: number): Promise<readonly OutboxEvent[]> {
    return readEvents(this.#database, after, limit);
  }

  forgetEvents(upTo: number, before: number): Promise<void> {
    return forgetEvents(this.#database, upTo, before);
  }

  lastPosition(): Promise<number> {
    return lastPosition(this.#database);
  }

  announce(tx: Transaction, scope: Scope, notices: readonly OwnNotice[]): Promise<void> {
    const nothing = { from: undefined, to: undefined, why: undefined, message: undefined };
    const event = { scope, kind: 'notice', type: 'created', ...nothing, at: this.#clock.now() } as const;
    return appendEvents(
      tx,
      notices.map((one) => ({ ...event, ...one, revision: 1 })),
    );
  }

  async backup(file: string): Promise<void> {
    if (!(this.#database instanceof SqliteDatabase)) {
      throw new Error('PostgreSQL is backed up with its own tools: pg_dump, or base backups with its log');
    }
    await this.#database.backup(file);
  }

  check(): Promise<RecordsCheck> {
    return checkDatabase(this.#database, this.#instances.current, this.#clock.now());
  }

  #refuseLate(what: string): void {
    if (this.#opened) throw new Error(`The records are open already: ${what} comes too late`);
  }
}

function openDatabase(options: DatabaseOptions, log: Log): Database {
  return options.kind === 'sqlite'
    ? new SqliteDatabase(options.file)
    : new PostgresDatabase(options.url, log);
}
