import type { ReferenceRow } from '../reference/operations.ts';
import type { Room } from '../room.ts';
import { filesOf } from '../stored-file.ts';
import type { AccessPoint } from './access-point.ts';
import type { Shelf } from './view.ts';

/** References per page of a look through the store; its quota is 50. */
const PAGE = 100;

/** A reference store's references: FASTA, its indexes and its sequence dictionary. */
export function referenceShelf(room: Room, { scope, store }: AccessPoint): Shelf {
  const { references } = room.tables;
  const { direct } = room.records;
  const shown = (row: ReferenceRow) =>
    filesOf(row.doc.files).map((file) => ({ id: row.id, file, modifiedAt: row.createdAt }));
  return {
    async find(id, name) {
      const row = await references.find(direct, scope, id);
      const found = row?.parent === store ? shown(row).find(({ file }) => file.name === name) : undefined;
      return found && { ...found, tags: [] };
    },
    tagsOf: async () => [],
    async list(fromId) {
      const rows: ReferenceRow[] = [];
      for (let after: readonly (string | number)[] | undefined; ;) {
        const page = await references.list(direct, scope, {
          parent: store,
          limit: PAGE,
          ...(after ? { after } : {}),
        });
        rows.push(...page.rows);
        after = page.next;
        if (!after) break;
      }
      return rows
        .filter(({ id }) => id >= fromId)
        .sort((a, b) => (a.id < b.id ? -1 : 1))
        .flatMap(shown);
    },
  };
}
