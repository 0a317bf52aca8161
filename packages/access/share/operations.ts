import type {
  AcceptShareRequest,
  AcceptShareResponse,
  CreateShareRequest,
  CreateShareResponse,
  DeleteShareRequest,
  DeleteShareResponse,
  GetShareRequest,
  GetShareResponse,
  ListSharesRequest,
  ListSharesResponse,
  ShareDetails,
} from '@aws-sdk/client-omics';
import { type AnyOperation, defineOperation, type OperationContext, type PageTokens } from '@helicase/wire';
import type { Share, Shares } from './shares.ts';

export interface ShareOperationsOptions {
  readonly shares: Shares;
  readonly pageTokens: PageTokens;
}

const quota = 'share';
// The service authorization reference knows no resource type of these actions.
const resources = () => ['*'];
const DEFAULT_PAGE = 100;

/** HealthOmics' operations on shares. */
export function shareOperations(options: ShareOperationsOptions): readonly AnyOperation[] {
  const { shares } = options;
  return [
    defineOperation<CreateShareRequest, CreateShareResponse>({
      ...{ name: 'CreateShare', action: 'omics:CreateShare', resources, readOnly: false, quota },
      async handler(input, { scope }) {
        const { resourceArn, principalSubscriber, shareName } = input;
        const share = await shares.create(scope, resourceArn!, principalSubscriber!, shareName);
        return { shareId: share.id, status: share.status, ...(shareName === undefined ? {} : { shareName }) };
      },
    }),
    defineOperation<AcceptShareRequest, AcceptShareResponse>({
      ...{ name: 'AcceptShare', action: 'omics:AcceptShare', resources, readOnly: false, quota },
      handler: async ({ shareId }, context) => ({ status: (await shares.accept(context, shareId!)).status }),
    }),
    defineOperation<GetShareRequest, GetShareResponse>({
      ...{ name: 'GetShare', action: 'omics:GetShare', resources, readOnly: true, quota },
      handler: async ({ shareId }, { scope }) => ({ share: describe(await shares.get(scope, shareId!)) }),
    }),
    defineOperation<ListSharesRequest, ListSharesResponse>({
      ...{ name: 'ListShares', action: 'omics:ListShares', resources, readOnly: true, quota },
      handler: (input, context) => list(options, input, context),
    }),
    defineOperation<DeleteShareRequest, DeleteShareResponse>({
      ...{ name: 'DeleteShare', action: 'omics:DeleteShare', resources, readOnly: false, quota },
      handler: async ({ shareId }, context) => ({ status: (await shares.remove(context, shareId!)).status }),
    }),
  ];
}

async function list(
  { shares, pageTokens }: ShareOperationsOptions,
  { resourceOwner, filter, nextToken, maxResults }: ListSharesRequest,
  { scope }: OperationContext,
): Promise<ListSharesResponse> {
  const binding = { scope, operation: 'ListShares', filter: { resourceOwner, ...filter } };
  const from = nextToken === undefined ? 0 : Number(pageTokens.read(binding, nextToken)[0]);
  const { resourceArns, status, type } = filter ?? {};
  const matching = (await shares.list(scope, resourceOwner as 'SELF' | 'OTHER')).filter(
    (share) =>
      (!resourceArns || resourceArns.includes(share.doc.resourceArn)) &&
      (!status || status.includes(share.status)) &&
      (!type || type.includes(share.doc.type)),
  );
  const until = from + (maxResults ?? DEFAULT_PAGE);
  return {
    shares: matching.slice(from, until).map(describe),
    ...(until < matching.length ? { nextToken: pageTokens.issue(binding, [until]) } : {}),
  };
}

function describe({ id, scope, status, statusMessage, doc, createdAt, updatedAt }: Share): ShareDetails {
  const { name, resourceArn, subscriber } = doc;
  return {
    shareId: id,
    resourceArn,
    resourceId: resourceArn.slice(resourceArn.lastIndexOf('/') + 1),
    principalSubscriber: subscriber,
    ownerId: scope.account,
    status,
    statusMessage: statusMessage ?? '',
    ...(name === undefined ? {} : { shareName: name }),
    creationTime: new Date(createdAt),
    updateTime: new Date(updatedAt),
  };
}
