import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Objects, OwnedBlob, Vault } from '@helicase/blobs';
import type { Clock, Ids, Log, Roles, Scope, SharedResources } from '@helicase/kernel';
import type { Records } from '@helicase/records';
import type { EngineHost, Language, TaskRunner } from '@helicase/runtime';
import type { AnyOperation, PageTokens, Service } from '@helicase/wire';
import { configurationTable } from './configuration/model.ts';
import { configurationOperations } from './configuration/operations.ts';
import { cwlChecker, nextflowChecker, wdlChecker } from './definition/wdl-checker.ts';
import { createExports, type ExportedFile } from './export/exports.ts';
import { defaultLimits, type WorkflowLimits } from './limits.ts';
import type { CodeConnections, DefinitionChecker, OmicsFiles, RunLogs } from './ports.ts';
import type { Subnets } from './network/subnets.ts';
import type { Prices } from './pricing/prices.ts';
import { pricingService } from './pricing/pricing-service.ts';
import { batchItemMigrations } from './run-batch/batch-item.ts';
import { runBatchWorkers } from './run-batch/jobs.ts';
import { runBatchTable } from './run-batch/model.ts';
import { runBatchOperations } from './run-batch/operations.ts';
import { cacheEntryMigrations } from './run-cache/cache-entry.ts';
import { runCacheTable } from './run-cache/model.ts';
import { runCacheOperations } from './run-cache/operations.ts';
import { runGroupTable } from './run-group/model.ts';
import { runGroupOperations } from './run-group/operations.ts';
import { runWorker } from './run/job.ts';
import { isFinished, type RunTable, runTable } from './run/model.ts';
import { runOperations } from './run/operations.ts';
import { removeTree } from './run/remove-tree.ts';
import { parseRunName } from './run/run-paths.ts';
import { type RunTimes, runTimes } from './run/run-times.ts';
import { TaskQueue } from './scheduling/task-queue.ts';
import { liveAttempts } from './task/live-attempts.ts';
import { taskTable } from './task/model.ts';
import { taskOperations } from './task/operations.ts';
import { workflowTable } from './workflow/model.ts';
import { workflowOperations } from './workflow/operations.ts';
import { nothingShared } from './workflow/owner.ts';
import { ownedBlobs } from './workflow/owned-blobs.ts';
import { REGISTER_JOB, REGISTER_VERSION_JOB, registrationWorker } from './workflow/register-job.ts';
import { workflowVersionTable } from './workflow-version/model.ts';
import { workflowVersionOperations } from './workflow-version/operations.ts';

/** What the composition root gives this room. */
export interface WorkflowsOptions {
  readonly records: Records;
  readonly vault: Vault;
  readonly objects: Objects;
  readonly omicsFiles: OmicsFiles;
  readonly roles: Roles;
  /** Workflows of other accounts; nothing is shared unless told. */
  readonly shares?: SharedResources;
  readonly logs: RunLogs;
  /** To Git servers that definitions are taken from; there are none unless told. */
  readonly connections?: CodeConnections;
  /** With the same `directory` as this room. */
  readonly taskRunner: TaskRunner;
  /** Made with this room's `engineEntry`. */
  readonly engineHost: EngineHost;
  /** Languages other than WDL and CWL. */
  readonly checkers?: Partial<Readonly<Record<Language, DefinitionChecker>>>;
  readonly pageTokens: PageTokens;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  /** Runs' private folders. This process's alone. */
  readonly directory: string;
  readonly limits?: Partial<WorkflowLimits>;
  /** Networks of the operator's for runs with networkingMode VPC; there are none unless told. */
  readonly subnets?: Subnets;
  /** What the operator charges; nothing has a price unless told. */
  readonly prices?: Prices;
  /** Regions that prices are listed for. */
  readonly regions?: readonly string[];
}

export interface Workflows {
  /** The Price List Query API over the operator's prices. */
  readonly pricing: Service;
  /** Entries of the `omics` service. */
  readonly operations: readonly AnyOperation[];
  /** Every blob that a record of this room points to, for fsck. */
  blobs(): AsyncIterable<OwnedBlob>;
  /** What a URL below `EXPORTS_PATH` hands out; undefined where it is none, or no longer valid. */
  openExport(account: string, region: string, token: string): Promise<ExportedFile | undefined>;
  /** When a run and each of its tasks began and ended; undefined where there is no such run any more. */
  times(scope: Scope, runId: string): Promise<RunTimes | undefined>;
  /** Before `records.jobs.start()`: removes what dead servers left, warms an engine. */
  start(): Promise<void>;
  /** After `records.jobs.stop()`. */
  stop(): Promise<void>;
}

