import {
  type Actor,
  type Ids,
  limitIn,
  parseArn,
  type Scope,
  type ScopeLimit,
  type TaggedResources,
} from '@helicase/kernel';
import {
  holdName,
  type Records,
  type Resource,
  type ResourceTable,
  type StateMachine,
  type Transaction,
} from '@helicase/records';
import { shareErrors as errors } from './errors.ts';
import {
  type ReceivedShareDoc,
  type ShareDoc,
  shareMachine,
  type ShareStatus,
  shareTypeOf,
} from './model.ts';

export type Share = Resource<ShareDoc, ShareStatus>;
type ShareTable = ResourceTable<ShareDoc, ShareStatus, 'resource_arn', Transaction>;
type ReceivedTable = ResourceTable<ReceivedShareDoc, 'OFFERED', 'resource_arn', Transaction>;

const receivedMachine: StateMachine<'OFFERED'> = { OFFERED: {} };
const JOB = 'share';
const BATCH = 1000;
/** The guide, "Maximum number of shares for annotation or variant store"; it has no quota of a workflow's. */
const SHARES_OF_A_STORE = 10;
const LIVING: readonly ShareStatus[] = ['PENDING', 'ACTIVATING', 'ACTIVE'];

export interface SharesOptions {
  readonly records: Records;
  readonly ids: Ids;
  /** Every resource that can be shared carries tags: whether it is there is asked of them. */
  readonly tagged: TaggedResources;
  /** How many a store may have; the guide's ten unless told. */
  readonly sharesOfStore?: ScopeLimit;
}

/**
 * Shares of stores and workflows between accounts of one region. The owner's row has the state; the subscriber's is how
 * it finds the owner's. Both are made in one transaction.
 */
export class Shares {
  readonly #options: SharesOptions;
  readonly #shares: ShareTable;
  readonly #received: ReceivedTable;

