import {
  type Clock,
  type Ids,
  type Principal,
  type Random,
  rootPrincipal,
  type Scope,
} from '@helicase/kernel';
import type { KeyRing } from '@helicase/blobs';
import { sql } from 'kysely';
import type { Records, Transaction } from '@helicase/records';
import type { Credentials } from '@helicase/wire';
import { accessTables, type AccessKeyRow } from './tables.ts';

/** An account's root access key. The secret leaves the server once, at first start. */
export interface RootKey {
  readonly accountId: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

export interface AccountsOptions {
  readonly records: Records;
  readonly keyring: KeyRing;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly random: Random;
}

type Known = { readonly secretAccessKey: string; readonly principal: Principal };

/** How long another server's change to a key may go unseen. */
const CACHE_MILLISECONDS = 5_000;

/** IAM's world has no region. */
export function globalScope(account: string): Scope {
  return { account, region: 'aws-global' };
}

/** Accounts and their access keys. */
export class Accounts implements Credentials {
  readonly #options: AccountsOptions;
  readonly #cache = new Map<string, { readonly known: Known; readonly until: number }>();

  constructor(options: AccountsOptions) {
    this.#options = options;
  }

  /** The account with a root key: the one given, or the first that exists, or a new one. Idempotent across servers. */
  async ensure(accountId: string | undefined): Promise<RootKey> {
    const { records, keyring } = this.#options;
    const candidate = accountId ?? (await this.#first(records.direct)) ?? this.#newAccountId();
    // Sealed before the transaction, which must not wait for the key ring's own.
    const made = await this.#makeKey(candidate);
    const row = await records.transaction(async (tx) => {
      await holdFirstStart(tx, records.dialect);
      const account = accountId ?? (await this.#first(tx)) ?? candidate;
      return (await this.#rootKeyRow(tx, account)) ?? (await this.#insert(tx, candidate, made));
    });
    const secretAccessKey = await keyring.openSecret(globalScope(row.account), row.sealed_secret);
    return { accountId: row.account, accessKeyId: row.id, secretAccessKey };
  }

  async list(): Promise<readonly string[]> {
    const rows = await this.#accounts(this.#options.records.direct).execute();
    return rows.map((row) => row.id);
  }

  async find(accessKeyId: string): Promise<Known | undefined> {
    const now = this.#options.clock.now();
    const cached = this.#cache.get(accessKeyId);
    if (cached && cached.until > now) return cached.known;
    this.#cache.delete(accessKeyId);
    const row = await accessTables(this.#options.records.direct)
      .selectFrom('access_key')
      .selectAll()
      .where('id', '=', accessKeyId)
      .executeTakeFirst();
    if (!row || row.status !== 'Active') return undefined;
    const secretAccessKey = await this.#options.keyring.openSecret(
      globalScope(row.account),
      row.sealed_secret,
    );
    const known = { secretAccessKey, principal: rootPrincipal(row.account) };
    this.#cache.set(accessKeyId, { known, until: now + CACHE_MILLISECONDS });
    return known;
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

  async #makeKey(account: string): Promise<AccessKeyRow> {
    const { clock, ids, keyring, random } = this.#options;
    const secret = random.bytes(30).toString('base64'); // 40 characters, as AWS's are
    return {
      id: ids.iam('AKIA', 16),
      account,
      owner: 'root',
      sealed_secret: await keyring.sealSecret(globalScope(account), secret),
      status: 'Active',
      created_at: clock.now(),
    };
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
    await tables.insertInto('access_key').values(key).execute();
    return key;
  }
}

/** One server at a time decides which account is the first. SQLite has one writer anyway. */
async function holdFirstStart(tx: Transaction, dialect: Records['dialect']): Promise<void> {
  if (dialect !== 'postgres') return;
  await sql`select pg_advisory_xact_lock(hashtext('helicase first account'))`.execute(tx.sql);
}
