import type { Principal } from '@helicase/kernel';
import {
  type FilterDoc,
  type GrantDoc,
  type GrantedResource,
  resourceKey,
  type SettingsDoc,
} from './model.ts';

/** Columns in the rows that meet the condition; in all rows where there is none. */
export interface VisibleCells {
  readonly columns: readonly string[];
  readonly rows: string | undefined;
}

/** What a principal sees of a table: everything, some cells, or only that it is there. */
export type Visibility =
  | { readonly kind: 'all' }
  | { readonly kind: 'cells'; readonly cells: readonly VisibleCells[] }
  | { readonly kind: 'nothing' };

/** A table by all the names that grants may know it by. */
export interface NamedForGrants {
  readonly databases: readonly string[];
  readonly table: string;
  readonly columns: readonly string[];
}

/** What an account has decided. */
export interface LakePolicy {
  readonly settings: SettingsDoc;
  readonly grants: readonly GrantDoc[];
  readonly filters: readonly FilterDoc[];
}

/** A table is hidden (undefined), or seen in part, or whole. The owner's root and its lake's administrators see all. */
export function visibilityOf(
  policy: LakePolicy,
  owner: string,
  principal: Principal,
  table: NamedForGrants,
): Visibility | undefined {
  const names = principalNames(principal);
  const isOwn = principal.account === owner;
  if (isOwn && (principal.kind === 'root' || policy.settings.admins.some((admin) => names.has(admin))))
    return { kind: 'all' };
  if (isOwn && isOpen(policy.settings, table)) return { kind: 'all' };
  const held = policy.grants.filter((grant) => names.has(grant.principal) && concerns(grant.resource, table));
  if (held.length === 0) return undefined;
  const granted = held.filter(selects).flatMap((grant) => cellsOf(grant.resource, table, policy.filters));
  const cells = granted.filter(({ columns }) => columns.length > 0);
  if (cells.length === 0) return { kind: 'nothing' };
  const isWhole = cells.some(
    ({ columns, rows }) => rows === undefined && columns.length === table.columns.length,
  );
  return isWhole ? { kind: 'all' } : { kind: 'cells', cells };
}

/** Names that a grant may call a principal by: its own, its role's, its account's. */
function principalNames(principal: Principal): ReadonlySet<string> {
  const { account, arn, session } = principal;
  return new Set([arn, account, ...(session ? [session.issuer.arn] : [])]);
}

/** Open to whoever IAM lets in, unless the table, or its database, was taken out. */
function isOpen({ open, exceptions }: SettingsDoc, { databases, table }: NamedForGrants): boolean {
  const keys = databases.flatMap((database) => [
    resourceKey({ kind: 'database', database }),
    resourceKey({ kind: 'table', database, table: undefined }),
    resourceKey({ kind: 'table', database, table }),
  ]);
  return keys.some((key) => exceptions.includes(key)) ? !open : open;
}

function concerns(resource: GrantedResource, { databases, table }: NamedForGrants): boolean {
  if (resource.kind === 'catalog') return false;
  if (!databases.includes(resource.database)) return false;
  return resource.kind === 'database' || resource.table === undefined || resource.table === table;
}

function selects({ permissions }: GrantDoc): boolean {
  return permissions.includes('SELECT') || permissions.includes('ALL') || permissions.includes('SUPER');
}

function cellsOf(
  resource: GrantedResource,
  table: NamedForGrants,
  filters: readonly FilterDoc[],
): readonly VisibleCells[] {
  switch (resource.kind) {
    case 'table':
      return [{ columns: table.columns, rows: undefined }];
    case 'columns':
      return [{ columns: chosen(resource.columns, table.columns), rows: undefined }];
    case 'filter': {
      const filter = filters.find(
        ({ database, table: name, name: given }) =>
          table.databases.includes(database) && name === resource.table && given === resource.filter,
      );
      return filter ? [{ columns: chosen(filter.columns, table.columns), rows: filter.rows }] : [];
    }
    // A database's permissions are on itself: its tables are granted for themselves.
    case 'database':
    case 'catalog':
      return [];
  }
}

function chosen(columns: FilterDoc['columns'], all: readonly string[]): readonly string[] {
  return 'only' in columns
    ? all.filter((name) => columns.only.includes(name))
    : all.filter((name) => !columns.allBut.includes(name));
}
