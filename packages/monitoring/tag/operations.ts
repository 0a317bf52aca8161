import type {
  ListTagsForResourceRequest,
  ListTagsForResourceResponse,
  TagResourceRequest,
  UntagResourceRequest,
} from '@aws-sdk/client-omics';
import type { Scope, TaggedResources, Tags } from '@helicase/kernel';
import { type AnyOperation, defineOperation } from '@helicase/wire';
import { errors } from './errors.ts';
import { refuseForbiddenKey, refuseForbiddenTags } from './tag-rules.ts';

/** The three operations of the omics service that tag whatever room's resource by its ARN. */
export function tagOperations(tagged: TaggedResources): readonly AnyOperation[] {
  const resources = ({ resourceArn }: { resourceArn?: string }) => [resourceArn!];
  return [
    defineOperation<ListTagsForResourceRequest, ListTagsForResourceResponse>({
      name: 'ListTagsForResource',
      action: 'omics:ListTagsForResource',
      resources,
      readOnly: true,
      quota: 'tags',
      handler: async (input, { scope }) => {
        const tags = await tagged.find(scope, input.resourceArn!);
        if (!tags) throw errors.resourceNotFound({ arn: input.resourceArn! });
        return { tags: { ...tags } };
      },
    }),
    defineOperation<TagResourceRequest, object>({
      name: 'TagResource',
      action: 'omics:TagResource',
      resources,
      readOnly: false,
      quota: 'tags',
      handler: async (input, { scope }) => {
        await addTags(tagged, scope, input.resourceArn!, input.tags!);
        return {};
      },
    }),
    defineOperation<UntagResourceRequest, object>({
      name: 'UntagResource',
      action: 'omics:UntagResource',
      resources,
      readOnly: false,
      quota: 'tags',
      handler: async (input, { scope }) => {
        await removeTags(tagged, scope, input.resourceArn!, input.tagKeys!);
        return {};
      },
    }),
  ];
}

/** Adds or overwrites. Throws where a tag is forbidden, there would be too many, or the resource is not there. */
export async function addTags(tagged: TaggedResources, scope: Scope, arn: string, tags: Tags): Promise<void> {
  refuseForbiddenTags(tags);
  const found = await tagged.change(scope, arn, (before) => {
    const after = { ...before, ...tags };
    refuseForbiddenTags(after);
    return after;
  });
  if (!found) throw errors.resourceNotFound({ arn });
}

/** Keys that the resource lacks are no error, as with AWS. */
export async function removeTags(
  tagged: TaggedResources,
  scope: Scope,
  arn: string,
  keys: readonly string[],
): Promise<void> {
  keys.forEach(refuseForbiddenKey);
  const found = await tagged.change(scope, arn, (before) =>
    Object.fromEntries(Object.entries(before).filter(([key]) => !keys.includes(key))),
  );
  if (!found) throw errors.resourceNotFound({ arn });
}
