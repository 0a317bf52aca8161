import * as schemas from '@aws-sdk/client-resource-groups-tagging-api';
import type {
  FailureInfo,
  GetResourcesInput,
  GetResourcesOutput,
  GetTagKeysInput,
  GetTagKeysOutput,
  GetTagValuesInput,
  GetTagValuesOutput,
  TagResourcesInput,
  TagResourcesOutput,
  UntagResourcesInput,
  UntagResourcesOutput,
} from '@aws-sdk/client-resource-groups-tagging-api';
import { ServiceError, type TaggedResources } from '@helicase/kernel';
import {
  type AnyOperation,
  type Authorizer,
  defineOperation,
  type OperationContext,
  type PageTokens,
  type Service,
} from '@helicase/wire';
import { addTags, removeTags } from './operations.ts';
import { getResources } from './get-resources.ts';
import { getTagKeys, getTagValues } from './tag-names.ts';
import { taggingConstraints } from './tagging-constraints.ts';

export interface TaggingOptions {
  readonly tagged: TaggedResources;
  readonly pageTokens: PageTokens;
  readonly authorizer: Authorizer;
}

/** The Resource Groups Tagging API over everything that carries tags. */
export function taggingService(options: TaggingOptions): Service {
  return {
    name: 'tagging',
    protocol: 'awsJson1_1',
    schemas,
    operations: [
      entry<GetResourcesInput, GetResourcesOutput>('GetResources', true, (input, context) =>
        getResources(options, input, context),
      ),
      entry<GetTagKeysInput, GetTagKeysOutput>('GetTagKeys', true, (input, context) =>
        getTagKeys(options, input, context),
      ),
      entry<GetTagValuesInput, GetTagValuesOutput>('GetTagValues', true, (input, context) =>
        getTagValues(options, input, context),
      ),
      entry<TagResourcesInput, TagResourcesOutput>('TagResources', false, (input, context) =>
        each(options, input.ResourceARNList!, 'omics:TagResource', context, (arn) =>
          addTags(options.tagged, context.scope, arn, input.Tags!),
        ),
      ),
      entry<UntagResourcesInput, UntagResourcesOutput>('UntagResources', false, (input, context) =>
        each(options, input.ResourceARNList!, 'omics:UntagResource', context, (arn) =>
          removeTags(options.tagged, context.scope, arn, input.TagKeys!),
        ),
      ),
    ],
    constraints: taggingConstraints,
  };
}

function entry<Input, Output>(
  name: string,
  readOnly: boolean,
  handler: (input: Input, context: OperationContext) => Promise<Output>,
): AnyOperation {
  const shape = { name, action: `tag:${name}`, resources: () => ['*'], readOnly, quota: 'tagging' };
  return defineOperation<Input, Output>({ ...shape, handler });
}

/** Each ARN for itself: who may not tag one, or names one that is not there, reads so beside it. */
async function each(
  { authorizer }: TaggingOptions,
  arns: readonly string[],
  action: string,
  { principal, scope }: OperationContext,
  act: (arn: string) => Promise<void>,
): Promise<{ FailedResourcesMap: Record<string, FailureInfo> }> {
  const FailedResourcesMap: Record<string, FailureInfo> = {};
  for (const arn of arns) {
    const verdict = await authorizer.authorize({ principal, scope, action, resources: [arn] });
    try {
      if (verdict.allowed) await act(arn);
      else FailedResourcesMap[arn] = failure(403, verdict.message);
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      FailedResourcesMap[arn] = failure(error.status, error.message);
    }
  }
  return { FailedResourcesMap };
}

function failure(StatusCode: number, ErrorMessage: string): FailureInfo {
  return { StatusCode, ErrorCode: 'InvalidParameterException', ErrorMessage };
}
