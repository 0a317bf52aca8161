import type {
  ListTagsForResourceRequest,
  ListTagsForResourceResponse,
  TagResourceRequest,
  UntagResourceRequest,
} from '@aws-sdk/client-ecr';
import { parseArn } from '@helicase/kernel';
import { type AnyOperation, defineOperation } from '@helicase/wire';
import { errors } from '../errors.ts';
import { guardOf, type GuardPorts } from './guard.ts';
import { findRepository, type Repository, requireRepository } from './model.ts';

interface OnArn {
  readonly resourceArn?: string | undefined;
}

export function tagOperations(ports: GuardPorts): readonly AnyOperation[] {
  const { records, repositories } = ports;
  const change = async (found: Repository, tags: Repository['doc']['tags']) => {
    await repositories.update(records.direct, found.scope, found.id, (doc) => ({ ...doc, tags }));
    return {};
  };
  return [
    onArn<TagResourceRequest, object>(ports, 'TagResource', (found, { tags }) => {
      const given = Object.fromEntries((tags ?? []).map(({ Key, Value }) => [Key!, Value ?? '']));
      return change(found, { ...found.doc.tags, ...given });
    }),
    onArn<UntagResourceRequest, object>(ports, 'UntagResource', (found, { tagKeys }) => {
      const rest = Object.entries(found.doc.tags).filter(([key]) => !tagKeys?.includes(key));
      return change(found, Object.fromEntries(rest));
    }),
    onArn<ListTagsForResourceRequest, ListTagsForResourceResponse>(
      ports,
      'ListTagsForResource',
      async ({ doc }) => ({ tags: Object.entries(doc.tags).map(([Key, Value]) => ({ Key, Value })) }),
    ),
  ];
}

function onArn<Input extends OnArn, Output extends object>(
  { records, repositories }: GuardPorts,
  name: string,
  handler: (found: Repository, input: Input) => Promise<Output>,
): AnyOperation {
  return defineOperation<Input, Output>({
    ...{ name, action: `ecr:${name}`, quota: 'ecr', readOnly: name.startsWith('List') },
    resources: ({ resourceArn }) => [resourceArn!],
    guard: async ({ resourceArn }) => {
      const { name: repository, scope } = partsOf(resourceArn!);
      return guardOf(await findRepository(repositories, records.direct, scope, repository));
    },
    handler: async (input) => {
      const { name: repository, scope } = partsOf(input.resourceArn!);
      return handler(await requireRepository(repositories, records.direct, scope, repository), input);
    },
  });
}

function partsOf(arn: string) {
  const { account, region, resource, service } = parseArn(arn) ?? {};
  const name = /^repository\/(.+)$/.exec(resource ?? '')?.[1];
  if (service !== 'ecr' || name === undefined) throw errors.arnMalformed({ arn });
  return { scope: { account: account!, region: region! }, name };
}
