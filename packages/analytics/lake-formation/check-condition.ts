import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Vault } from '@helicase/blobs';
import type { Scope } from '@helicase/kernel';
import { type TablePorts, tablesOf } from '../catalog/tables.ts';
import type { SqlEngine } from '../sql/engine.ts';
import { lakeErrors } from './errors.ts';
import type { FilterDoc } from './model.ts';

/** A minute is more than an empty table takes. */
const PATIENCE = 60_000;

/** Tries a filter on an empty table of the columns of its own: what cannot be enforced is refused when it is made. */
export async function checkCondition(
  ports: TablePorts & { readonly vault: Vault; readonly engine: SqlEngine },
  scope: Scope,
  { database, table, rows }: FilterDoc,
): Promise<void> {
  const found = (await tablesOf(ports, scope)).find(
    (each) => each.databases.includes(database) && each.table === table,
  );
  if (!found) throw lakeErrors.tableNotFound({ database, table });
  if (rows === undefined) return;
  const scratch = await ports.vault.reserveScratch('filter');
  try {
    const directory = scratch.path;
    await mkdir(directory, { mode: 0o700 });
    const columns = found.columns.map(({ name }) => name);
    const cells = [{ columns, rows }];
    const reply = await ports.engine.run(
      {
        ...{ sql: 'SELECT count(*) FROM filtered', database: undefined, explain: false },
        tables: [{ database: 'filter', table: 'filtered', columns }],
        resultPath: join(directory, 'result'),
        spillDirectory: directory,
        files: async () => ({ 0: { parts: [], columns: found.columns, cells } }),
      },
      AbortSignal.timeout(PATIENCE),
    );
    if (reply.outcome === 'failed') throw lakeErrors.badCondition({ condition: rows, reason: reply.message });
  } finally {
    await scratch.release();
  }
}
