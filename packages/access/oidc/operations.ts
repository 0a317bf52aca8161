import type {
  AddClientIDToOpenIDConnectProviderRequest,
  CreateOpenIDConnectProviderRequest,
  RemoveClientIDFromOpenIDConnectProviderRequest,
  UpdateOpenIDConnectProviderThumbprintRequest,
} from '@aws-sdk/client-iam';
import type { AnyOperation } from '@helicase/wire';
import { anyResource, iamEntry } from '../entity/entry.ts';
import { tagList, withTags } from '../entity/tags.ts';
import { errors } from '../errors.ts';
import type { IamPorts } from '../iam-ports.ts';
import { providerArn } from './oidc-providers.ts';

interface ByArn {
  readonly OpenIDConnectProviderArn?: string | undefined;
}
const arnOf = ({ OpenIDConnectProviderArn }: ByArn) => OpenIDConnectProviderArn!;

/** IAM's operations on OpenID Connect providers. */
export function oidcOperations({ oidcProviders, ids }: IamPorts): readonly AnyOperation[] {
  return [
    iamEntry<CreateOpenIDConnectProviderRequest, object>(
      'CreateOpenIDConnectProvider',
      (input, { scope }) =>
        `arn:aws:iam::${scope.account}:oidc-provider/${(input.Url ?? '').replace(/^https?:\/\//, '')}`,
      async (input, { scope }) => {
        const doc = {
          name: nameOf(input.Url),
          url: input.Url!,
          clientIds: input.ClientIDList ?? [],
          thumbprints: input.ThumbprintList ?? [],
          tags: withTags({}, input.Tags),
        };
        const provider = await oidcProviders.insert(scope.account, ids.uuid(), doc);
        return { OpenIDConnectProviderArn: providerArn(provider), Tags: tagList(doc.tags) };
      },
    ),
    iamEntry<ByArn, object>('GetOpenIDConnectProvider', arnOf, async (input, { scope }) => {
      const { doc, createdAt } = await oidcProviders.get(scope.account, arnOf(input));
      return {
        Url: doc.name,
        ClientIDList: doc.clientIds,
        ThumbprintList: doc.thumbprints,
        CreateDate: new Date(createdAt),
        Tags: tagList(doc.tags),
      };
    }),
    iamEntry<object, object>('ListOpenIDConnectProviders', anyResource, async (_, { scope }) => {
      const all = await oidcProviders.all(scope.account);
      return { OpenIDConnectProviderList: all.map((provider) => ({ Arn: providerArn(provider) })) };
    }),
    iamEntry<AddClientIDToOpenIDConnectProviderRequest, object>(
      'AddClientIDToOpenIDConnectProvider',
      arnOf,
      async (input, { scope }) => {
        await oidcProviders.change(scope.account, arnOf(input), (doc) => ({
          ...doc,
          clientIds: [...new Set([...doc.clientIds, input.ClientID!])],
        }));
        return {};
      },
    ),
    iamEntry<RemoveClientIDFromOpenIDConnectProviderRequest, object>(
      'RemoveClientIDFromOpenIDConnectProvider',
      arnOf,
      async (input, { scope }) => {
        await oidcProviders.change(scope.account, arnOf(input), (doc) => ({
          ...doc,
          clientIds: doc.clientIds.filter((id) => id !== input.ClientID),
        }));
        return {};
      },
    ),
    iamEntry<UpdateOpenIDConnectProviderThumbprintRequest, object>(
      'UpdateOpenIDConnectProviderThumbprint',
      arnOf,
      async (input, { scope }) => {
        const thumbprints = input.ThumbprintList ?? [];
        await oidcProviders.change(scope.account, arnOf(input), (doc) => ({ ...doc, thumbprints }));
        return {};
      },
    ),
    iamEntry<ByArn, object>('DeleteOpenIDConnectProvider', arnOf, async (input, { scope }) => {
      await oidcProviders.remove(scope.account, arnOf(input));
      return {};
    }),
  ];
}

/** Keys are fetched over TLS; an issuer on the machine itself may do without. */
function nameOf(url: string | undefined): string {
  const [, scheme, name] = /^(https?):\/\/([^?#]+?)\/?$/.exec(url ?? '') ?? [];
  const isLocal = /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?(\/|$)/.test(name ?? '');
  if (!name || (scheme === 'http' && !isLocal)) throw errors.providerUrl({ url: url ?? '' });
  return name;
}
