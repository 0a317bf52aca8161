import { creationTime, type Task, taskArn } from '../task/model.ts';
import { usageMetrics } from '../task/task-usage.ts';
import { type Workflow, workflowArn } from '../workflow/model.ts';
import { runCacheArn } from '../run-cache/model.ts';
import { runGroupArn } from '../run-group/model.ts';
import { workflowVersionArn } from '../workflow-version/model.ts';
import { ownerScope } from '../workflow/owner.ts';
import { type Run, runArn, type RunDoc } from './model.ts';
import { storageGiB, toldStorageGiB } from './storage-capacity.ts';

/** The run's document of its manifest stream, with the guide's members. */
export function runManifest(run: Run, workflow: Workflow | undefined): object {
  const { doc, id, scope } = run;
  return {
    arn: runArn(scope, id),
    creationTime: iso(run.createdAt),
    digest: doc.digest,
    engine: workflow?.doc.engine,
    failureReason: doc.failureReason,
    logLevel: doc.logLevel,
    main: workflow?.doc.main,
    metrics: runMetrics(doc),
    name: doc.name,
    outputUri: doc.outputUri,
    runOutputUri: doc.runOutputUri,
    parameters: doc.parameters,
    priority: doc.priority,
    resourceDigests: doc.resourceDigests ?? {},
    retentionMode: doc.retentionMode,
    roleArn: doc.roleArn,
    runGroup: doc.runGroupId === undefined ? undefined : runGroupArn(scope, doc.runGroupId),
    runCache: doc.cache && runCacheArn(scope, doc.cache.id),
    runCacheBehavior: doc.cache?.behavior,
    startedBy: doc.startedBy,
    startTime: iso(doc.startTime),
    status: run.status,
    statusMessage: run.statusMessage,
    stopTime: iso(doc.stopTime),
    storageCapacity: toldStorageGiB(doc),
    storageType: doc.storageType,
    uuid: doc.uuid,
    workflow: workflowArn(ownerScope(scope, doc.workflowOwnerId), doc.workflowId),
    workflowName: doc.workflowName,
    workflowUuid: doc.workflowUuid,
    workflowVersion:
      doc.workflowVersion &&
      workflowVersionArn(ownerScope(scope, doc.workflowOwnerId), doc.workflowId, doc.workflowVersion.name),
    workflowType: 'PRIVATE',
  };
}

/** One task's document. The run analyzer knows COMPLETED, FAILED and CANCELLED. */
export function taskManifest(task: Task): object {
  const { doc, id, scope } = task;
  return {
    arn: taskArn(scope, id),
    cpus: doc.cpus,
    creationTime: iso(creationTime(task)),
    failureReason: doc.failureReason,
    gpus: doc.gpus,
    image: doc.image,
    imageDigest: doc.outcome?.imageDigest,
    cacheHit: doc.cachedAt !== undefined,
    cacheS3Uri: doc.cachedAt,
    instanceType: doc.instanceType,
    memory: doc.memoryGiB,
    metrics: usageMetrics(doc),
    name: doc.name,
    run: runArn(scope, task.parent),
    startTime: iso(doc.startTime),
    status: task.status,
    statusMessage: task.statusMessage,
    stopTime: iso(doc.stopTime),
    uuid: doc.uuid,
  };
}

function runMetrics(doc: RunDoc): object {
  const { storageUsed } = doc;
  return {
    runningSeconds: seconds(doc),
    storageReservedGiB: storageGiB(doc),
    storageMaximumGiB: storageUsed === undefined ? undefined : storageUsed / 1024 ** 3,
  };
}

function seconds({ startTime, stopTime }: { startTime?: number; stopTime?: number }): number | undefined {
  return startTime === undefined || stopTime === undefined ? undefined : (stopTime - startTime) / 1000;
}

/** `2022-08-24T19:53:55.284Z` */
function iso(milliseconds: number | undefined): string | undefined {
  return milliseconds === undefined ? undefined : new Date(milliseconds).toISOString();
}
