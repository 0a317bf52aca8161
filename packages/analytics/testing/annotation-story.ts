import type {
  CreateAnnotationStoreResponse,
  GetAnnotationImportResponse,
  GetAnnotationStoreResponse,
  GetAnnotationStoreVersionResponse,
} from '@aws-sdk/client-omics';
import { rootPrincipal } from '@helicase/kernel';
import { readFile } from 'node:fs/promises';
import { REFERENCE, ROLE, SCOPE, type TestAnalytics } from './room.ts';

const ENDED = new Set(['COMPLETED', 'COMPLETED_WITH_FAILURES', 'FAILED', 'CANCELLED']);

export async function makeAnnotationStore(
  room: TestAnalytics,
  name: string,
  options: object,
): Promise<CreateAnnotationStoreResponse> {
  const input = { name, reference: { referenceArn: REFERENCE }, ...options };
  const created = await room.call<CreateAnnotationStoreResponse>('CreateAnnotationStore', input);
  await room.until<GetAnnotationStoreResponse>(
    'GetAnnotationStore',
    { name },
    ({ status }) => status === 'ACTIVE',
  );
  return created;
}

export async function makeVersion(
  room: TestAnalytics,
  name: string,
  versionName: string,
  more: object = {},
): Promise<void> {
  await room.call('CreateAnnotationStoreVersion', { name, versionName, ...more });
  await room.until<GetAnnotationStoreVersionResponse>(
    'GetAnnotationStoreVersion',
    { name, versionName },
    ({ status }) => status === 'ACTIVE',
  );
}

/** Puts a local file (by its path) or bytes into a bucket and starts their import. */
export async function startAnnotationImport(
  room: TestAnalytics,
  destinationName: string,
  source: string | Uint8Array,
  more: object = {},
): Promise<string> {
  const actor = { scope: SCOPE, principal: rootPrincipal(SCOPE.account) };
  const bytes = typeof source === 'string' ? await readFile(source) : source;
  await room.objects.put(actor, `s3://bucket/${destinationName}.txt`, bytes);
  const items = [{ source: `s3://bucket/${destinationName}.txt` }];
  const input = { destinationName, roleArn: ROLE, items, ...more };
  const { jobId } = await room.call<{ jobId: string }>('StartAnnotationImportJob', input);
  return jobId;
}

/** The import's end. */
export async function importAnnotations(
  room: TestAnalytics,
  destinationName: string,
  source: string | Uint8Array,
  more: object = {},
): Promise<GetAnnotationImportResponse> {
  const jobId = await startAnnotationImport(room, destinationName, source, more);
  return room.until<GetAnnotationImportResponse>('GetAnnotationImportJob', { jobId }, ({ status }) =>
    ENDED.has(status!),
  );
}

/** `formatOptions` of a TSV import. */
export function tsv(readOptions: object): { readonly formatOptions: object } {
  return { formatOptions: { tsvOptions: { readOptions } } };
}
