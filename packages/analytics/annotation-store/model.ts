import { omicsArn, type Scope } from '@helicase/kernel';
import {
  amongNames,
  type Records,
  type Resource,
  type ResourceTable,
  type Transaction,
} from '@helicase/records';
import { GFF_COLUMNS } from '../gff/columns.ts';
import { type Column, VARIANT_COLUMNS } from '../table/columns.ts';
import { type TsvLayout, tsvColumns } from '../tsv/layout.ts';
import { storeEvent, type StoreStatus } from '../variant-store/model.ts';
import { annotationErrors } from './errors.ts';

export type StoreFormat = 'GFF' | 'TSV' | 'VCF';

export interface AnnotationStoreDoc {
  readonly name: string;
  readonly description: string;
  /** Every store has one but those of generic TSV annotations. */
  readonly referenceArn: string | undefined;
  readonly sseConfig: { readonly type: 'KMS'; readonly keyArn?: string } | undefined;
  readonly tags: Readonly<Record<string, string>>;
  readonly format: StoreFormat;
  /** Of a TSV store, and only of it. */
  readonly layout: TsvLayout | undefined;
}

export type AnnotationStore = Resource<AnnotationStoreDoc, StoreStatus>;
export type AnnotationStores = ResourceTable<AnnotationStoreDoc, StoreStatus, 'name', Transaction>;

/** The API allows stores and their versions the same statuses. */
export const STORE_MACHINE = {
  CREATING: {
    ACTIVE: 'created',
    FAILED: 'could not be created',
    DELETING: 'deleted by the user',
  },
  ACTIVE: { UPDATING: 'changed by the user', DELETING: 'deleted by the user' },
  UPDATING: { ACTIVE: 'the change was made' },
  FAILED: { DELETING: 'deleted by the user' },
  DELETING: { FAILED: 'could not be deleted' },
} as const;

export function declareAnnotationStores(records: Records): AnnotationStores {
  return records.resource<AnnotationStoreDoc, StoreStatus, 'name'>({
    kind: 'annotation-store',
    machine: STORE_MACHINE,
    columns: { name: (doc) => doc.name },
    unique: ['name'],
    announced: {
      detailType: 'Annotation Store Status Change',
      arn: ({ scope, doc }) => annotationStoreArn(scope, doc.name),
      detail: ({ id, doc }) => ({ storeId: id, storeName: doc.name }),
      status: storeEvent,
    },
    tagged: {
      type: 'omics:annotationStore',
      arn: ({ scope, doc }) => annotationStoreArn(scope, doc.name),
      among: amongNames(/^annotationStore\/([^/]+)$/),
    },
  });
}

/** The store of this name, which is unique in a scope; an error for the user where there is none. */
export async function annotationStoreNamed(
  stores: AnnotationStores,
  tx: Transaction,
  scope: Scope,
  name: string,
): Promise<AnnotationStore> {
  const { rows } = await stores.list(tx, scope, { where: { name }, limit: 1 });
  if (!rows[0]) throw annotationErrors.storeNotFound({ name, ...scope });
  return rows[0];
}

export function annotationStoreArn(scope: Scope, name: string): string {
  return omicsArn(scope, `annotationStore/${name}`);
}

/** The table's columns, which the format and a TSV's schema make. */
export function annotationColumns(format: StoreFormat, layout: TsvLayout | undefined): readonly Column[] {
  if (format === 'GFF') return GFF_COLUMNS;
  return layout ? tsvColumns(layout) : VARIANT_COLUMNS;
}
