import type { Kysely } from 'kysely';
import type { Clock, Scope } from '@helicase/kernel';
import { type Database, tables } from './database.ts';
import { IllegalTransition, ResourceMissing, RevisionConflict, UniqueViolation } from './errors.ts';
import { noticeOf } from './notice.ts';
import { appendEvents } from './outbox.ts';
import type { OutboxEvent, Transaction } from './records.ts';
import { countRows, countRowsByStatus, listRows } from './resource-list.ts';
import { type AnyResourceRow, resourceOf } from './resource-row.ts';
import { scanRows } from './resource-scan.ts';
import type { ListQuery, Page, Resource, ResourceDefinition, ResourceTable } from './resource.ts';
import {
  type AnyDefinition,
  columnName,
  liftedValues,
  tableName,
  uniqueIndexName,
} from './schema/resource-schema.ts';

type Rows = Kysely<Record<string, AnyResourceRow>>;

/** Runs `work` in the caller's transaction, or in one of its own where the caller gave `direct`. */
export type InTransaction = <T>(tx: Transaction, work: (tx: Transaction) => Promise<T>) => Promise<T>;

interface Change<Doc, Status> {
  readonly type: 'changed' | 'transition';
  readonly status: Status;
  readonly statusMessage: string | undefined;
  readonly doc: Doc;
  readonly why?: string;
}

/** The rows of one kind, on either database. */
export class SqlResourceTable<Doc, Status extends string, Column extends string> implements ResourceTable<
  Doc,
  Status,
  Column,
  Transaction
