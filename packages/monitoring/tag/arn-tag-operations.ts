import type {
  ListTagsForResourceRequest,
  ListTagsForResourceResponse,
  TagResourceRequest,
  UntagResourceRequest,
} from '@aws-sdk/client-eventbridge';
import type { TaggedResources } from '@helicase/kernel';
import { type AnyOperation, defineOperation } from '@helicase/wire';
import { errors } from './errors.ts';
import { addTags, removeTags } from './operations.ts';
import { tagsOfList } from './tag-rules.ts';

/** The three operations of a service that tags its resources by `ResourceARN`: EventBridge's and CloudWatch's are alike. */
export function arnTagOperations(
  tagged: TaggedResources,
  service: 'events' | 'cloudwatch',
): readonly AnyOperation[] {
  const resources = ({ ResourceARN }: { ResourceARN?: string | undefined }) => [ResourceARN!];
  const common = { resources, quota: 'tags' };
  const own = (arn: string): string => {
    if (!arn.startsWith(`arn:aws:${service}:`)) throw errors.resourceNotFound({ arn });
    return arn;
  };
  return [
    defineOperation<ListTagsForResourceRequest, ListTagsForResourceResponse>({
      ...{ ...common, name: 'ListTagsForResource', action: `${service}:ListTagsForResource`, readOnly: true },
      async handler({ ResourceARN: arn }, { scope }) {
        const tags = await tagged.find(scope, own(arn!));
        if (!tags) throw errors.resourceNotFound({ arn: arn! });
        return { Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) };
      },
    }),
    defineOperation<TagResourceRequest, object>({
      ...{ ...common, name: 'TagResource', action: `${service}:TagResource`, readOnly: false },
      async handler({ ResourceARN, Tags: given }, { scope }) {
        await addTags(tagged, scope, own(ResourceARN!), tagsOfList(given));
        return {};
      },
    }),
    defineOperation<UntagResourceRequest, object>({
      ...{ ...common, name: 'UntagResource', action: `${service}:UntagResource`, readOnly: false },
      async handler({ ResourceARN, TagKeys }, { scope }) {
        await removeTags(tagged, scope, own(ResourceARN!), TagKeys!);
        return {};
      },
    }),
  ];
}
