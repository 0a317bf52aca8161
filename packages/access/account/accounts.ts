import type { Random, Scope } from '@helicase/kernel';
import type { KeyRing } from '@helicase/blobs';
import { holdName, type Records, type Transaction } from '@helicase/records';
import type { AccessKeys } from '../access-key/access-keys.ts';
import { accessTables, type AccessKeyRow } from './tables.ts';

/** An account's root access key. The secret leaves the server once, at first start. */
export interface RootKey {
  readonly accountId: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** Root keys by account: made, seen, disabled and deleted by the operator of the server. */
export interface RootKeys {
  /** Undefined where there is no such account. */
  keysOf(account: string): Promise<readonly AccessKeyRow[] | undefined>;
  /** A further key; undefined where there is no such account. */
  addKey(account: string): Promise<RootKey | undefined>;
  /** False where the account has no such root key. */
  changeKey(account: string, id: string, to: AccessKeyRow['status'] | 'Deleted'): Promise<boolean>;
}

export interface AccountsOptions {
  readonly records: Records;
  readonly keyring: KeyRing;
  readonly random: Random;
  readonly accessKeys: AccessKeys;
}

/** IAM's world has no region. */
export function globalScope(account: string): Scope {
  return { account, region: 'aws-global' };
}

/** Accounts and their root keys. */
export class Accounts implements RootKeys {
  readonly #options: AccountsOptions;

  constructor(options: AccountsOptions) {
    this.#options = options;
  }

  /** The account with a root key: the one given, or the first that exists, or a new one. Idempotent across servers. */
  async ensure(accountId: string | undefined): Promise<RootKey> {
    const { records, keyring } = this.#options;
    const candidate = accountId ?? (await this.#first(records.direct)) ?? this.#newAccountId();
    // Sealed before the transaction, which must not wait for the key ring's own.
    const made = await this.#options.accessKeys.make(candidate, 'root');
    const row = await records.transaction(async (tx) => {
      // One server at a time decides which account is the first.
      await holdName(tx, records.dialect, 'first account');
      const account = accountId ?? (await this.#first(tx)) ?? candidate;
      return (await this.#rootKeyRow(tx, account)) ?? (await this.#insert(tx, candidate, made.row));
    });
    const secretAccessKey = await keyring.openSecret(globalScope(row.account), row.sealed_secret);
    return { accountId: row.account, accessKeyId: row.id, secretAccessKey };
  }

  async list(): Promise<readonly string[]> {
    const rows = await this.#accounts(this.#options.records.direct).execute();
    return rows.map((row) => row.id);
  }

  /** A further account with a root key; its id is chosen where none is given. Undefined where there is one of that id. */
  async create(accountId: string | undefined): Promise<RootKey | undefined> {
    const { accessKeys, records } = this.#options;
    const account = accountId ?? this.#newAccountId();
    const { row, secret } = await accessKeys.make(account, 'root');
    const isNew = await records.transaction(async (tx) => {
      const known = await this.#accounts(tx).where('id', '=', account).executeTakeFirst();
      if (!known) await this.#insert(tx, account, row);
      return !known;
    });
    return isNew ? { accountId: account, accessKeyId: row.id, secretAccessKey: secret } : undefined;
  }

  async keysOf(account: string): Promise<readonly AccessKeyRow[] | undefined> {
    if (!(await this.list()).includes(account)) return undefined;
    return this.#options.accessKeys.of(account, 'root');
  }

  async addKey(account: string): Promise<RootKey | undefined> {
    const { accessKeys, records } = this.#options;
    if (!(await this.list()).includes(account)) return undefined;
    const { row, secret } = await accessKeys.make(account, 'root');
    await accessKeys.insert(records.direct, row);
    return { accountId: account, accessKeyId: row.id, secretAccessKey: secret };
  }

  async changeKey(account: string, id: string, to: AccessKeyRow['status'] | 'Deleted'): Promise<boolean> {
    const { accessKeys } = this.#options;
    const row = await accessKeys.find(id);
    if (row?.account !== account || row.owner !== 'root') return false;
    if (to === 'Deleted') await accessKeys.remove(id);
    else await accessKeys.setStatus(id, to);
    return true;
  }

  #accounts(tx: Transaction) {
    return accessTables(tx).selectFrom('account').select('id').orderBy('created_at').orderBy('id');
  }

  async #first(tx: Transaction): Promise<string | undefined> {
    return (await this.#accounts(tx).limit(1).executeTakeFirst())?.id;
  }

  #newAccountId(): string {
    const number = this.#options.random.bytes(6).readUIntBE(0, 6) % 900_000_000_000;
    return String(100_000_000_000 + number);
  }

  #rootKeyRow(tx: Transaction, account: string): Promise<AccessKeyRow | undefined> {
    return accessTables(tx)
      .selectFrom('access_key')
      .selectAll()
      .where('account', '=', account)
      .where('owner', '=', 'root')
      .where('status', '=', 'Active')
      .orderBy('created_at')
      .executeTakeFirst();
  }

  async #insert(tx: Transaction, account: string, key: AccessKeyRow): Promise<AccessKeyRow> {
    const tables = accessTables(tx);
    await tables
      .insertInto('account')
      .values({ id: account, created_at: key.created_at })
      .onConflict((conflict) => conflict.column('id').doNothing())
      .execute();
    await this.#options.accessKeys.insert(tx, key);
    return key;
  }
}
