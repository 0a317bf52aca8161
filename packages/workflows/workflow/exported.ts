import type { WorkflowExport } from '@aws-sdk/client-omics';
import type { OperationContext } from '@helicase/wire';
import type { Exports } from '../export/exports.ts';
import type { DefinitionKey } from '../run/model.ts';
import type { WorkflowDoc } from './model.ts';

/** The answer's `definition` and `readme`: URLs of what `export` asks for and is there. */
export function exported(
  { exports }: { readonly exports: Exports },
  { endpoint, scope }: OperationContext,
  key: DefinitionKey,
  doc: WorkflowDoc,
  asked: readonly WorkflowExport[] = [],
): { readonly definition?: string; readonly readme?: string } {
  const url = (part: 'definition' | 'readme') => exports.url(endpoint ?? '', scope, key, part);
  return {
    ...(asked.includes('DEFINITION') && doc.definition && { definition: url('definition') }),
    ...(asked.includes('README') && doc.readme && { readme: url('readme') }),
  };
}
