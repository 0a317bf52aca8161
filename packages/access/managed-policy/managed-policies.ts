import { parseArn } from '@helicase/kernel';
import type { Records, Resource, ResourceTable, Transaction } from '@helicase/records';
import { UniqueViolation } from '@helicase/records';
import { globalScope } from '../account/accounts.ts';
import { entityMachine, type EntityStatus } from '../entity/model.ts';
import { errors } from '../errors.ts';
import { awsManagedPolicies } from './aws-managed.ts';

export interface PolicyVersion {
  /** `v1`. */
  readonly id: string;
  readonly document: string;
  readonly createdAt: number;
}

export interface ManagedPolicyDoc {
  readonly name: string;
  readonly path: string;
  readonly description: string | undefined;
  /** At most five, oldest first. */
  readonly versions: readonly PolicyVersion[];
  readonly defaultVersion: string;
  /** Version numbers are never used twice. */
  readonly lastNumber: number;
  readonly tags: Readonly<Record<string, string>>;
}

/** A policy that can be attached: the account's own, or one of AWS's. */
export interface ManagedPolicy {
  readonly arn: string;
  readonly id: string;
  readonly isAws: boolean;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly doc: ManagedPolicyDoc;
}

type Row = Resource<ManagedPolicyDoc, EntityStatus>;
type Table = ResourceTable<ManagedPolicyDoc, EntityStatus, 'name_key', Transaction>;

const AWS_SINCE = Date.UTC(2022, 10, 29);
const BATCH = 1000;

const awsPolicies: ReadonlyMap<string, ManagedPolicy> = new Map(
  awsManagedPolicies.map(({ name, path, description, document }, index) => {
    const arn = `arn:aws:iam::aws:policy${path}${name}`;
    const version = { id: 'v1', document: JSON.stringify(document), createdAt: AWS_SINCE };
    const doc = {
      ...{ name, path, description, versions: [version], defaultVersion: 'v1' },
      ...{ lastNumber: 1, tags: {} },
    };
    const id = `ANPAHELICASE${String(index).padStart(9, '2').replace(/[018]/g, 'A')}`;
    return [arn, { arn, id, isAws: true, createdAt: AWS_SINCE, updatedAt: AWS_SINCE, doc }];
  }),
);

/** Managed policies of every account, and AWS's, which nobody changes. */
export class ManagedPolicies {
  readonly #records: Records;
  readonly #table: Table;
  readonly #changed: (account: string) => void;

  constructor(records: Records, changed: (account: string) => void) {
    this.#records = records;
    this.#changed = changed;
    this.#table = records.resource<ManagedPolicyDoc, EntityStatus, 'name_key'>({
      kind: 'iam-policy',
      machine: entityMachine,
      columns: { name_key: (doc) => doc.name.toLowerCase() },
      unique: ['name_key'],
    });
  }

  async find(account: string, arn: string, tx = this.#records.direct): Promise<ManagedPolicy | undefined> {
    const known = awsPolicies.get(arn);
    if (known) return known;
    if (parseArn(arn)?.account !== account) return undefined;
    const where = { name_key: arn.slice(arn.lastIndexOf('/') + 1).toLowerCase() };
    const { rows } = await this.#table.list(tx, globalScope(account), { where, limit: 1 });
    const found = rows[0] && describe(rows[0]);
    return found?.arn === arn ? found : undefined;
  }

  async get(account: string, arn: string, tx = this.#records.direct): Promise<ManagedPolicy> {
    const found = await this.find(account, arn, tx);
    if (!found) throw errors.managedMissing({ policy: arn });
    return found;
  }

  /** The account's own, then AWS's. */
  async all(account: string): Promise<readonly ManagedPolicy[]> {
    const rows: Row[] = [];
    let after: readonly (string | number)[] | undefined;
    do {
      const query = { limit: BATCH, ...(after ? { after } : {}) };
      const page = await this.#table.list(this.#records.direct, globalScope(account), query);
      rows.push(...page.rows);
      after = page.next;
    } while (after);
    return [...rows.map(describe), ...awsPolicies.values()];
  }

  async insert(account: string, id: string, doc: ManagedPolicyDoc): Promise<ManagedPolicy> {
    try {
      const scope = globalScope(account);
      return describe(await this.#table.insert(this.#records.direct, { scope, id, status: 'ACTIVE', doc }));
    } catch (error) {
      if (error instanceof UniqueViolation) throw errors.managedExists({ name: doc.name });
      throw error;
    }
  }

  /** Of the account's own; AWS's are refused. `edit` may throw to refuse. */
  async change(
    account: string,
    arn: string,
    edit: (doc: ManagedPolicyDoc) => ManagedPolicyDoc,
  ): Promise<ManagedPolicy> {
    const row = await this.#records.transaction(async (tx) => {
      const { id } = await this.#own(account, arn, tx);
      return this.#table.update(tx, globalScope(account), id, edit);
    });
    this.#changed(account);
    return describe(row);
  }

  async remove(account: string, arn: string, check: (policy: ManagedPolicy) => Promise<void>): Promise<void> {
    await this.#records.transaction(async (tx) => {
      const policy = await this.#own(account, arn, tx);
      await check(policy);
      await this.#table.remove(tx, globalScope(account), policy.id);
    });
    this.#changed(account);
  }

  async #own(account: string, arn: string, tx: Transaction): Promise<ManagedPolicy> {
    const policy = await this.get(account, arn, tx);
    if (policy.isAws) throw errors.awsManaged({ policy: arn });
    return policy;
  }
}

export function defaultDocument({ doc }: ManagedPolicy): string {
  return doc.versions.find(({ id }) => id === doc.defaultVersion)!.document;
}

function describe({ id, scope, createdAt, updatedAt, doc }: Row): ManagedPolicy {
  const arn = `arn:aws:iam::${scope.account}:policy${doc.path}${doc.name}`;
  return { arn, id, isAws: false, createdAt, updatedAt, doc };
}
