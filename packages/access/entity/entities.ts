import {
  type Records,
  type Resource,
  type ResourceTable,
  type Transaction,
  UniqueViolation,
} from '@helicase/records';
import { globalScope } from '../account/accounts.ts';
import { errors } from '../errors.ts';
import { entityArn, type EntityDoc, entityMachine, type EntityStatus, type Noun, words } from './model.ts';

export type Row<Doc> = Resource<Doc, EntityStatus>;
type Table<Doc> = ResourceTable<Doc, EntityStatus, 'name_key', Transaction>;

const BATCH = 1000;

/** The users, groups or roles of every account. Keyed by unique id; the name, in lower case as IAM compares it, is unique. */
export class Entities<Doc extends EntityDoc> {
  readonly noun: Noun;
  readonly #records: Records;
  readonly #table: Table<Doc>;
  readonly #changed: (account: string) => void;

  constructor(records: Records, noun: Noun, kind: string, changed: (account: string) => void) {
    this.noun = noun;
    this.#records = records;
    this.#changed = changed;
    this.#table = records.resource<Doc, EntityStatus, 'name_key'>({
      kind,
      machine: entityMachine,
      columns: { name_key: (doc) => doc.name.toLowerCase() },
      unique: ['name_key'],
    });
  }

  arn({ scope, doc }: Row<Doc>): string {
    return entityArn(scope.account, this.noun, doc);
  }

  async find(account: string, name: string, tx = this.#records.direct): Promise<Row<Doc> | undefined> {
    const where = { name_key: name.toLowerCase() };
    const { rows } = await this.#table.list(tx, globalScope(account), { where, limit: 1 });
    return rows[0];
  }

  findById(account: string, id: string): Promise<Row<Doc> | undefined> {
    return this.#table.find(this.#records.direct, globalScope(account), id);
  }

  async get(account: string, name: string, tx = this.#records.direct): Promise<Row<Doc>> {
    const found = await this.find(account, name, tx);
    if (!found) throw errors.entityMissing({ noun: words(this.noun), name, list: `List${this.noun}s` });
    return found;
  }

  /** All of an account, in the order of their creation. */
  async all(account: string, tx = this.#records.direct): Promise<readonly Row<Doc>[]> {
    const rows: Row<Doc>[] = [];
    let after: readonly (string | number)[] | undefined;
    do {
      const query = { limit: BATCH, ...(after ? { after } : {}) };
      const page = await this.#table.list(tx, globalScope(account), query);
      rows.push(...page.rows);
      after = page.next;
    } while (after);
    return rows;
  }

  async insert(account: string, id: string, doc: Doc): Promise<Row<Doc>> {
    try {
      const scope = globalScope(account);
      return await this.#write(account, (tx) => this.#table.insert(tx, { scope, id, status: 'ACTIVE', doc }));
    } catch (error) {
      if (error instanceof UniqueViolation) throw errors.entityExists({ noun: this.noun, name: doc.name });
      throw error;
    }
  }

  /** Keeps it from being removed until the transaction ends; refuses where it is gone. */
  async hold(account: string, { doc: { name }, id }: Row<Doc>, tx: Transaction): Promise<void> {
    if (await this.#table.hold(tx, globalScope(account), id)) return;
    throw errors.entityMissing({ noun: words(this.noun), name, list: `List${this.noun}s` });
  }

  /** Changes what `find` gives; `edit` may throw to refuse, and so may `before`, which the change waits for. */
  async change(
    account: string,
    name: string,
    edit: (doc: Doc) => Doc,
    before?: (tx: Transaction) => Promise<void>,
  ): Promise<Row<Doc>> {
    return this.#write(account, async (tx) => {
      await before?.(tx);
      const { id } = await this.get(account, name, tx);
      return this.#table.update(tx, globalScope(account), id, edit);
    });
  }

  /** `check` may throw to refuse, and runs in the transaction. */
  async remove(
    account: string,
    name: string,
    check: (row: Row<Doc>, tx: Transaction) => void | Promise<void>,
  ): Promise<void> {
    await this.#write(account, async (tx) => {
      const { id } = await this.get(account, name, tx);
      const row = await this.#table.hold(tx, globalScope(account), id);
      await check(row!, tx);
      await this.#table.remove(tx, globalScope(account), id);
    });
  }

  async #write<T>(account: string, work: (tx: Transaction) => Promise<T>): Promise<T> {
    const result = await this.#records.transaction(work);
    this.#changed(account);
    return result;
  }
}
