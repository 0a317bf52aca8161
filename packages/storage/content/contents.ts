import type { BlobRef } from '@helicase/blobs';
import type { Scope } from '@helicase/kernel';
import { type Migration, tables, type Transaction } from '@helicase/records';
import type { Room } from '../room.ts';
import { filesOf, type StoredFile } from '../stored-file.ts';

interface ContentTables {
  /** One blob of a sequence store that `uses` files share: whoever imports the same bytes again gets this one. */
  stored_content: {
    account: string;
    region: string;
    store: string;
    digest: string;
    blob: string;
    uses: number;
  };
}

export const contentMigration: Migration = {
  name: '2026-11-25-stored-content',
  async up(db) {
    await db.schema
      .createTable('stored_content')
      .addColumn('account', 'text', (column) => column.notNull())
      .addColumn('region', 'text', (column) => column.notNull())
      .addColumn('store', 'text', (column) => column.notNull())
      .addColumn('digest', 'text', (column) => column.notNull())
      .addColumn('blob', 'text', (column) => column.notNull())
      .addColumn('uses', 'integer', (column) => column.notNull())
      .addPrimaryKeyConstraint('stored_content_key', ['account', 'region', 'store', 'digest'])
      .execute();
  },
};

/**
 * Keeps the files' blobs in the transaction that points to them; answers the files to point to. A content that the
 * store has already is not kept a second time: its blob is shared, and the new one goes with the next sweep.
 */
export async function keepFiles<Files extends object>(
  room: Room,
  tx: Transaction,
  store: { readonly scope: Scope; readonly id: string },
  files: Files,
): Promise<Files> {
  const kept: Record<string, StoredFile> = {};
  for (const [name, file] of Object.entries(files) as [string, StoredFile | undefined][]) {
    if (file) kept[name] = await keepFile(room, tx, store, file);
  }
  return kept as Files;
}

async function keepFile(
  room: Room,
  tx: Transaction,
  store: { readonly scope: Scope; readonly id: string },
  file: StoredFile,
): Promise<StoredFile> {
  const { blobs } = room.records;
  if (file.head) await blobs.keep(tx, file.head.id);
  if (file.content === undefined) {
    await blobs.keep(tx, file.blob.id);
    return file;
  }
  const blob = await share(tx, store, file.content, file.blob);
  if (blob.id === file.blob.id) await blobs.keep(tx, blob.id);
  else await blobs.release(tx, file.blob.id);
  return { ...file, blob };
}

/** Lets the files go in the transaction that removes what points to them. */
export async function releaseFiles(
  room: Room,
  tx: Transaction,
  store: { readonly scope: Scope; readonly id: string },
  files: object,
): Promise<void> {
  const { blobs } = room.records;
  for (const { head, blob, content } of filesOf(files)) {
    if (head) await blobs.release(tx, head.id);
    if (content === undefined || (await unshare(tx, store, content))) await blobs.release(tx, blob.id);
  }
}

/** Ids of the blobs that more than one file points to. */
export async function contentsInCommon(tx: Transaction): Promise<ReadonlySet<string>> {
  const rows = await tables<ContentTables>(tx)
    .selectFrom('stored_content')
    .where('uses', '>', 1)
    .select('blob')
    .execute();
  return new Set(rows.map(({ blob }) => (JSON.parse(blob) as BlobRef).id));
}

/** One statement, so that two imports of the same bytes at once agree on one blob. */
async function share(
  tx: Transaction,
  { scope, id }: { readonly scope: Scope; readonly id: string },
  digest: string,
  blob: BlobRef,
): Promise<BlobRef> {
  const row = await tables<ContentTables>(tx)
    .insertInto('stored_content')
    .values({
      account: scope.account,
      region: scope.region,
      store: id,
      digest,
      blob: JSON.stringify(blob),
      uses: 1,
    })
    .onConflict((conflict) =>
      conflict
        .columns(['account', 'region', 'store', 'digest'])
        .doUpdateSet((eb) => ({ uses: eb('stored_content.uses', '+', 1) })),
    )
    .returning('blob')
    .executeTakeFirstOrThrow();
  return JSON.parse(row.blob) as BlobRef;
}

/** True where nobody uses the content any more. */
async function unshare(
  tx: Transaction,
  { scope, id }: { readonly scope: Scope; readonly id: string },
  digest: string,
): Promise<boolean> {
  const sql = tables<ContentTables>(tx);
  const { uses } = await sql
    .updateTable('stored_content')
    .set((eb) => ({ uses: eb('uses', '-', 1) }))
    .where('account', '=', scope.account)
    .where('region', '=', scope.region)
    .where('store', '=', id)
    .where('digest', '=', digest)
    .returning('uses')
    .executeTakeFirstOrThrow();
  if (uses > 0) return false;
  await sql
    .deleteFrom('stored_content')
    .where('account', '=', scope.account)
    .where('region', '=', scope.region)
    .where('store', '=', id)
    .where('digest', '=', digest)
    .execute();
  return true;
}
