import type { FileType } from '@aws-sdk/client-omics';
import type { ResourceDefinition } from '@helicase/records';
import { type ImportItem, type ImportJobDoc, importMachine, type ImportStatus } from '../import-job/model.ts';

export interface ReadSetImportItem extends ImportItem {
  readonly sourceFiles: { readonly source1: string; readonly source2?: string };
  readonly sourceFileType: FileType;
  readonly subjectId: string;
  readonly sampleId: string;
  readonly generatedFrom?: string;
  readonly referenceArn?: string;
  readonly name?: string;
  readonly description?: string;
  readonly tags: Readonly<Record<string, string>>;
}

export const readSetImportKind: ResourceDefinition<ImportJobDoc<ReadSetImportItem>, ImportStatus> = {
  kind: 'read-set-import-job',
  machine: importMachine,
};