> {
  readonly kind: string;
  readonly #definition: ResourceDefinition<Doc, Status, Column>;
  readonly #name: string;
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #inTransaction: InTransaction;

  constructor(
    definition: ResourceDefinition<Doc, Status, Column>,
    database: Database,
    clock: Clock,
    inTransaction: InTransaction,
  ) {
    this.kind = definition.kind;
    this.#definition = definition;
    this.#name = tableName(definition.kind);
    this.#database = database;
    this.#clock = clock;
    this.#inTransaction = inTransaction;
  }

  insert(
    tx: Transaction,
    row: { scope: Scope; id: string; parent?: string; status: Status; statusMessage?: string; doc: Doc },
  ): Promise<Resource<Doc, Status>> {
    return this.#inTransaction(tx, (inner) => this.#insert(inner, row));
  }

  async find(tx: Transaction, scope: Scope, id: string): Promise<Resource<Doc, Status> | undefined> {
    const row = await this.#select(tx, scope, id).executeTakeFirst();
    return row && resourceOf(row);
  }

  async hold(tx: Transaction, scope: Scope, id: string): Promise<Resource<Doc, Status> | undefined> {
    const query = this.#select(tx, scope, id);
    // SQLite's writer is alone already.
    const row = await (this.#database.dialect === 'postgres' ? query.forUpdate() : query).executeTakeFirst();
    return row && resourceOf(row);
  }

  list(
    tx: Transaction,
    scope: Scope,
    query: ListQuery<Status, Column>,
  ): Promise<Page<Resource<Doc, Status>>> {
    return listRows(this.#rows(tx), this.#database.dialect, this.#name, scope, query);
  }

  count(
    tx: Transaction,
    scope: Scope,
    query: Omit<ListQuery<Status, Column>, 'limit' | 'after' | 'order'>,
  ): Promise<number> {
    return countRows(this.#rows(tx), this.#database.dialect, this.#name, scope, query);
  }

  countByStatus(
    tx: Transaction,
    scope: Scope,
    query: Omit<ListQuery<Status, Column>, 'limit' | 'after' | 'order'>,
  ): Promise<Partial<Record<Status, number>>> {
    return countRowsByStatus(this.#rows(tx), this.#database.dialect, this.#name, scope, query);
  }

  update(
    tx: Transaction,
    scope: Scope,
    id: string,
    change: (doc: Doc) => Doc,
    expected?: number,
  ): Promise<Resource<Doc, Status>> {
    return this.#inTransaction(tx, async (inner) => {
      const before = await this.#required(inner, scope, id);
      if (expected !== undefined && expected !== before.revision) {
        throw new RevisionConflict(this.kind, id, expected, before.revision);
      }
      return this.#write(inner, before, { ...before, type: 'changed', doc: change(before.doc) });
    });
  }

  transition(
    tx: Transaction,
    scope: Scope,
    id: string,
    to: Status,
    change?: { message?: string; doc?: (doc: Doc) => Doc },
  ): Promise<Resource<Doc, Status>> {
    return this.#inTransaction(tx, async (inner) => {
      const before = await this.#required(inner, scope, id);
      if (before.status === to) return before;
      const why = this.#definition.machine[before.status]?.[to];
      if (why === undefined) throw new IllegalTransition(this.kind, id, before.status, to);
      return this.#write(inner, before, {
        type: 'transition',
        status: to,
        // A message explains the status it came with and goes with it.
        statusMessage: change?.message,
        doc: change?.doc ? change.doc(before.doc) : before.doc,
        why,
      });
    });
  }

  remove(tx: Transaction, scope: Scope, id: string): Promise<void> {
    return this.#inTransaction(tx, async (inner) => {
      const removed = await this.#rows(inner)
        .deleteFrom(this.#name)
        .where('account', '=', scope.account)
        .where('region', '=', scope.region)
        .where('id', '=', id)
        .returningAll()
        .executeTakeFirst();
      if (!removed) return;
      const last = resourceOf<Doc, Status>(removed);
      await this.#append(
        inner,
        { ...last, revision: last.revision + 1 },
        { type: 'deleted', from: last.status },
      );
    });
  }

  async *scan(tx: Transaction): AsyncIterable<Resource<Doc, Status>> {
    for await (const row of scanRows(this.#rows(tx), this.#name)) yield resourceOf(row);
  }

  async #insert(
    tx: Transaction,
    row: { scope: Scope; id: string; parent?: string; status: Status; statusMessage?: string; doc: Doc },
  ): Promise<Resource<Doc, Status>> {
    const now = this.#clock.now();
    const stored: AnyResourceRow = {
      account: row.scope.account,
      region: row.scope.region,
      id: row.id,
      parent: row.parent ?? '',
      status: row.status,
      status_message: row.statusMessage ?? null,
      created_at: now,
      updated_at: now,
      revision: 1,
      doc: JSON.stringify(row.doc),
      ...liftedValues(this.#definition as AnyDefinition, row.doc),
    };
    // Not an error of the database: that would end the caller's transaction on PostgreSQL alone.
    const inserted = await this.#rows(tx)
      .insertInto(this.#name)
      .values(stored)
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst();
    if (inserted.numInsertedOrUpdatedRows === 0n) throw await this.#violationOf(tx, stored);
    const resource = resourceOf<Doc, Status>(stored);
    await this.#append(tx, resource, { type: 'created', to: row.status, message: row.statusMessage });
    return resource;
  }

  async #violationOf(tx: Transaction, row: AnyResourceRow): Promise<UniqueViolation> {
    if (await this.find(tx, row, row.id)) return new UniqueViolation(this.kind, 'id', row.id);
    for (const column of this.#definition.unique ?? []) {
      const value = row[columnName(column)];
      if (typeof value !== 'string') continue;
      const where = { [column]: value } as { readonly [C in Column]?: string };
      if ((await this.count(tx, row, { parent: row.parent, where })) > 0) {
        return new UniqueViolation(this.kind, column, value);
      }
    }
    return new UniqueViolation(this.kind, 'id', row.id);
  }

  async #write(
    tx: Transaction,
    before: Resource<Doc, Status>,
    change: Change<Doc, Status>,
  ): Promise<Resource<Doc, Status>> {
    const { scope, id } = before;
    const updatedAt = Math.max(this.#clock.now(), before.updatedAt);
    const revision = before.revision + 1;
    const lifted = liftedValues(this.#definition as AnyDefinition, change.doc);
    const result = await this.#rows(tx)
      .updateTable(this.#name)
      .set({
        status: change.status,
        status_message: change.statusMessage ?? null,
        updated_at: updatedAt,
        revision,
        doc: JSON.stringify(change.doc),
        ...lifted,
      })
      .where('account', '=', scope.account)
      .where('region', '=', scope.region)
      .where('id', '=', id)
      .where('revision', '=', before.revision)
      .executeTakeFirst()
      .catch((error: unknown) => {
        throw this.#translated(error, lifted);
      });
    if (result.numUpdatedRows === 0n) throw new RevisionConflict(this.kind, id, before.revision, undefined);
    const { status, statusMessage, doc } = change;
    const after = { ...before, status, statusMessage, updatedAt, revision, doc };
    const { type, why } = change;
    await this.#append(tx, after, { type, from: before.status, to: status, why, message: statusMessage });
    return after;
  }

  #translated(error: unknown, lifted: Record<`c_${string}`, string | null>): unknown {
    const violated = this.#database.uniqueViolation(error);
    if (violated === undefined) return error;
    const column = (this.#definition.unique ?? []).find(
      (name) =>
        violated === uniqueIndexName(this.kind, name) ||
        violated.endsWith(`${this.#name}.${columnName(name)}`),
    );
    if (column === undefined) return error;
    return new UniqueViolation(this.kind, column, lifted[columnName(column)] ?? '', { cause: error });
  }

  async #required(tx: Transaction, scope: Scope, id: string): Promise<Resource<Doc, Status>> {
    const held = await this.hold(tx, scope, id);
    if (!held) throw new ResourceMissing(this.kind, id);
    return held;
  }

  #select(tx: Transaction, scope: Scope, id: string) {
    return this.#rows(tx)
      .selectFrom(this.#name)
      .selectAll()
      .where('account', '=', scope.account)
      .where('region', '=', scope.region)
      .where('id', '=', id);
  }

  #append(
    tx: Transaction,
    resource: Resource<Doc, Status>,
    event: {
      readonly type: OutboxEvent['type'];
      readonly from?: Status;
      readonly to?: Status;
      readonly why?: string | undefined;
      readonly message?: string | undefined;
    },
  ): Promise<void> {
    const { id, revision } = resource;
    const { account, region } = resource.scope;
    const { from, message, to, type, why } = event;
    const notice = noticeOf(this.#definition.announced, event, resource);
    const at = this.#clock.now();
    const scope = { account, region };
    const { kind } = this;
    return appendEvents(tx, [{ scope, kind, id, revision, at, type, from, to, why, message, notice }]);
  }

  #rows(tx: Transaction): Rows {
    return tables<Record<string, AnyResourceRow>>(tx);
  }
}
