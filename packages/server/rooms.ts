import { hkdfSync } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import {
  type Access,
  type AccessAnswer,
  type AccessQuestion,
  createAccess,
  policyFault,
} from '@helicase/access';
import { type Analytics, createAnalytics, type ReferenceContigs } from '@helicase/analytics';
import {
  type BlobStore,
  type BucketView,
  createVault,
  loadRootKey,
  type Objects,
  type OwnedBlob,
  openFolderStore,
  openKeyRing,
  openS3Store,
  type Vault,
} from '@helicase/blobs';
import { createBuckets } from '@helicase/buckets';
import { type Actor, type Clock, type Ids, type Log, type Random } from '@helicase/kernel';
import { createMonitoring, type Monitoring, type StoredBytes, valuesByCode } from '@helicase/monitoring';
import { createRecords, type Records } from '@helicase/records';
import {
  createEngineHost,
  createTaskRunner,
  hostCapacity,
  type ImageSource,
  type LocalBytes,
  type TaskRoute,
  type TaskRunner,
  type TaskRunnerOptions,
} from '@helicase/runtime';
import { createRegistry, type Registry } from '@helicase/registry';
import { createStorage, type OmicsFiles, type References, s3Form, type Storage } from '@helicase/storage';
import {
  createOperationCaller,
  createPageTokens,
  type OperationCaller,
  type OperationConstraints,
  type RawService,
  type Service,
} from '@helicase/wire';
import { createWorkflows, engineEntry, type Workflows } from '@helicase/workflows';
import { authorizedConnections, authorizedFiles, authorizedLogs } from './authorized-ports.ts';
import { engineGroups, makeBackends } from './backends.ts';
import type { Configuration } from './configuration.ts';
import type { DataDirectory } from './data-directory.ts';
import { s3Route } from './s3-route.ts';
import { omicsSchemas } from './newer-omics.ts';
import { holdableLedger, isSweepHeld } from './sweep-hold.ts';

/** Effects of the real world, handed down. */
export interface Effects {
  readonly clock: Clock;
  readonly random: Random;
  readonly ids: Ids;
  readonly log: Log;
}

/** Every room, wired. Nothing is started yet. */
export interface Rooms {
  readonly records: Records;
  readonly store: BlobStore;
  readonly vault: Vault;
  readonly access: Access;
  readonly monitoring: Monitoring;
  readonly registry: Registry;
  readonly storage: Storage;
  readonly workflows: Workflows;
  readonly analytics: Analytics;
  readonly services: readonly Service[];
  readonly raw: readonly RawService[];
  /** Who may do what, as a request would be answered, and which statement decided. */
  explain(question: AccessQuestion): Promise<readonly AccessAnswer[]>;
  /** Every blob that a record of any room points to. */
  ownedBlobs(): AsyncIterable<OwnedBlob>;
}

