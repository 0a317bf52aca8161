import type {
  ListTagsForResourceRequest,
  ListTagsForResourceResponse,
  TagResourceRequest,
  UntagResourceRequest,
} from '@aws-sdk/client-cloudwatch-logs';
import { ServiceError, type TaggedResources, type Tags } from '@helicase/kernel';
import { type AnyOperation, defineOperation } from '@helicase/wire';
import { errors } from '../errors.ts';
import { addTags, removeTags } from '../tag/operations.ts';
import { refuseForbiddenTags } from '../tag/tag-rules.ts';

/** Tags of log groups by CloudWatch Logs' own operations. */
export function groupTagOperations(tagged: TaggedResources): readonly AnyOperation[] {
  const resources = ({ resourceArn }: { resourceArn?: string | undefined }) => [resourceArn!];
  const common = { resources, quota: 'tags' };
  return [
    defineOperation<ListTagsForResourceRequest, ListTagsForResourceResponse>({
      ...{ ...common, name: 'ListTagsForResource', action: 'logs:ListTagsForResource', readOnly: true },
      async handler({ resourceArn }, { scope }) {
        const tags = isGroup(resourceArn!) ? await tagged.find(scope, resourceArn!) : undefined;
        if (!tags) throw errors.noTaggedGroup({ arn: resourceArn! });
        return { tags: { ...tags } };
      },
    }),
    defineOperation<TagResourceRequest, object>({
      ...{ ...common, name: 'TagResource', action: 'logs:TagResource', readOnly: false },
      handler: ({ resourceArn, tags }, { scope }) =>
        inTheirWords(resourceArn!, () => addTags(tagged, scope, resourceArn!, tags!)),
    }),
    defineOperation<UntagResourceRequest, object>({
      ...{ ...common, name: 'UntagResource', action: 'logs:UntagResource', readOnly: false },
      handler: ({ resourceArn, tagKeys }, { scope }) =>
        inTheirWords(resourceArn!, () => removeTags(tagged, scope, resourceArn!, tagKeys!)),
    }),
  ];
}

/** Throws where a new group cannot have these tags. */
export function checkTags(tags: Tags): void {
  try {
    refuseForbiddenTags(tags);
  } catch (error) {
    throw inTheirWord(error, '');
  }
}

function isGroup(arn: string): boolean {
  return /^arn:aws:logs:[^:]*:[^:]*:log-group:/.test(arn);
}

async function inTheirWords(arn: string, act: () => Promise<void>): Promise<object> {
  if (!isGroup(arn)) throw errors.noTaggedGroup({ arn });
  try {
    await act();
    return {};
  } catch (error) {
    throw inTheirWord(error, arn);
  }
}

/** The rules are the same everywhere; each service names the errors in its own way. */
function inTheirWord(error: unknown, arn: string): unknown {
  if (!(error instanceof ServiceError)) return error;
  if (error.key === 'resourceNotFound') return errors.noTaggedGroup({ arn });
  return error.key === 'tooMany'
    ? errors.tooManyTags({ reason: error.message })
    : errors.badTags({ reason: error.message });
}
