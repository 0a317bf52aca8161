import * as athenaSchemas from '@aws-sdk/client-athena';
import * as glueSchemas from '@aws-sdk/client-glue';
import * as lakeSchemas from '@aws-sdk/client-lakeformation';
import type { BucketView, Objects, OwnedBlob, Vault } from '@helicase/blobs';
import type {
  Clock,
  CustomerKeys,
  Ids,
  Log,
  NarrowCredentials,
  Roles,
  Scope,
  SharedResources,
} from '@helicase/kernel';
import type { Records } from '@helicase/records';
import type { AnyOperation, Authorizer, PageTokens, RawService, Service } from '@helicase/wire';
import { annotationImportOperations } from './annotation-import-job/operations.ts';
import { declareAnnotationStores } from './annotation-store/model.ts';
import { annotationStoreOperations } from './annotation-store/operations.ts';
import { annotationWorkers } from './annotation-store-version/jobs.ts';
import { compactedVersions, declareStoreVersions } from './annotation-store-version/model.ts';
import { storeVersionOperations } from './annotation-store-version/operations.ts';
import { catalogOperations } from './athena/catalog/operations.ts';
import { declareQueryExecutions } from './athena/query-execution/model.ts';
import { queryExecutionOperations } from './athena/query-execution/operations.ts';
import { QueryWorker } from './athena/query-execution/worker.ts';
import { declareNamedQueries } from './athena/named-query/model.ts';
import { namedQueryOperations } from './athena/named-query/operations.ts';
import { declarePreparedStatements } from './athena/prepared-statement/model.ts';
import { preparedStatementOperations } from './athena/prepared-statement/operations.ts';
import { declareWorkGroups } from './athena/work-group/model.ts';
import { workGroupOperations } from './athena/work-group/operations.ts';
import { declareCatalogDatabases, declareTableLinks } from './catalog/links.ts';
import { declareFilters, declareGrants, declareSettings } from './lake-formation/model.ts';
import { tablesView } from './iceberg/bucket-view.ts';
import { metadataMigrations, publishedBlobs } from './iceberg/published.ts';
import { restCatalog } from './iceberg/rest-catalog.ts';
import { forgetWorker } from './compaction/forget.ts';
import { CompactionWorker, importsInto } from './compaction/worker.ts';
import { glueOperations } from './glue/operations.ts';
import { checkCondition } from './lake-formation/check-condition.ts';
import { lakeOperations } from './lake-formation/operations.ts';
import type { ReferenceContigs } from './ports.ts';
import { type AnalyticsQuotas, GUIDE_QUOTAS } from './quotas.ts';
import { referenceUse } from './reference-use.ts';
import { type EngineLimits, SqlEngine } from './sql/engine.ts';
import { OpenFiles } from './sql/open-files.ts';
import { fileMigrations } from './table/file-rows.ts';
import { ownedBlobs } from './table/owned-blobs.ts';
import { snapshotMigrations } from './table/snapshots.ts';
import { importHistory } from './variant-import-job/history.ts';
import { ANNOTATION_IMPORT_KIND, declareImportJobs, IMPORT_KIND } from './variant-import-job/model.ts';
import { importJobOperations } from './variant-import-job/operations.ts';
import { registerImports } from './variant-import-job/queue.ts';
import { ImportWorker } from './variant-import-job/worker.ts';
import { createWorker, deleteWorker } from './variant-store/jobs.ts';
import { compactedStores, declareVariantStores } from './variant-store/model.ts';
import { variantStoreOperations } from './variant-store/operations.ts';

export interface AnalyticsOptions {
  readonly records: Records;
  readonly vault: Vault;
  readonly objects: Objects;
  readonly roles: Roles;
  readonly references: ReferenceContigs;
  readonly customerKeys?: CustomerKeys;
  /** Stores of other accounts that were shared; none where it is absent. */
  readonly shares?: SharedResources;
  /** Asked by the Iceberg catalog, whose protocol is its own. */
  readonly authorizer?: Authorizer;
  /** For the files of one of its tables; its clients read with their own where it is absent. */
  readonly narrowCredentials?: NarrowCredentials;
  readonly pageTokens: PageTokens;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  /** The guide's unless told. */
  readonly quotas?: AnalyticsQuotas;
  /** Of one query; 1 GiB, two threads and 30 minutes unless told. */
  readonly queryLimits?: Partial<EngineLimits>;
}

