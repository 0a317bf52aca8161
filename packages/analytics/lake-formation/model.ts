import type { Records, Resource, ResourceTable, Transaction } from '@helicase/records';

/** What a grant is on. Names are lower case, as the catalog has them. */
export type GrantedResource =
  | { readonly kind: 'catalog' }
  | { readonly kind: 'database'; readonly database: string }
  /** All tables of the database where no table is named. */
  | { readonly kind: 'table'; readonly database: string; readonly table: string | undefined }
  | {
      readonly kind: 'columns';
      readonly database: string;
      readonly table: string;
      /** Those named, or all but those. */
      readonly columns: { readonly only: readonly string[] } | { readonly allBut: readonly string[] };
    }
  | { readonly kind: 'filter'; readonly database: string; readonly table: string; readonly filter: string };

/** One principal's permissions on one resource. */
export interface GrantDoc {
  readonly principal: string;
  readonly resource: GrantedResource;
  /** The resource as text, so that the same grant is found again. */
  readonly key: string;
  readonly permissions: readonly string[];
  readonly grantable: readonly string[];
}

/** Rows and columns of a table under a name. */
export interface FilterDoc {
  readonly database: string;
  readonly table: string;
  readonly name: string;
  /** A condition in SQL; undefined means all rows. */
  readonly rows: string | undefined;
  readonly columns: { readonly only: readonly string[] } | { readonly allBut: readonly string[] };
}

/** One row an account: its id is `settings`. */
export interface SettingsDoc {
  /** ARNs of principals that see and grant everything. */
  readonly admins: readonly string[];
  /** Whether tables are open to whoever IAM lets in, as they are until somebody decides otherwise. */
  readonly open: boolean;
  /** Resources that differ from that: their keys. */
  readonly exceptions: readonly string[];
}

export type Grant = Resource<GrantDoc, 'ACTIVE'>;
export type Grants = ResourceTable<GrantDoc, 'ACTIVE', 'principal' | 'key', Transaction>;
export type Filters = ResourceTable<FilterDoc, 'ACTIVE', never, Transaction>;
export type Settings = ResourceTable<SettingsDoc, 'ACTIVE', never, Transaction>;

export const SETTINGS_ID = 'settings';
export const OPEN: SettingsDoc = { admins: [], open: true, exceptions: [] };
export const ALLOWED_BY_IAM = 'IAM_ALLOWED_PRINCIPALS';

export function declareGrants(records: Records): Grants {
  return records.resource<GrantDoc, 'ACTIVE', 'principal' | 'key'>({
    kind: 'lake-grant',
    machine: { ACTIVE: {} },
    columns: { principal: (doc) => doc.principal, key: (doc) => doc.key },
  });
}

/** A filter's id is its database, table and name. */
export function declareFilters(records: Records): Filters {
  return records.resource<FilterDoc, 'ACTIVE'>({ kind: 'lake-filter', machine: { ACTIVE: {} } });
}

export function declareSettings(records: Records): Settings {
  return records.resource<SettingsDoc, 'ACTIVE'>({ kind: 'lake-settings', machine: { ACTIVE: {} } });
}

export function resourceKey(resource: GrantedResource): string {
  switch (resource.kind) {
    case 'catalog':
      return 'catalog';
    case 'database':
      return `database/${resource.database}`;
    case 'table':
      return `table/${resource.database}/${resource.table ?? '*'}`;
    case 'columns':
      return `columns/${resource.database}/${resource.table}/${JSON.stringify(resource.columns)}`;
    case 'filter':
      return `filter/${resource.database}/${resource.table}/${resource.filter}`;
  }
}