/** Makes the rooms and hands each the ports it needs. */
export async function makeRooms(
  configuration: Configuration,
  directory: DataDirectory,
  effects: Effects,
): Promise<Rooms> {
  const { clock, random, ids, log } = effects;
  const { database } = configuration;
  const root = await openRootKey(directory, random);
  const records = createRecords({
    ...effects,
    database: database.kind === 'sqlite' ? { kind: 'sqlite', file: directory.database } : database,
  });
  const keyring = openKeyRing({
    ...{ rows: records.keys, root, random },
    // Stores under customers' keys: asked of the room that has those.
    gate: (keyId) => access.checkKey(keyId),
  });
  const store = await openStore(configuration, directory);
  const vault = createVault({
    store,
    ledger: holdableLedger(records.blobs, directory, clock),
    keyring,
    ids,
    scratch: directory.scratch,
    log,
    random,
  });
  const pageTokens = createPageTokens(derivedKey(root, 'page tokens'));
  const common = { records, vault, keyring, pageTokens, clock, ids, random, log };

  const access: Access = createAccess({
    ...common,
    recordKeyUse: (call, outcome) => monitoring.recordKeyUse(call, outcome),
    sharesOfStore: (scope) =>
      monitoring.quotas.ceiling('Maximum number of shares for annotation or variant store')(scope),
  });
  const { roles, authorizer } = access;
  // Stores are shown as buckets, and import from buckets: each is handed the other.
  const stores: BucketView = {
    find: (actor, bucket) => storage.view.find(actor, bucket),
    aliasOf: (arn) => storage.view.aliasOf?.(arn),
    accessed: async (actor, access) => storage.view.accessed?.(actor, access),
  };
  const openTables: BucketView = { find: (actor, bucket) => analytics.iceberg.view.find(actor, bucket) };
  const buckets = createBuckets({
    ...common,
    authorizer,
    policyFault: (text) => policyFault(text, 'resource'),
    objectKeys: access.objectKeys,
    external: configuration.externalBuckets,
    views: [stores, openTables],
  });
  const { objects } = buckets;
  const monitoring: Monitoring = createMonitoring({
    ...{ ...common, authorizer, roles, objects, auditDirectory: directory.audit },
    auditHeld: () => isSweepHeld(directory, clock),
    regions: configuration.regions,
    caller: { call: (actor, request) => caller.call(actor, request) },
    quotaProfile: configuration.quotaProfile,
    quotas: quotasOf(configuration),
    messaging: configuration.messaging,
    stored: () => storedBytes(ownedBlobs()),
  });
  const storage: Storage = createStorage({
    ...common,
    objects,
    roles,
    customerKeys: access.customerKeys,
    nativeCache: directory.native,
    accessLogs: directory.accessLogs,
    jobQuotas: {
      import: monitoring.quotas.named('Concurrent sequence or reference import jobs'),
      export: monitoring.quotas.named('Concurrent sequence or reference export jobs'),
      activation: monitoring.quotas.named('Concurrent activation jobs'),
    },
    storeQuotas: {
      readSets: monitoring.quotas.ceiling('Read sets per sequence store'),
      references: monitoring.quotas.ceiling('References per reference store'),
    },
    archiveAfter: configuration.archiveAfterDays * 24 * 60 * 60 * 1000,
    referenceInUse: (scope, arn) => analytics.referenceUse(scope, arn),
  });
  const omicsFiles = authorizedFiles(storage.files, authorizer);
  const references = referenceContigs(storage.references);
  const analytics: Analytics = createAnalytics({
    ...{ ...common, authorizer, objects, roles, references },
    customerKeys: access.customerKeys,
    shares: access.shares,
    narrowCredentials: access.narrowCredentials,
    quotas: {
      importJobs: monitoring.quotas.named('Concurrent variant or annotation store import jobs'),
      filesPerImport: monitoring.quotas.ceiling('Files per variant store import job'),
      variantFileSize: monitoring.quotas.ceiling('Variant store import job file size (GB)'),
      annotationFileSize: monitoring.quotas.ceiling('Annotation store import file size (GB)'),
      versions: monitoring.quotas.ceiling('Maximum number of annotation store versions'),
    },
  });
  const registry = createRegistry({
    ...{ ...common, authorizer, directory: directory.registry },
    policyFault: (text) => policyFault(text, 'repository'),
    serviceMay: access.serviceMay,
    ...(configuration.registry ? { upstream: configuration.registry } : {}),
  });
  const resolve = (actor: Actor, uri: string) => localBytes(objects, omicsFiles, actor, uri);
  const s3 = s3Route({
    ...{ clock, ids, log, authorizer, s3: buckets.raw, key: derivedKey(root, 'credentials of tasks') },
    observers: monitoring.observers,
    regions: configuration.regions,
  });
  const workflows = createWorkflows({
    ...common,
    objects,
    omicsFiles,
    roles,
    shares: access.shares,
    connections: authorizedConnections(configuration.connections, authorizer),
    logs: authorizedLogs(monitoring.writer, authorizer, log),
    directory: directory.runs,
    taskRunner: openTaskRunner(configuration, directory, effects, {
      ...{ resolve, s3, imageSources: registry.imageSources },
    }),
    engineHost: createEngineHost({ entry: engineEntry, clock, log, ...engineGroups(directory, log) }),
    limits: {
      activeRuns: monitoring.quotas.named('Active workflow runs'),
      keptRuns: monitoring.quotas.named('Number of workflow runs (active or inactive)'),
      runStorage: monitoring.quotas.ceiling('Run storage capacity (GB)'),
      concurrentTasksPerRun: monitoring.quotas.named('Concurrent tasks per run'),
      activeCpus: monitoring.quotas.named('Concurrent active CPUs'),
      runHours: monitoring.quotas.named('Workflow run duration (hours)'),
    },
    subnets: configuration.subnets,
    prices: configuration.prices,
    regions: configuration.regions,
  });

  const omics: Service = {
    name: 'omics',
    protocol: 'restJson1',
    schemas: omicsSchemas(),
    operations: monitoring.limited([
      ...storage.operations,
      ...analytics.operations,
      ...workflows.operations,
      ...monitoring.operations,
      ...access.operations,
    ]),
    constraints: omicsConstraints(),
  };
  const services = [
    omics,
    access.sts,
    access.iam,
    access.kms,
    access.ram,
    access.organizations,
    analytics.athena,
    analytics.glue,
    analytics.lakeFormation,
    monitoring.logs,
    workflows.pricing,
    registry.ecr,
    monitoring.tagging,
    monitoring.cloudTrail,
    monitoring.cloudWatch,
    monitoring.eventBridge,
    monitoring.serviceQuotas,
  ];
  const { observers } = monitoring;
  const caller: OperationCaller = createOperationCaller({ services, authorizer, observers, ids, log });
  async function* ownedBlobs(): AsyncGenerator<OwnedBlob> {
    for (const owner of [storage, analytics, workflows, buckets]) yield* owner.blobs();
  }
  return {
    records,
    store,
    vault,
    access,
    monitoring,
    registry,
    storage,
    workflows,
    analytics,
    services,
    raw: [buckets.raw, analytics.iceberg.raw],
    explain: (question) =>
      access.explain(question, {
        guardOf: (actor, action, arn) => buckets.question(actor, action, arn),
        otherWay: s3Form,
      }),
    ownedBlobs,
  };
}

