import type { Scope } from '@helicase/kernel';
import type { AnnouncedKind } from './notice.ts';
import type { TaggedDoc, TaggedKind } from './tagged-kind.ts';

/** Where a status may go, and why: `{ CREATING: { ACTIVE: 'import finished', FAILED: 'import failed' } }`. */
export type StateMachine<Status extends string> = {
  readonly [From in Status]: { readonly [To in Status]?: string };
};

/** One resource with a status: common columns, and everything else in `doc`. */
export interface Resource<Doc, Status extends string> {
  readonly scope: Scope;
  readonly id: string;
  /** The id of the resource it lives in (a read set's store, a task's run); '' where it has none. */
  readonly parent: string;
  readonly status: Status;
  readonly statusMessage: string | undefined;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  readonly updatedAt: number;
  /** Grows by one with every change. */
  readonly revision: number;
  readonly doc: Doc;
}

/** How a kind of resource is stored. One definition makes its table, on both databases. */
export interface ResourceDefinition<Doc, Status extends string, Column extends string = never> {
  /** Kebab-case noun and outbox topic: `read-set`. The table is `read_set`. */
  readonly kind: string;
  readonly machine: StateMachine<Status>;
  /** Values lifted out of `doc` to be filtered on; each is indexed with (account, region, parent). */
  readonly columns?: { readonly [C in Column]: (doc: Doc) => string | number | null };
  /** Columns whose value may occur once per (account, region, parent): names of analytics stores, for example. */
  readonly unique?: readonly Column[];
  /** Present where its changes are told to the outside, as EventBridge events. */
  readonly announced?: AnnouncedKind<Doc, Status>;
  /** Present where the kind carries tags, in its doc's `tags`. */
  readonly tagged?: Doc extends TaggedDoc ? TaggedKind<Doc, Status, Column> : never;
}

export interface ListQuery<Status extends string, Column extends string> {
  readonly parent?: string;
  readonly statuses?: readonly Status[];
  readonly ids?: readonly string[];
  /** Equal to the value, or one of the values. */
  readonly where?: { readonly [C in Column]?: string | number | readonly (string | number)[] };
  readonly createdAfter?: number;
  readonly createdBefore?: number;
  readonly updatedAfter?: number;
  readonly updatedBefore?: number;
  readonly order?: 'oldest-first' | 'newest-first';
  /** Rows to give at most. */
  readonly limit: number;
  /** Keyset of the last row of the page before, from `Page.next`. */
  readonly after?: readonly (string | number)[];
}

export interface Page<Row> {
  readonly rows: readonly Row[];
  /** Present where more rows follow: give it as `after` (through a page token). */
  readonly next?: readonly (string | number)[];
}

/**
 * The rows of one kind. Every method takes the transaction it belongs to; each write appends its outbox event
 * (`created`, `changed`, `transition`, `deleted`) in that transaction, ordered per resource.
 */
export interface ResourceTable<Doc, Status extends string, Column extends string, Tx> {
  readonly kind: string;
  insert(
    tx: Tx,
    row: { scope: Scope; id: string; parent?: string; status: Status; statusMessage?: string; doc: Doc },
  ): Promise<Resource<Doc, Status>>;
  find(tx: Tx, scope: Scope, id: string): Promise<Resource<Doc, Status> | undefined>;
  /**
   * As `find`, and nobody else changes or removes it before this transaction ends: for decisions that depend on what
   * was found. Resources are held before jobs are touched, in every transaction.
   */
  hold(tx: Tx, scope: Scope, id: string): Promise<Resource<Doc, Status> | undefined>;
  list(tx: Tx, scope: Scope, query: ListQuery<Status, Column>): Promise<Page<Resource<Doc, Status>>>;
  count(
    tx: Tx,
    scope: Scope,
    query: Omit<ListQuery<Status, Column>, 'limit' | 'after' | 'order'>,
  ): Promise<number>;
  /** As `count`, for each status that occurs, in one reading. */
  countByStatus(
    tx: Tx,
    scope: Scope,
    query: Omit<ListQuery<Status, Column>, 'limit' | 'after' | 'order'>,
  ): Promise<Partial<Record<Status, number>>>;
  /** Replaces the doc. Throws a conflict where `expected` (a revision) is given and no longer true. */
  update(
    tx: Tx,
    scope: Scope,
    id: string,
    change: (doc: Doc) => Doc,
    expected?: number,
  ): Promise<Resource<Doc, Status>>;
  /**
   * The only way a status changes. Refused (IllegalTransition, a fault of ours) where the machine has no such arrow;
   * a transition to the status it already has does nothing.
   */
  transition(
    tx: Tx,
    scope: Scope,
    id: string,
    to: Status,
    change?: { message?: string; doc?: (doc: Doc) => Doc },
  ): Promise<Resource<Doc, Status>>;
  remove(tx: Tx, scope: Scope, id: string): Promise<void>;
  /** Every row of every account and region, in batches by key: for whole-house checks, never for a caller's request. */
  scan(tx: Tx): AsyncIterable<Resource<Doc, Status>>;
}
