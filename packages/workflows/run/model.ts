import { omicsArn, type Scope } from '@helicase/kernel';
import {
  amongIds,
  type Records,
  type Resource,
  type ResourceDefinition,
  type ResourceTable,
  type StateMachine,
  type Transaction,
} from '@helicase/records';
import type { ConfigurationDoc } from '../configuration/model.ts';
import type { CacheBehavior } from '../run-cache/model.ts';
import type { EngineSettings } from './engine-settings.ts';

export type RunStatus =
  'PENDING' | 'STARTING' | 'RUNNING' | 'STOPPING' | 'COMPLETED' | 'FAILED' | 'CANCELLED';

export const runMachine: StateMachine<RunStatus> = {
  PENDING: {
    STARTING: 'a worker took the run',
    CANCELLED: 'cancelled before it started',
    FAILED: 'it could not be started',
  },
  STARTING: {
    RUNNING: 'inputs were found and the engine started',
    STOPPING: 'the user asked to cancel',
    FAILED: 'inputs, role or engine failed',
  },
  RUNNING: {
    COMPLETED: 'outputs are in place',
    STOPPING: 'the user asked to cancel',
    FAILED: 'the workflow failed',
  },
  STOPPING: { CANCELLED: 'its last task ended', FAILED: 'it could not be stopped in order' },
  COMPLETED: {},
  FAILED: {},
  CANCELLED: {},
};

export const unfinishedStatuses: readonly RunStatus[] = ['PENDING', 'STARTING', 'RUNNING', 'STOPPING'];
export const finishedStatuses: readonly RunStatus[] = ['COMPLETED', 'FAILED', 'CANCELLED'];

export function isFinished(status: RunStatus): boolean {
  return finishedStatuses.includes(status);
}

export type RunLogLevel = 'OFF' | 'FATAL' | 'ERROR' | 'ALL';

export interface RunDoc {
  readonly workflowId: string;
  /** The account that shared the workflow; absent: the run's own. */
  readonly workflowOwnerId?: string;
  /** The workflow's version that it runs; absent: the workflow itself, which is the default version. */
  readonly workflowVersion?: { readonly id: string; readonly name: string };
  readonly workflowUuid?: string;
  readonly name?: string;
  readonly uuid: string;
  readonly roleArn: string;
  /** As given. */
  readonly outputUri: string;
  /** The account that the output's bucket must be of, where a batch named one. */
  readonly outputBucketOwnerId?: string;
  /** `<outputUri>/<run id>`, without a slash at its end. */
  readonly runOutputUri: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly runGroupId?: string;
  /** The run that this one repeats. */
  readonly sourceRunId?: string;
  /** The run cache that tasks are taken from and kept in, and which runs' tasks are kept. */
  readonly cache?: { readonly id: string; readonly behavior: CacheBehavior };
  readonly batchId?: string;
  readonly configuration?: { readonly name: string; readonly uuid: string };
  /** Whose network its tasks have, with networkingMode VPC; otherwise they have none. */
  readonly subnetId?: string;
  /** Of its configuration as it was then, which named that network. */
  readonly vpcConfig?: ConfigurationDoc['vpcConfig'];
  readonly priority?: number;
  readonly storageType: 'STATIC' | 'DYNAMIC';
  /** GiB. */
  readonly storageCapacity?: number;
  /** Bytes that its files held at its end, with DYNAMIC storage. */
  readonly storageUsed?: number;
  readonly logLevel: RunLogLevel;
  readonly retentionMode: 'RETAIN' | 'REMOVE';
  /** What the role may do at most in this run, a JSON text. */
  readonly sessionPolicy?: string;
  readonly scratchStorageMode?: 'LOCAL' | 'SHARED';
  readonly engineSettings?: EngineSettings;
  /** Of Nextflow alone. */
  readonly engineVersion?: string;
  readonly accelerators?: 'GPU';
  readonly tags: Readonly<Record<string, string>>;
  /** ARN of the principal. */
  readonly startedBy: string;
  /** The workflow's, at the time of StartRun. */
  readonly digest?: string;
  readonly workflowName?: string;
  /** `etag:…` by URI of the inputs as they were when the run started. */
  readonly resourceDigests?: Readonly<Record<string, string>>;
  /** Milliseconds. */
  readonly startTime?: number;
  readonly stopTime?: number;
  /** One of the guide's failure reasons. */
  readonly failureReason?: string;
}

/** Which registered definition a run evaluates: a workflow's own, or that of one of its versions. */
export interface DefinitionKey {
  readonly kind: 'workflow' | 'version';
  readonly id: string;
}

export function definitionOf({
  workflowId,
  workflowVersion,
}: Pick<RunDoc, 'workflowId' | 'workflowVersion'>): DefinitionKey {
  return workflowVersion ? { kind: 'version', id: workflowVersion.id } : { kind: 'workflow', id: workflowId };
}

/** As runs are found by it. */
export function definitionKeyText({ id, kind }: DefinitionKey): string {
  return `${kind}/${id}`;
}

export type Run = Resource<RunDoc, RunStatus>;
export type RunColumn =
  | 'name'
  | 'workflowId'
  | 'definitionKey'
  | 'runGroupId'
  | 'retentionMode'
  | 'cacheId'
  | 'batchId'
  | 'configurationName';
export type RunTable = ResourceTable<RunDoc, RunStatus, RunColumn, Transaction>;

const definition: ResourceDefinition<RunDoc, RunStatus, RunColumn> = {
  kind: 'run',
  machine: runMachine,
  columns: {
    name: (doc) => doc.name ?? null,
    workflowId: (doc) => doc.workflowId,
    definitionKey: (doc) => definitionKeyText(definitionOf(doc)),
    runGroupId: (doc) => doc.runGroupId ?? null,
    cacheId: (doc) => doc.cache?.id ?? null,
    batchId: (doc) => doc.batchId ?? null,
    configurationName: (doc) => doc.configuration?.name ?? null,
    retentionMode: (doc) => doc.retentionMode,
  },
  announced: {
    detailType: 'Run Status Change',
    arn: ({ scope, id }) => runArn(scope, id),
    detail: ({ doc }) => ({ uuid: doc.uuid, runOutputUri: doc.runOutputUri }),
  },
  tagged: {
    type: 'omics:run',
    arn: ({ scope, id }) => runArn(scope, id),
    among: amongIds(/^run\/([0-9]+)$/),
  },
};

export function runTable(records: Records): RunTable {
  return records.resource(definition);
}

export function runArn(scope: Scope, id: string): string {
  return omicsArn(scope, `run/${id}`);
}

export function networkingModeOf({ subnetId }: Pick<RunDoc, 'subnetId'>): 'RESTRICTED' | 'VPC' {
  return subnetId === undefined ? 'RESTRICTED' : 'VPC';
}
