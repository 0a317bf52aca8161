import { given } from '../given.ts';
import type { BatchDefaults, BatchSetting, RunRequest } from '../run/newer-members.ts';

/** The StartRun request that one setting of a batch stands for: the setting's members win, objects are merged. */
export function runRequest(defaults: BatchDefaults, setting: Partial<BatchSetting>): RunRequest {
  const { parameters, runTags, ...shared } = defaults;
  const { engineSettings, name, outputBucketOwnerId, outputUri, priority } = setting;
  return {
    ...shared,
    ...given({ engineSettings, name, outputBucketOwnerId, outputUri, priority }),
    parameters: { ...(parameters as object), ...(setting.parameters as object) },
    tags: { ...runTags, ...setting.runTags },
  } as RunRequest;
}
