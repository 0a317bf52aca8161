import * as athenaSchemas from '@aws-sdk/client-athena';
import type { Objects, OwnedBlob, Vault } from '@helicase/blobs';
import type { CustomerKeys, Clock, Ids, Log, Roles, Scope } from '@helicase/kernel';
import type { Records } from '@helicase/records';
import type { AnyOperation, PageTokens, Service } from '@helicase/wire';
import { annotationImportOperations } from './annotation-import-job/operations.ts';
import { declareAnnotationStores } from './annotation-store/model.ts';
import { annotationStoreOperations } from './annotation-store/operations.ts';
import { annotationWorkers } from './annotation-store-version/jobs.ts';
import { declareStoreVersions, versionDestination } from './annotation-store-version/model.ts';
import { storeVersionOperations } from './annotation-store-version/operations.ts';
import { catalogOperations } from './athena/catalog/operations.ts';
import { declareQueryExecutions } from './athena/query-execution/model.ts';
import { queryExecutionOperations } from './athena/query-execution/operations.ts';
import { QueryWorker } from './athena/query-execution/worker.ts';
import { workGroupOperations } from './athena/work-group/operations.ts';
import type { ReferenceContigs } from './ports.ts';
import { referenceUse } from './reference-use.ts';
import { type EngineLimits, SqlEngine } from './sql/engine.ts';
import { OpenFiles } from './sql/open-files.ts';
import { fileMigrations } from './table/file-rows.ts';
import { ownedBlobs } from './table/owned-blobs.ts';
import { snapshotMigrations } from './table/snapshots.ts';
import { ANNOTATION_IMPORT_KIND, declareImportJobs, IMPORT_KIND } from './variant-import-job/model.ts';
import { importJobOperations } from './variant-import-job/operations.ts';
import { ImportWorker } from './variant-import-job/worker.ts';
import { createWorker, deleteWorker } from './variant-store/jobs.ts';
import { declareVariantStores, storeDestination } from './variant-store/model.ts';
import { variantStoreOperations } from './variant-store/operations.ts';

export interface AnalyticsOptions {
  readonly records: Records;
  readonly vault: Vault;
  readonly objects: Objects;
  readonly roles: Roles;
  readonly references: ReferenceContigs;
  readonly customerKeys?: CustomerKeys;
  readonly pageTokens: PageTokens;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  /** Of one query; 1 GiB, two threads and 30 minutes unless told. */
  readonly queryLimits?: Partial<EngineLimits>;
}

export interface Analytics {
  /** Entries of the omics service: variant and annotation stores and their imports. */
  readonly operations: readonly AnyOperation[];
  readonly athena: Service;
  /** Which store was made with the reference, in words; undefined where none was. */
  referenceUse(scope: Scope, referenceArn: string): Promise<string | undefined>;
  /** Every blob that a record of this room points to, for fsck. */
  blobs(): AsyncIterable<OwnedBlob>;
  /** Ends the query engines and removes unsealed tables from scratch. After `records.jobs.stop()`. */
  close(): Promise<void>;
}

/** Declares the room's resources, tables and workers: call it before `records.open()`. */
export function createAnalytics(options: AnalyticsOptions): Analytics {
  const { records, vault, references } = options;
  records.migrations([...fileMigrations, ...snapshotMigrations]);
  const stores = declareVariantStores(records);
  const jobs = declareImportJobs(records);
  const annotationStores = declareAnnotationStores(records);
  const versions = declareStoreVersions(records);
  const annotationJobs = declareImportJobs(records, 'annotation-import-job');
  const queries = declareQueryExecutions(records);
  const engine = new SqlEngine(options.queryLimits);
  const files = new OpenFiles(vault);
  const catalog = { records, stores, annotationStores, versions };
  const ports = { ...options, ...catalog, jobs, queries, engine, files, references, blobs: records.blobs };
  const annotationPorts = { ...ports, jobs: annotationJobs };
  const imports = { ...ports, destination: storeDestination(stores) };
  const annotationImports = { ...annotationPorts, destination: versionDestination(versions) };
  records.jobs.register(createWorker(stores));
  records.jobs.register(deleteWorker(stores, records, vault));
  for (const worker of annotationWorkers(ports)) records.jobs.register(worker);
  records.jobs.register(new ImportWorker(IMPORT_KIND, imports, options.clock));
  records.jobs.register(new ImportWorker(ANNOTATION_IMPORT_KIND, annotationImports, options.clock));
  records.jobs.register(new QueryWorker(ports));
  return {
    operations: [
      ...variantStoreOperations(ports),
      ...importJobOperations(ports),
      ...annotationStoreOperations(annotationPorts),
      ...storeVersionOperations(annotationPorts),
      ...annotationImportOperations(annotationPorts),
    ],
    athena: {
      name: 'athena',
      protocol: 'awsJson1_1',
      schemas: athenaSchemas,
      operations: [...queryExecutionOperations(ports), ...workGroupOperations(), ...catalogOperations(ports)],
    },
    referenceUse: referenceUse(records, stores, annotationStores),
    blobs: () => ownedBlobs(records),
    close: async () => {
      engine.close();
      await files.close();
    },
  };
}
