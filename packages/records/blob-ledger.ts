import type { Clock, Scope } from '@helicase/kernel';
import type { Kysely } from 'kysely';
import { type Database, tables } from './database.ts';
import { BlobLost } from './errors.ts';
import type { Instances } from './instances.ts';
import type { BlobLedger, Transaction } from './records.ts';
import type { BlobRow, CoreTables } from './schema/tables.ts';

const LISTED_AT_ONCE = 1000;

/** Which blobs are being written, kept and to be swept. */
export class SqlBlobLedger implements BlobLedger {
  readonly #direct: Kysely<CoreTables>;
  readonly #clock: Clock;
  readonly #instances: Instances;

  constructor(database: Database, clock: Clock, instances: Instances) {
    this.#direct = database.direct as unknown as Kysely<CoreTables>;
    this.#clock = clock;
    this.#instances = instances;
  }

  async begin(scope: Scope, blobId: string): Promise<void> {
    await this.#direct
      .insertInto('blob')
      .values({
        id: blobId,
        account: scope.account,
        region: scope.region,
        state: 'writing',
        instance: this.#instances.current,
        created_at: this.#clock.now(),
      })
      .execute();
  }

  async keep(tx: Transaction, blobId: string): Promise<void> {
    const { numUpdatedRows } = await tables<CoreTables>(tx)
      .updateTable('blob')
      .set({ state: 'kept' })
      .where('id', '=', blobId)
      .where('state', '<>', 'released')
      .executeTakeFirst();
    if (numUpdatedRows === 0n) throw new BlobLost(blobId);
  }

  async release(tx: Transaction, blobId: string): Promise<void> {
    await tables<CoreTables>(tx)
      .updateTable('blob')
      .set({ state: 'released' })
      .where('id', '=', blobId)
      .execute();
  }

  async forget(blobId: string): Promise<void> {
    await this.#direct.deleteFrom('blob').where('id', '=', blobId).where('state', '<>', 'kept').execute();
  }

  async garbage(limit: number): Promise<readonly string[]> {
    await this.#releaseOrphans();
    const rows = await this.#direct
      .selectFrom('blob')
      .select('id')
      .where('state', '=', 'released')
      .orderBy('id')
      .limit(limit)
      .execute();
    return rows.map(({ id }) => id);
  }

  async state(blobId: string): Promise<BlobRow['state'] | undefined> {
    const row = await this.#direct
      .selectFrom('blob')
      .select('state')
      .where('id', '=', blobId)
      .executeTakeFirst();
    return row?.state;
  }

  async *kept(): AsyncIterable<string> {
    for (let after = ''; ;) {
      const rows = await this.#direct
        .selectFrom('blob')
        .select('id')
        .where('state', '=', 'kept')
        .where('id', '>', after)
        .orderBy('id')
        .limit(LISTED_AT_ONCE)
        .execute();
      for (const { id } of rows) yield id;
      const last = rows.at(-1);
      if (!last) return;
      after = last.id;
    }
  }

  /** Once released, `keep` refuses: a writer that was only slow cannot point to bytes that are being deleted. */
  async #releaseOrphans(): Promise<void> {
    const orphans = this.#direct
      .selectFrom('blob')
      .select('id')
      .where('state', '=', 'writing')
      .where('instance', 'not in', this.#direct.selectFrom('instance').select('id'));
    if ((await orphans.limit(1).execute()).length === 0) return;
    await this.#direct
      .updateTable('blob')
      .set({ state: 'released' })
      .where('id', 'in', orphans)
      .where('state', '=', 'writing')
      .execute();
  }
}
