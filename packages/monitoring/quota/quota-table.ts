import { createHash } from 'node:crypto';

/** A line of the guide's tables, "Quotas for AWS HealthOmics". */
export interface Quota {
  /** Stable and our own: the guide does not give AWS's. */
  readonly code: string;
  readonly name: string;
  readonly value: number;
  readonly adjustable: boolean;
  /** Present where the quota is a rate: requests per second that these operations share in an account and Region. */
  readonly operations?: readonly string[];
}

export const QUOTAS: readonly Quota[] = [
  count('Sequence stores', 20),
  count('Reference stores', 1, false),
  count('Read sets per sequence store', 1_000_000),
  count('References per reference store', 50),
  count('Concurrent sequence or reference import jobs', 5),
  count('Concurrent sequence or reference export jobs', 5),
  count('Read sets per activation job', 20, false),
  count('Concurrent activation jobs', 25),
  count('Read set sources per import job', 100, false),
  count('Read sets per export job', 100, false),
  count('Max part size for a direct upload (MiB)', 100, false),
  count('Max parts in file for direct upload', 10_000, false),
  rate(1, 'CreateSequenceStore', 'CreateReferenceStore', 'DeleteSequenceStore', 'DeleteReferenceStore'),
  rate(5, 'GetSequenceStore', 'ListSequenceStores'),
  rate(30, 'GetReadSet'),
  rate(5, 'GetReadSetMetadata', 'ListReadSets'),
  rate(1, 'BatchDeleteReadSet'),
  rate(5, 'StartReadSetImportJob', 'GetReadSetImportJob', 'ListReadSetImportJobs'),
  rate(5, 'StartReadSetExportJob', 'GetReadSetExportJob', 'ListReadSetExportJobs'),
  rate(5, 'GetReferenceStore', 'ListReferenceStores'),
  rate(5, 'StartReferenceImportJob', 'GetReferenceImportJob', 'ListReferenceImportJobs'),
  rate(5, 'ListReferences', 'GetReferenceMetadata'),
  rate(1, 'DeleteReference'),
  rate(1, 'StartReadSetActivationJob'),
  rate(5, 'ListReadSetActivationJobs', 'GetReadSetActivationJob'),
  rate(10, 'GetReference'),
  fixedRate(
    1,
    'CreateMultipartReadSetUpload',
    'CompleteMultipartReadSetUpload',
    'AbortMultipartReadSetUpload',
  ),
  rate(10, 'UploadReadSetPart'),
  rate(5, 'ListMultipartReadSetUploads', 'ListReadSetUploadParts'),
  rate(5, 'TagResource', 'UntagResource', 'ListTagsForResource'),
  count('Variant stores', 10),
  count('Annotation stores', 10),
  count('Concurrent variant or annotation store import jobs', 5),
  count('Files per variant store import job', 1000),
  count('Files per annotation store import job', 1, false),
  count('Variant store import job file size (GB)', 20),
  count('Annotation store import file size (GB)', 20),
  count('Maximum number of annotation store versions', 10),
  count('Maximum number of shares for annotation or variant store', 10),
  fixedRate(
    1,
    'CreateVariantStore',
    'DeleteVariantStore',
    'GetVariantStore',
    'ListVariantStores',
    'UpdateVariantStore',
  ),
  fixedRate(
    1,
    'StartVariantImportJob',
    'CancelVariantImportJob',
    'GetVariantImportJob',
    'ListVariantImportJobs',
  ),
  fixedRate(
    1,
    'CreateAnnotationStore',
    'DeleteAnnotationStore',
    'GetAnnotationStore',
    'ListAnnotationStores',
    'UpdateAnnotationStore',
  ),
  fixedRate(
    1,
    'StartAnnotationImportJob',
    'ListAnnotationImportJobs',
    'GetAnnotationImportJob',
    'CancelAnnotationImportJob',
  ),
  count('Number of workflows', 100),
  count('Number of workflow runs (active or inactive)', 5000),
  count('Number of run groups', 10),
  count('Active workflow runs', 10),
  count('Concurrent tasks per run', 25),
  count('Concurrent active CPUs', 3000),
  count('Workflow run duration (hours)', 168),
  count('Run storage capacity (GB)', 9600),
  rate(0.1, 'StartRun'),
  rate(5, 'CreateWorkflow'),
  rate(10, 'CancelRun', 'DeleteRun', 'GetRun', 'GetRunTask', 'ListRunTasks', 'ListRuns'),
  rate(10, 'CreateRunGroup', 'DeleteRunGroup', 'GetRunGroup', 'ListRunGroups', 'UpdateRunGroup'),
  rate(10, 'DeleteWorkflow', 'GetWorkflow', 'ListWorkflows', 'UpdateWorkflow'),
];

const BY_OPERATION = new Map(
  QUOTAS.flatMap((quota) => (quota.operations ?? []).map((name) => [name, quota] as const)),
);

/** The rate that an omics operation counts towards. */
export function rateOf(operation: string): Quota | undefined {
  return BY_OPERATION.get(operation);
}

/** The quota of this name in the guide's tables. */
export function quotaNamed(name: string): Quota {
  const found = QUOTAS.find((quota) => quota.name === name);
  if (!found) throw new Error(`The guide has no quota ${name}`);
  return found;
}

/** Values of quotas by their codes. */
export function valuesByCode(byName: Readonly<Record<string, number>>): Readonly<Record<string, number>> {
  return Object.fromEntries(Object.entries(byName).map(([name, value]) => [quotaNamed(name).code, value]));
}

function count(name: string, value: number, adjustable = true): Quota {
  return { code: codeOf(name), name, value, adjustable };
}

function rate(value: number, ...operations: readonly string[]): Quota {
  const name = `Rate of ${operations.join(', ')}`;
  return { code: codeOf(name), name, value, adjustable: true, operations };
}

function fixedRate(value: number, ...operations: readonly string[]): Quota {
  return { ...rate(value, ...operations), adjustable: false };
}

function codeOf(name: string): string {
  return `L-${createHash('sha256').update(name).digest('hex').slice(0, 8).toUpperCase()}`;
}