  constructor(options: SharesOptions) {
    this.#options = options;
    const { records } = options;
    this.#shares = records.resource<ShareDoc, ShareStatus, 'resource_arn'>({
      kind: 'share',
      machine: shareMachine,
      columns: { resource_arn: (doc) => doc.resourceArn },
    });
    this.#received = records.resource<ReceivedShareDoc, 'OFFERED', 'resource_arn'>({
      kind: 'received-share',
      machine: receivedMachine,
      columns: { resource_arn: (doc) => doc.resourceArn },
    });
    records.jobs.register<Scope & { readonly id: string }, object>({
      kind: JOB,
      concurrency: 1,
      run: async (run) => {
        await run.commit((tx) => this.#settle(tx, run.input));
      },
      exhausted: (tx, { input: { id, ...scope } }, error) => this.#fail(tx, scope, id, error.message),
    });
  }

  async create(
    scope: Scope,
    resourceArn: string,
    subscriber: string,
    name: string | undefined,
  ): Promise<Share> {
    const type = shareTypeOf(resourceArn);
    const arn = parseArn(resourceArn);
    if (!type || arn?.account !== scope.account || arn.region !== scope.region) {
      throw errors.notShareable({ arn: resourceArn });
    }
    if (!/^\d{12}$/.test(subscriber) || subscriber === scope.account)
      throw errors.subscriberForm({ subscriber });
    if (!(await this.#options.tagged.find(scope, resourceArn)))
      throw errors.resourceMissing({ arn: resourceArn });
    const id = this.#options.ids.uuid();
    const limit =
      type === 'WORKFLOW' ? Infinity : limitIn(this.#options.sharesOfStore ?? SHARES_OF_A_STORE, scope);
    return this.#options.records.transaction(async (tx) => {
      await holdName(tx, this.#options.records.dialect, `shares of ${resourceArn}`);
      const query = { where: { resource_arn: resourceArn }, statuses: LIVING, limit: BATCH };
      const living = await allOf((after) => this.#shares.list(tx, scope, { ...query, ...after }));
      const same = living.find(({ doc }) => doc.subscriber === subscriber);
      if (same) throw errors.exists({ arn: resourceArn, subscriber, id: same.id });
      if (living.length >= limit) throw errors.tooMany({ limit });
      const theirs = { account: subscriber, region: scope.region };
      const received = { owner: scope.account, resourceArn };
      await this.#received.insert(tx, { scope: theirs, id, status: 'OFFERED', doc: received });
      const doc = { name, resourceArn, type, subscriber };
      return this.#shares.insert(tx, { scope, id, status: 'PENDING', doc });
    });
  }

  /** As owner or subscriber sees it; anyone else is told that there is none. */
  async get(scope: Scope, id: string, tx = this.#options.records.direct): Promise<Share> {
    const own = await this.#shares.find(tx, scope, id);
    if (own) return own;
    const received = await this.#received.find(tx, scope, id);
    const share = received && (await this.#shares.find(tx, ownerScope(scope, received.doc), id));
    if (!share) throw errors.missing({ id });
    return share;
  }

  async accept(actor: Actor, id: string): Promise<Share> {
    const { scope } = actor;
    return this.#change(actor, id, 'ACTIVATING', (share) => {
      const { subscriber } = share.doc;
      if (subscriber !== scope.account) throw errors.ownShare({ id, subscriber });
      if (share.status !== 'PENDING') throw errors.notAcceptable({ id, status: share.status });
    });
  }

  /** From this moment on the subscriber has nothing of it. */
  async remove(actor: Actor, id: string): Promise<Share> {
    return this.#change(actor, id, 'DELETING', ({ status }) => {
      if (status === 'DELETING' || status === 'DELETED') throw errors.gone({ id, status });
    });
  }

  /** Those that the account gave (SELF), or was offered (OTHER), oldest first. */
  async list(scope: Scope, owner: 'SELF' | 'OTHER'): Promise<readonly Share[]> {
    const { direct } = this.#options.records;
    if (owner === 'SELF')
      return allOf((after) => this.#shares.list(direct, scope, { limit: BATCH, ...after }));
    const offered = await allOf((after) => this.#received.list(direct, scope, { limit: BATCH, ...after }));
    const found = await Promise.all(
      offered.map(({ id, doc }) => this.#shares.find(direct, ownerScope(scope, doc), id)),
    );
    return found.filter((share) => share !== undefined);
  }

  /** Whether this account may use a resource of another one, now. */
  async isShared(scope: Scope, resourceArn: string): Promise<boolean> {
    const { direct } = this.#options.records;
    const where = { resource_arn: resourceArn };
    const { rows } = await this.#received.list(direct, scope, { where, limit: BATCH });
    const shares = await Promise.all(
      rows.map(({ id, doc }) => this.#shares.find(direct, ownerScope(scope, doc), id)),
    );
    return shares.some((share) => share?.status === 'ACTIVE');
  }

  async subscribers(owner: Scope, resourceArn: string): Promise<readonly string[]> {
    const { direct } = this.#options.records;
    const where = { resource_arn: resourceArn };
    const all = await allOf((after) => this.#shares.list(direct, owner, { where, limit: BATCH, ...after }));
    return [...new Set(all.map(({ doc }) => doc.subscriber))];
  }

  async #change(
    { scope, principal }: Actor,
    id: string,
    to: 'ACTIVATING' | 'DELETING',
    check: (share: Share) => void,
  ): Promise<Share> {
    const { records } = this.#options;
    return records.transaction(async (tx) => {
      const { scope: owner } = await this.get(scope, id, tx);
      const share = (await this.#shares.hold(tx, owner, id))!;
      check(share);
      const changed = await this.#shares.transition(tx, owner, id, to);
      await records.jobs.enqueue(tx, {
        actor: { scope: owner, principal },
        kind: JOB,
        subject: `${id}/${to}`,
        input: { ...owner, id },
      });
      return changed;
    });
  }

  /** What was begun is finished: ACTIVATING becomes ACTIVE or FAILED, DELETING becomes DELETED. */
  async #settle(tx: Transaction, { id, ...scope }: Scope & { readonly id: string }): Promise<void> {
    const share = await this.#shares.hold(tx, scope, id);
    if (share?.status === 'DELETING') await this.#shares.transition(tx, scope, id, 'DELETED');
    if (share?.status !== 'ACTIVATING') return;
    const { resourceArn } = share.doc;
    const isThere = await this.#options.tagged.find(scope, resourceArn);
    if (isThere) await this.#shares.transition(tx, scope, id, 'ACTIVE');
    else await this.#fail(tx, scope, id, `The resource ${resourceArn} does not exist any more.`);
  }

  async #fail(tx: Transaction, scope: Scope, id: string, message: string): Promise<void> {
    const share = await this.#shares.hold(tx, scope, id);
    if (share?.status === 'ACTIVATING') await this.#shares.transition(tx, scope, id, 'FAILED', { message });
  }
}

function ownerScope({ region }: Scope, { owner }: ReceivedShareDoc): Scope {
  return { account: owner, region };
}

type After = { readonly after?: readonly (string | number)[] };

async function allOf<Row>(
  page: (
    after: After,
  ) => Promise<{ readonly rows: readonly Row[]; readonly next?: readonly (string | number)[] }>,
): Promise<readonly Row[]> {
  const all: Row[] = [];
  let next: readonly (string | number)[] | undefined;
  do {
    const found = await page(next ? { after: next } : {});
    all.push(...found.rows);
    next = found.next;
  } while (next);
  return all;
}
