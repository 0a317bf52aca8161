import type { Kysely } from 'kysely';
import type { Database } from './database.ts';
import type { KeyRows } from './records.ts';
import type { CoreTables } from './schema/tables.ts';

interface WrappedKey {
  readonly wrapped: Uint8Array;
  readonly parent: string;
}

/** Wrapped keys by id. The first one saved wins, so that servers that make the same key at once agree on one. */
export class SqlKeyRows implements KeyRows {
  readonly #direct: Kysely<CoreTables>;

  constructor(database: Database) {
    this.#direct = database.direct as unknown as Kysely<CoreTables>;
  }

  async load(keyId: string): Promise<WrappedKey | undefined> {
    return this.#direct
      .selectFrom('wrapped_key')
      .select(['wrapped', 'parent'])
      .where('id', '=', keyId)
      .executeTakeFirst();
  }

  async save(keyId: string, row: WrappedKey): Promise<WrappedKey> {
    await this.#direct
      .insertInto('wrapped_key')
      .values({ id: keyId, wrapped: row.wrapped, parent: row.parent })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    const stored = await this.load(keyId);
    if (!stored) throw new Error(`Key ${keyId} was saved and is not there`);
    return stored;
  }
}
