import type {
  AddTagsRequest,
  ListTagsRequest,
  ListTagsResponse,
  RemoveTagsRequest,
  Tag,
} from '@aws-sdk/client-cloudtrail';
import { type Scope, ServiceError, type TaggedResources, type Tags } from '@helicase/kernel';
import { type AnyOperation, defineOperation } from '@helicase/wire';
import { errors } from '../audit/errors.ts';
import { addTags, removeTags } from '../tag/operations.ts';
import { tagsOfList } from '../tag/tag-rules.ts';
import { trailArn, trailName } from './trail.ts';

/** Tags of trails by CloudTrail's own operations. */
export function trailTagOperations(tagged: TaggedResources): readonly AnyOperation[] {
  const common = { quota: 'cloudtrail' };
  const one = ({ ResourceId }: { ResourceId?: string | undefined }) => [ResourceId!];
  return [
    defineOperation<AddTagsRequest, object>({
      ...{ ...common, name: 'AddTags', action: 'cloudtrail:AddTags', readOnly: false, resources: one },
      handler: ({ ResourceId, TagsList }, { scope }) =>
        inTheirWords(scope, ResourceId!, (arn) => addTags(tagged, scope, arn, tagsOfList(TagsList))),
    }),
    defineOperation<RemoveTagsRequest, object>({
      ...{ ...common, name: 'RemoveTags', action: 'cloudtrail:RemoveTags', readOnly: false, resources: one },
      handler: ({ ResourceId, TagsList }, { scope }) =>
        inTheirWords(scope, ResourceId!, (arn) =>
          removeTags(
            tagged,
            scope,
            arn,
            TagsList!.map(({ Key }) => Key!),
          ),
        ),
    }),
    defineOperation<ListTagsRequest, ListTagsResponse>({
      ...{ ...common, name: 'ListTags', action: 'cloudtrail:ListTags', readOnly: true },
      resources: ({ ResourceIdList }) => ResourceIdList!,
      handler: async ({ ResourceIdList }, { scope }) => ({
        ResourceTagList: await Promise.all(
          ResourceIdList!.map(async (arn) => {
            const tags = await tagged.find(scope, trailArn(scope, trailName(scope, arn)));
            if (!tags) throw errors.noTaggedTrail({ arn });
            const TagsList = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
            return { ResourceId: arn, TagsList };
          }),
        ),
      }),
    }),
  ];
}

/** Throws where a new trail cannot have these tags. */
export function trailTags(list: readonly Tag[] | undefined): Tags {
  try {
    return tagsOfList(list);
  } catch (error) {
    throw inTheirWord(error, '');
  }
}

async function inTheirWords(scope: Scope, arn: string, act: (arn: string) => Promise<void>): Promise<object> {
  try {
    await act(trailArn(scope, trailName(scope, arn)));
    return {};
  } catch (error) {
    throw inTheirWord(error, arn);
  }
}

/** The rules are the same everywhere; each service names the errors in its own way. */
function inTheirWord(error: unknown, arn: string): unknown {
  if (!(error instanceof ServiceError)) return error;
  if (error.key === 'resourceNotFound') return errors.noTaggedTrail({ arn });
  if (error.key === 'tooMany') return errors.tooManyTags({ reason: error.message });
  return error.code === 'ValidationException' ? errors.badTag({ reason: error.message }) : error;
}
