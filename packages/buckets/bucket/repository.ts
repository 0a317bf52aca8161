import { holdName, type Records, type Transaction } from '@helicase/records';
import type { DefaultEncryption } from '../encryption/encryption.ts';
import { type BucketTables, tablesOf } from '../tables.ts';

/** One embedded bucket. Its name is unique in this server, across accounts and regions. */
export interface Bucket {
  readonly name: string;
  readonly account: string;
  readonly region: string;
  /** Milliseconds. */
  readonly createdAt: number;
  /** The bucket policy, a JSON text. */
  readonly policy?: string | undefined;
  readonly encryption?: DefaultEncryption | undefined;
}

export class BucketRepository {
  readonly #records: Records;

  constructor(records: Records) {
    this.#records = records;
  }

  async find(tx: Transaction, name: string): Promise<Bucket | undefined> {
    const row = await tablesOf(tx)
      .selectFrom('bucket')
      .selectAll()
      .where('name', '=', name)
      .executeTakeFirst();
    return row && bucketOf(row);
  }

  async setPolicy(tx: Transaction, name: string, policy: string | null): Promise<void> {
    await tablesOf(tx).updateTable('bucket').set({ policy }).where('name', '=', name).execute();
  }

  async setEncryption(tx: Transaction, name: string, encryption: DefaultEncryption | null): Promise<void> {
    const text = encryption && JSON.stringify(encryption);
    await tablesOf(tx).updateTable('bucket').set({ encryption: text }).where('name', '=', name).execute();
  }

  /** False where the name is taken. */
  async insert(tx: Transaction, bucket: Bucket): Promise<boolean> {
    const { name, account, region, createdAt } = bucket;
    const { numInsertedOrUpdatedRows } = await tablesOf(tx)
      .insertInto('bucket')
      .values({ name, account, region, created_at: createdAt, policy: null, encryption: null })
      .onConflict((conflict) => conflict.column('name').doNothing())
      .executeTakeFirst();
    return numInsertedOrUpdatedRows === 1n;
  }

  async remove(tx: Transaction, name: string): Promise<void> {
    await tablesOf(tx).deleteFrom('bucket').where('name', '=', name).execute();
  }

  /** An account's buckets in all regions, by name. */
  async list(
    tx: Transaction,
    account: string,
    query: { readonly prefix: string; readonly after: string; readonly limit: number },
  ): Promise<readonly Bucket[]> {
    const rows = await tablesOf(tx)
      .selectFrom('bucket')
      .selectAll()
      .where('account', '=', account)
      .where('name', '>', query.after)
      .where('name', '>=', query.prefix)
      .where('name', '<', `${query.prefix}\u{10ffff}`)
      .orderBy('name')
      .limit(query.limit)
      .execute();
    return rows.map(bucketOf);
  }

  /** Keeps the bucket from being deleted until the transaction ends. */
  async hold(tx: Transaction, name: string): Promise<Bucket | undefined> {
    await holdName(tx, this.#records.dialect, `buckets bucket ${name}`, 'shared');
    return this.find(tx, name);
  }

  /** Waits for writers into the bucket, and keeps new ones out until the transaction ends. */
  async seize(tx: Transaction, name: string): Promise<Bucket | undefined> {
    await holdName(tx, this.#records.dialect, `buckets bucket ${name}`);
    return this.find(tx, name);
  }
}

function bucketOf({ created_at, encryption, policy, ...row }: BucketTables['bucket']): Bucket {
  return {
    ...row,
    createdAt: Number(created_at),
    policy: policy ?? undefined,
    ...(encryption ? { encryption: JSON.parse(encryption) as DefaultEncryption } : {}),
  };
}
