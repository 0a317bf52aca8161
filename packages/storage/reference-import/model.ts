import { omicsArn } from '@helicase/kernel';
import type { ResourceDefinition } from '@helicase/records';
import { type ImportItem, type ImportJobDoc, importMachine, type ImportStatus } from '../import-job/model.ts';

export interface ReferenceImportItem extends ImportItem {
  readonly sourceFile: string;
  readonly name: string;
  readonly description?: string;
  readonly tags: Readonly<Record<string, string>>;
}

export const referenceImportKind: ResourceDefinition<ImportJobDoc<ReferenceImportItem>, ImportStatus> = {
  kind: 'reference-import-job',
  machine: importMachine,
  announced: {
    detailType: 'Reference Import Job Status Change',
    arn: ({ scope, parent, id }) => omicsArn(scope, `referenceStore/${parent}/importJob/${id}`),
    detail: ({ parent, id }) => ({ referenceStoreId: parent, id }),
  },
};