/** The file that `createEngineHost` starts as a run's engine. */
export const engineEntry: URL = new URL('./engine/main.ts', import.meta.url);

const ownCheckers = {
  WDL: wdlChecker(false),
  WDL_LENIENT: wdlChecker(true),
  CWL: cwlChecker(),
  NEXTFLOW: nextflowChecker(),
};

/** Declares the room's tables and registers its jobs: call it before `records.open()`. */
export function createWorkflows(given: WorkflowsOptions): Workflows {
  const { records } = given;
  const tables = {
    ...given,
    shares: given.shares ?? nothingShared,
    connections: given.connections ?? { use: () => Promise.resolve(undefined) },
    subnets: given.subnets ?? {},
    clones: join(given.directory, 'clones'),
    limits: { ...defaultLimits, ...given.limits },
    checkers: { ...ownCheckers, ...given.checkers },
    workflows: workflowTable(records),
    runs: runTable(records),
    tasks: taskTable(records),
    runGroups: runGroupTable(records),
    workflowVersions: workflowVersionTable(records),
    runCaches: runCacheTable(records),
    configurations: configurationTable(records),
    runBatches: runBatchTable(records),
  };
  const { capacity } = given.taskRunner;
  const taskQueue = new TaskQueue({
    ...{ clock: given.clock, capacity, limits: tables.limits },
    refusal: (resources) => given.taskRunner.refusal(resources),
  });
  const options = { ...tables, taskQueue, exports: createExports(tables) };
  records.migrations([...batchItemMigrations, ...cacheEntryMigrations]);
  const stopping = new AbortController();
  let sweeping: Promise<void> | undefined;
  const { workflowVersions, workflows } = options;
  records.jobs.register(registrationWorker(REGISTER_JOB, { ...options, table: workflows }));
  records.jobs.register(registrationWorker(REGISTER_VERSION_JOB, { ...options, table: workflowVersions }));
  records.jobs.register(runWorker(options));
  for (const worker of runBatchWorkers(options)) records.jobs.register(worker);
  const { pageTokens, prices = {}, regions = [] } = given;
  return {
    pricing: pricingService({ prices, regions, pageTokens }),
    operations: [
      ...workflowOperations(options),
      ...workflowVersionOperations(options),
      ...runOperations(options),
      ...taskOperations(options),
      ...runGroupOperations(options),
      ...runBatchOperations(options),
      ...runCacheOperations(options),
      ...configurationOperations(options),
    ],
    blobs: () => ownedBlobs(options),
    times: (scope, runId) => runTimes(options, scope, runId),
    openExport: (account, region, token) => options.exports.open(account, region, token),
    async start() {
      const live = await liveAttempts(options);
      await given.taskRunner.cleanUp((attemptId) => live.has(attemptId));
      await given.engineHost.cleanUp();
      await removeTree(options.clones, given.log);
      await removeLeftovers(options);
      sweeping = sweep(options, stopping.signal);
    },
    async stop() {
      stopping.abort();
      await sweeping;
      await given.engineHost.close();
    },
  };
}

interface Leftovers {
  readonly directory: string;
  readonly records: Records;
  readonly runs: RunTable;
  readonly taskRunner: TaskRunner;
  readonly clock: Clock;
  readonly log: Log;
}

/** Milliseconds between looks at what other servers, or nobody, ended. */
const SWEEP_INTERVAL = 10_000;

/**
 * A run that began here may end elsewhere: another server took it over, or it was cancelled while nobody worked on it.
 * Its containers and its folder here go then.
 */
async function sweep(options: Leftovers, stopping: AbortSignal): Promise<void> {
  const { clock, log } = options;
  while (!stopping.aborted) {
    await clock.sleep(SWEEP_INTERVAL, stopping).catch(() => {});
    if (stopping.aborted) return;
    await removeLeftovers(options).catch((error: unknown) => {
      log.warn({ error }, 'what ended runs left could not be removed');
    });
  }
}

/** Folders of runs that have ended or are gone; those of unfinished runs hold recorded tasks' outputs. */
async function removeLeftovers({ directory, log, records, runs, taskRunner }: Leftovers): Promise<void> {
  for (const name of await readdir(directory).catch(() => [])) {
    const parsed = parseRunName(name);
    if (!parsed) continue;
    const run = await runs.find(records.direct, parsed.scope, parsed.runId);
    if (run && !isFinished(run.status)) continue;
    await taskRunner.discard(name);
    await removeTree(join(directory, name), log);
  }
}