export interface Analytics {
  /** Entries of the omics service: variant and annotation stores and their imports. */
  readonly operations: readonly AnyOperation[];
  readonly athena: Service;
  readonly glue: Service;
  readonly lakeFormation: Service;
  /** The Iceberg REST catalog, and its files as a bucket. */
  readonly iceberg: { readonly raw: RawService; readonly view: BucketView };
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
  records.migrations([...fileMigrations, ...snapshotMigrations, ...metadataMigrations]);
  const stores = declareVariantStores(records);
  const jobs = declareImportJobs(records);
  const annotationStores = declareAnnotationStores(records);
  const versions = declareStoreVersions(records);
  const annotationJobs = declareImportJobs(records, 'annotation-import-job');
  const queries = declareQueryExecutions(records);
  const workGroups = declareWorkGroups(records);
  const namedQueries = declareNamedQueries(records);
  const prepared = declarePreparedStatements(records);
  const engine = new SqlEngine(options.queryLimits);
  const files = new OpenFiles(vault);
  const lake = {
    grants: declareGrants(records),
    filters: declareFilters(records),
    settings: declareSettings(records),
  };
  const links = { databases: declareCatalogDatabases(records), tableLinks: declareTableLinks(records) };
  const catalog = { records, stores, annotationStores, versions, ...links, ...lake };
  const athena = { queries, workGroups, namedQueries, prepared };
  const { quotas = GUIDE_QUOTAS } = options;
  const lent = { engine, files, references, quotas, blobs: records.blobs };
  const importTables = { [IMPORT_KIND]: jobs, [ANNOTATION_IMPORT_KIND]: annotationJobs };
  const history = importHistory(records, options.clock, importTables);
  const ports = { ...options, ...catalog, ...athena, ...lent, jobs, history };
  const annotationPorts = { ...ports, jobs: annotationJobs };
  const variantTables = compactedStores(stores);
  const annotationTables = compactedVersions(versions, annotationStores);
  const imports = {
    ...{ ...ports, ...importsInto(records, variantTables) },
    fileSize: quotas.variantFileSize,
  };
  const annotationImports = {
    ...{ ...annotationPorts, ...importsInto(records, annotationTables) },
    fileSize: quotas.annotationFileSize,
  };
  records.jobs.register(new CompactionWorker(ports, variantTables));
  records.jobs.register(new CompactionWorker(ports, annotationTables));
  records.jobs.register(forgetWorker(records, options.clock));
  records.jobs.register(createWorker(stores));
  records.jobs.register(deleteWorker(stores, records, vault));
  for (const worker of annotationWorkers(ports)) records.jobs.register(worker);
  const importers = [
    new ImportWorker(IMPORT_KIND, imports, options.clock),
    new ImportWorker(ANNOTATION_IMPORT_KIND, annotationImports, options.clock),
  ];
  registerImports(records, importers, quotas.importJobs);
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
      operations: [
        ...queryExecutionOperations(ports),
        ...workGroupOperations(ports),
        ...namedQueryOperations(ports),
        ...preparedStatementOperations(ports),
        ...catalogOperations(ports),
      ],
    },
    glue: {
      name: 'glue',
      protocol: 'awsJson1_1',
      schemas: glueSchemas,
      operations: glueOperations(ports),
    },
    lakeFormation: {
      name: 'lakeformation',
      protocol: 'restJson1',
      schemas: lakeSchemas,
      operations: lakeOperations({
        ...ports,
        checkCondition: (scope, filter) => checkCondition(ports, scope, filter),
      }),
    },
    iceberg: { raw: restCatalog(ports), view: tablesView(ports) },
    referenceUse: referenceUse(records, stores, annotationStores),
    async *blobs() {
      yield* ownedBlobs(records);
      yield* publishedBlobs(records);
    },
    close: async () => {
      engine.close();
      await files.close();
    },
  };
}
