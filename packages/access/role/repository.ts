import type { Records, Resource, ResourceTable, Transaction } from '@helicase/records';
import { globalScope } from '../account/accounts.ts';
import { type RoleDoc, roleMachine, type RoleStatus } from './model.ts';

export type RoleRow = Resource<RoleDoc, RoleStatus>;
export type RoleTable = ResourceTable<RoleDoc, RoleStatus, 'name_key', Transaction>;

/** Rows are keyed by the role's unique id; the name, folded to lower case as IAM compares it, is a unique column. */
export function declareRoles(records: Records): RoleTable {
  return records.resource<RoleDoc, RoleStatus, 'name_key'>({
    kind: 'role',
    machine: roleMachine,
    columns: { name_key: (role) => role.name.toLowerCase() },
    unique: ['name_key'],
  });
}

export async function findRole(
  table: RoleTable,
  tx: Transaction,
  account: string,
  name: string,
): Promise<RoleRow | undefined> {
  const page = await table.list(tx, globalScope(account), {
    where: { name_key: name.toLowerCase() },
    limit: 1,
  });
  return page.rows[0];
}
