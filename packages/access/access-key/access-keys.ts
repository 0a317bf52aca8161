import type { Clock, Ids, Random } from '@helicase/kernel';
import type { KeyRing } from '@helicase/blobs';
import type { Records, Transaction } from '@helicase/records';
import { globalScope } from '../account/accounts.ts';
import { type AccessKeyRow, accessTables } from '../account/tables.ts';

export interface AccessKeysOptions {
  readonly records: Records;
  readonly keyring: KeyRing;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly random: Random;
}

/** A key with its secret: the secret leaves the server once, when it is made. */
export interface NewAccessKey {
  readonly row: AccessKeyRow;
  readonly secret: string;
}

/** How long another server's change to a key may go unseen. */
const CACHE_MILLISECONDS = 5_000;
/** Last use is kept to the minute, so that a busy key costs one write a minute. */
const USE_MILLISECONDS = 60_000;

type Opened = { readonly row: AccessKeyRow; readonly secret: string };

/** Long-term access keys of root and users. Found by id alone, before anything is known of the account. */
export class AccessKeys {
  readonly #options: AccessKeysOptions;
  readonly #opened = new Map<string, { readonly key: Opened; readonly until: number }>();
  readonly #usedAt = new Map<string, number>();

  constructor(options: AccessKeysOptions) {
    this.#options = options;
  }

  /** Sealed, not stored yet: a transaction must not wait for the key ring's own. */
  async make(account: string, owner: string): Promise<NewAccessKey> {
    const { clock, ids, keyring, random } = this.#options;
    const secret = random.bytes(30).toString('base64'); // 40 characters, as AWS's are
    const sealed_secret = await keyring.sealSecret(globalScope(account), secret);
    const created_at = clock.now();
    return {
      row: { id: ids.iam('AKIA', 16), account, owner, sealed_secret, status: 'Active', created_at },
      secret,
    };
  }

  async insert(tx: Transaction, row: AccessKeyRow): Promise<void> {
    await accessTables(tx).insertInto('access_key').values(row).execute();
  }

  /** The keys of `root` or of a user, by the owner's id. */
  of(account: string, owner: string, tx = this.#options.records.direct): Promise<readonly AccessKeyRow[]> {
    return accessTables(tx)
      .selectFrom('access_key')
      .selectAll()
      .where('account', '=', account)
      .where('owner', '=', owner)
      .orderBy('created_at')
      .execute();
  }

  async find(id: string): Promise<AccessKeyRow | undefined> {
    const { direct } = this.#options.records;
    return accessTables(direct).selectFrom('access_key').selectAll().where('id', '=', id).executeTakeFirst();
  }

  /** The active key with its secret. */
  async open(id: string): Promise<Opened | undefined> {
    const now = this.#options.clock.now();
    const cached = this.#opened.get(id);
    if (cached && cached.until > now) return cached.key;
    this.#opened.delete(id);
    const row = await this.find(id);
    if (!row || row.status !== 'Active') return undefined;
    const secret = await this.#options.keyring.openSecret(globalScope(row.account), row.sealed_secret);
    const key = { row, secret };
    this.#opened.set(id, { key, until: now + CACHE_MILLISECONDS });
    return key;
  }

  async setStatus(id: string, status: AccessKeyRow['status']): Promise<void> {
    const { direct } = this.#options.records;
    await accessTables(direct).updateTable('access_key').set({ status }).where('id', '=', id).execute();
    this.#opened.delete(id);
  }

  async remove(id: string): Promise<void> {
    const { direct } = this.#options.records;
    await accessTables(direct).deleteFrom('access_key').where('id', '=', id).execute();
    this.#opened.delete(id);
  }

  async used(id: string, service: string, region: string): Promise<void> {
    const now = this.#options.clock.now();
    if (now - (this.#usedAt.get(id) ?? 0) < USE_MILLISECONDS) return;
    this.#usedAt.set(id, now);
    await accessTables(this.#options.records.direct)
      .updateTable('access_key')
      .set({ last_used_at: now, last_used_service: service, last_used_region: region })
      .where('id', '=', id)
      .execute();
  }
}
