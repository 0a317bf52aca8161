import type { Scope } from '@helicase/kernel';
import type { Records } from '@helicase/records';
import { errors } from '../errors.ts';
import { given } from '../given.ts';
import { networkingModeOf, type RunDoc, type RunTable } from './model.ts';
import type { RunRequest } from './newer-members.ts';

/** `runId` names a run to repeat: whatever the request leaves out is as it was there. */
export async function withSourceRun(
  { records, runs }: { readonly records: Records; readonly runs: RunTable },
  input: RunRequest,
  scope: Scope,
): Promise<RunRequest> {
  if (input.runId === undefined) return input;
  const source = await runs.find(records.direct, scope, input.runId);
  if (!source) throw errors.runNotFound({ id: input.runId });
  const another = input.workflowId !== undefined && input.workflowId !== source.doc.workflowId;
  // Another cache has a behavior of its own.
  const { cacheBehavior, ...before } = asRequested(source.doc, another);
  const behavior = input.cacheId === undefined ? given({ cacheBehavior }) : {};
  return { ...before, ...behavior, ...given(input) } as RunRequest;
}

/** The request that the run was started by. Another workflow has versions, profiles and a storage of its own. */
function asRequested(doc: RunDoc, anotherWorkflow: boolean): RunRequest {
  const { logLevel, name, outputUri, priority, retentionMode, roleArn, runGroupId, workflowId } = doc;
  const { cache, configuration, storageCapacity, storageType, workflowOwnerId, workflowVersion } = doc;
  const { engineSettings, scratchStorageMode, sessionPolicy } = doc;
  return {
    ...{ logLevel, outputUri, retentionMode, roleArn, workflowId },
    ...given({ name, priority, runGroupId, cacheId: cache?.id, cacheBehavior: cache?.behavior }),
    ...given({ configurationName: configuration?.name, scratchStorageMode, sessionPolicy }),
    networkingMode: networkingModeOf(doc),
    ...(anotherWorkflow ? {} : { storageType, ...given({ storageCapacity, workflowOwnerId }) }),
    ...(anotherWorkflow ? {} : given({ engineSettings, workflowVersionName: workflowVersion?.name })),
    parameters: { ...doc.parameters } as Required<RunRequest>['parameters'],
  } as RunRequest;
}
