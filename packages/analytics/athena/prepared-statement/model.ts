import type { Scope } from '@helicase/kernel';
import type { Records, Resource, ResourceTable, Transaction } from '@helicase/records';

/** A statement with `?` for values, kept in a work group, which is its parent. */
export interface PreparedStatementDoc {
  readonly name: string;
  readonly description: string;
  readonly query: string;
}

export type PreparedStatement = Resource<PreparedStatementDoc, 'ACTIVE'>;
export type PreparedStatements = ResourceTable<PreparedStatementDoc, 'ACTIVE', 'name', Transaction>;

export function declarePreparedStatements(records: Records): PreparedStatements {
  return records.resource<PreparedStatementDoc, 'ACTIVE', 'name'>({
    kind: 'prepared-statement',
    machine: { ACTIVE: {} },
    columns: { name: (doc) => doc.name },
    unique: ['name'],
  });
}

export async function findPrepared(
  prepared: PreparedStatements,
  tx: Transaction,
  scope: Scope,
  workGroup: string,
  name: string,
): Promise<PreparedStatement | undefined> {
  const { rows } = await prepared.list(tx, scope, { parent: workGroup, where: { name }, limit: 1 });
  return rows[0];
}
