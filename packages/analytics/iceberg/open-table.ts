import type { Scope } from '@helicase/kernel';
import type { VisibleTable } from '../catalog/tables.ts';
import { GENOTYPE_COLUMNS, SITE_COLUMNS } from '../table/columns.ts';
import { type Field, fieldsOf } from '../table/field.ts';
import type { FileKind } from '../table/written-file.ts';

/** A table that readers of an open format see: a store's whole rows, or one side of its cohorts. */
export interface OpenTable {
  readonly owner: Scope;
  /** The id that its files go under. */
  readonly id: string;
  readonly kind: FileKind;
  readonly fields: readonly Field[];
}

const KINDS: readonly FileKind[] = ['rows', 'sites', 'genotypes'];

/** `trio` has the rows that are kept whole, `trio_sites` and `trio_genotypes` the two sides of cohorts. */
export function openTables({ table, owner, id, allColumns }: VisibleTable): ReadonlyMap<string, OpenTable> {
  const columns = { rows: allColumns, sites: SITE_COLUMNS, genotypes: GENOTYPE_COLUMNS };
  return new Map(
    KINDS.map((kind) => [
      kind === 'rows' ? table : `${table}_${kind}`,
      { owner, id, kind, fields: fieldsOf(columns[kind]) },
    ]),
  );
}

/** The bucket under which an account's tables are seen. No bucket of users can have its name: they have no such prefix. */
export function tablesBucket({ account, region }: Scope): string {
  return `helicase-tables-${account}-${region}`;
}

export function tableLocation({ owner, id, kind }: OpenTable): string {
  return `s3://${tablesBucket(owner)}/${tablePrefix({ id, kind })}`;
}

export function tablePrefix({ id, kind }: Pick<OpenTable, 'id' | 'kind'>): string {
  return `${id}/${kind}`;
}
