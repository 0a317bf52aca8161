import type { DefaultRunSetting, InlineSetting, StartRunRequest } from '@aws-sdk/client-omics';
import { given } from '../given.ts';

/** The StartRun request that one setting of a batch stands for: the setting's members win, objects are merged. */
export function runRequest(defaults: DefaultRunSetting, setting: Partial<InlineSetting>): StartRunRequest {
  const { outputBucketOwnerId: _, parameters, runTags, ...shared } = defaults;
  const { name, outputUri, priority } = setting;
  return {
    ...shared,
    ...given({ name, outputUri, priority }),
    parameters: { ...(parameters as object), ...(setting.parameters as object) },
    tags: { ...runTags, ...setting.runTags },
  } as StartRunRequest;
}