/** Of blobs that count, by whose they are. */
async function* storedBytes(blobs: AsyncIterable<OwnedBlob>): AsyncGenerator<StoredBytes> {
  for await (const { blob, counts } of blobs) if (counts) yield { ...counts, bytes: blob.size };
}

/** Made where there is no data yet; where there is, another key than the first one would open nothing. */
/** What the operator raised, also by the options that have names of their own. */
function quotasOf({ maxActiveRuns, maxKeptRuns, quotas }: Configuration): Readonly<Record<string, number>> {
  const named = {
    'Active workflow runs': maxActiveRuns,
    'Number of workflow runs (active or inactive)': maxKeptRuns,
  };
  return { ...valuesByCode(named), ...quotas };
}

function openRootKey(directory: DataDirectory, random: Random): Promise<Uint8Array> {
  const mayCreate = !existsSync(directory.database);
  return loadRootKey({ file: directory.rootKey, environment: process.env, random, mayCreate });
}

function openTaskRunner(
  { acceleratorTypes, registries, tasksReachS3 }: Configuration,
  directory: DataDirectory,
  { clock, log }: Effects,
  {
    imageSources,
    resolve,
    s3,
  }: {
    readonly resolve: TaskRunnerOptions['resolve'];
    readonly s3: TaskRoute;
    readonly imageSources: readonly ImageSource[];
  },
): TaskRunner {
  return createTaskRunner({
    backends: makeBackends(directory, { clock, log, registries, imageSources }),
    clock,
    log,
    directory: directory.runs,
    capacity: hostCapacity(acceleratorTypes),
    resolve,
    ...(tasksReachS3 ? { route: { ...s3, programs: directory.native } } : {}),
  });
}

function omicsConstraints(): Readonly<Record<string, OperationConstraints>> {
  const table = readFileSync(new URL('./constraints/omics.json', import.meta.url), 'utf8');
  return JSON.parse(table) as Record<string, OperationConstraints>;
}

export async function openStore(configuration: Configuration, directory: DataDirectory): Promise<BlobStore> {
  const { bytes } = configuration;
  if (bytes.kind === 'folder') return openFolderStore({ directory: directory.blobs });
  return openS3Store(bytes);
}

/** A key of its own for each use of the root key that is not wrapping: the same on every server that has the root key. */
function derivedKey(root: Uint8Array, use: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', root, '', `helicase ${use}`, 32));
}

/** Storage's references as analytics asks for them. */
function referenceContigs(references: References): ReferenceContigs {
  return {
    async find(actor, arn) {
      if (!(await references.find(actor, arn))) return undefined;
      return { contigs: await references.contigs(actor, arn) };
    },
    async materialize(actor, arn) {
      const { path, release } = await references.materialize(actor, arn);
      return { fasta: path, index: `${path}.fai`, release };
    },
  };
}

/** What a task's input URI names: an object of a bucket, or a file of a store. */
function localBytes(objects: Objects, files: OmicsFiles, actor: Actor, uri: string): Promise<LocalBytes> {
  return uri.startsWith('omics://') ? files.materialize(actor, uri) : objects.materialize(actor, uri);
}
