import { sql } from 'kysely';
import { type Migration, tables } from '@helicase/records';
import { errors } from '../errors.ts';
import type { ReadSetDoc } from '../read-set/model.ts';
import type { ReadSetRow } from '../read-set/operations.ts';
import type { Room } from '../room.ts';
import { filesOf } from '../stored-file.ts';
import { touchReadSet } from '../tiering/idle.ts';
import type { AccessPoint } from './access-point.ts';
import type { Shelf, ShownFile } from './view.ts';

type Tags = readonly (readonly [string, string])[];

/** A sequence store's ACTIVE read sets: others cannot be read at an S3 URI (the guide, the same chapter). */
export function readSetShelf(room: Room, { scope, store }: AccessPoint): Shelf {
  const { records, tables: rows } = room;
  const findRow = async (id: string): Promise<ReadSetRow | undefined> => {
    const row = await rows.readSets.find(records.direct, scope, id);
    return row?.parent === store ? row : undefined;
  };
  return {
    async find(id, name) {
      const row = await findRow(id);
      const file = row && filesOf(row.doc.files).find((one) => one.name === name);
      if (!row || !file) return undefined;
      if (row.status === 'ARCHIVED' || row.status === 'ACTIVATING')
        throw errors.archivedObject({ id, status: row.status });
      if (row.status !== 'ACTIVE') return undefined;
      await touchReadSet(records.direct, scope, id, room.clock.now());
      const tags = await tagsOf(room, row);
      return { id, file, modifiedAt: modifiedAt(row.doc, row.createdAt), tags };
    },
    async tagsOf(id) {
      const row = await findRow(id);
      return row ? tagsOf(room, row) : [];
    },
    async list(fromId, limit) {
      const found: ShownFile[] = [];
      const page = await activeFrom(room, { scope, store, fromId, limit });
      for (const { id, createdAt, doc } of page)
        for (const file of filesOf(doc.files))
          found.push({ id, file, modifiedAt: modifiedAt(doc, createdAt) });
      return found;
    },
  };
}

/** Its files change when it is activated, and never else. */
function modifiedAt(doc: ReadSetDoc, createdAt: number): number {
  return doc.restoredAt ?? createdAt;
}

/** `omics:subjectId`, `omics:sampleId`, and those of the read set's tags that the store propagates. */
async function tagsOf(room: Room, row: ReadSetRow): Promise<Tags> {
  const { doc, scope, parent } = row;
  const store = await room.tables.sequenceStores.find(room.records.direct, scope, parent);
  const propagated = (store?.doc.propagatedSetLevelTags ?? []).flatMap((key) => {
    const value = doc.tags[key];
    return value === undefined ? [] : [[key, value] as const];
  });
  return [['omics:subjectId', doc.subjectId], ['omics:sampleId', doc.sampleId], ...propagated];
}

interface ReadSetTable {
  read_set: {
    account: string;
    region: string;
    id: string;
    parent: string;
    status: string;
    created_at: number;
    doc: string;
  };
}

/** In the order of S3's keys. */
export const shelfMigration: Migration = {
  name: '2026-11-25-read-sets-by-key',
  async up(db) {
    await db.schema
      .createIndex('read_set_by_key')
      .on('read_set')
      .columns(['account', 'region', 'parent', 'id'])
      .execute();
  },
};

interface Page {
  readonly scope: AccessPoint['scope'];
  readonly store: string;
  readonly fromId: string;
  readonly limit: number;
}

/** By id, as S3 lists keys; the resource table's own lists go by time. */
async function activeFrom(room: Room, { scope, store, fromId, limit }: Page) {
  const rows = await tables<ReadSetTable>(room.records.direct)
    .selectFrom('read_set')
    .select(['id', 'created_at', 'doc'])
    .where('account', '=', scope.account)
    .where('region', '=', scope.region)
    .where('parent', '=', store)
    // Not by the index on the status, whose order is another.
    .where(sql<string>`status || ''`, '=', 'ACTIVE')
    .where('id', '>=', fromId)
    .orderBy('id')
    .limit(limit)
    .execute();
  return rows.map((row) => ({
    id: row.id,
    createdAt: Number(row.created_at),
    doc: JSON.parse(row.doc) as ReadSetDoc,
  }));
}
