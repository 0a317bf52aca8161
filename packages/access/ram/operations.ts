import type {
  AcceptResourceShareInvitationRequest,
  AcceptResourceShareInvitationResponse,
  GetResourceShareInvitationsRequest,
  GetResourceShareInvitationsResponse,
  ResourceShareInvitation,
} from '@aws-sdk/client-ram';
import { type Actor, parseArn, type Scope } from '@helicase/kernel';
import { type AnyOperation, defineOperation, type OperationContext, type PageTokens } from '@helicase/wire';
import type { ShareStatus } from '../share/model.ts';
import type { Share, Shares } from '../share/shares.ts';
import { ramErrors as errors } from './errors.ts';

export interface RamPorts {
  readonly shares: Shares;
  readonly pageTokens: PageTokens;
}

/** RAM has an invitation for each store that another account shares with this one; what is over has none. */
const INVITATION: Readonly<Partial<Record<ShareStatus, 'PENDING' | 'ACCEPTED'>>> = {
  PENDING: 'PENDING',
  ACTIVATING: 'ACCEPTED',
  ACTIVE: 'ACCEPTED',
};
const DEFAULT_PAGE = 100;
const quota = 'ram';

/** The operations of Resource Access Manager that the guide has store owners and subscribers call. */
export function ramOperations(ports: RamPorts): readonly AnyOperation[] {
  return [
    defineOperation<GetResourceShareInvitationsRequest, GetResourceShareInvitationsResponse>({
      name: 'GetResourceShareInvitations',
      action: 'ram:GetResourceShareInvitations',
      resources: () => ['*'],
      readOnly: true,
      quota,
      handler: (input, context) => list(ports, input, context),
    }),
    defineOperation<AcceptResourceShareInvitationRequest, AcceptResourceShareInvitationResponse>({
      name: 'AcceptResourceShareInvitation',
      action: 'ram:AcceptResourceShareInvitation',
      resources: ({ resourceShareInvitationArn }) => [resourceShareInvitationArn!],
      // Its ARN has the sender's account; whether it is accepted is the receiver's to say.
      guard: async (_, { scope }) => ({ owner: scope.account }),
      readOnly: false,
      quota,
      handler: ({ resourceShareInvitationArn: arn }, context) => accept(ports, arn!, context),
    }),
  ];
}

async function list(
  { shares, pageTokens }: RamPorts,
  input: GetResourceShareInvitationsRequest,
  { scope }: OperationContext,
): Promise<GetResourceShareInvitationsResponse> {
  const { resourceShareArns, resourceShareInvitationArns, maxResults, nextToken } = input;
  const filter = { resourceShareArns, resourceShareInvitationArns };
  const binding = { scope, operation: 'GetResourceShareInvitations', filter };
  const from = nextToken === undefined ? 0 : Number(pageTokens.read(binding, nextToken)[0]);
  const all = (await invited(shares, scope))
    .map(describe)
    .filter(
      ({ resourceShareArn, resourceShareInvitationArn }) =>
        (!resourceShareArns || resourceShareArns.includes(resourceShareArn!)) &&
        (!resourceShareInvitationArns || resourceShareInvitationArns.includes(resourceShareInvitationArn!)),
    );
  const until = from + (maxResults ?? DEFAULT_PAGE);
  return {
    resourceShareInvitations: all.slice(from, until),
    ...(until < all.length ? { nextToken: pageTokens.issue(binding, [until]) } : {}),
  };
}

/** Workflows are shared without RAM. */
async function invited(shares: Shares, scope: Scope): Promise<readonly Share[]> {
  const offered = await shares.list(scope, 'OTHER');
  return offered.filter(({ doc, status }) => doc.type !== 'WORKFLOW' && INVITATION[status] !== undefined);
}

/** Accepts the share that the invitation stands for, as AcceptShare does. */
async function accept(
  { shares }: RamPorts,
  arn: string,
  actor: Actor,
): Promise<AcceptResourceShareInvitationResponse> {
  const [, id] = /^resource-share-invitation\/(.+)$/.exec(parseArn(arn)?.resource ?? '') ?? [];
  if (id === undefined || parseArn(arn)?.service !== 'ram') throw errors.malformedArn({ arn });
  const share = (await invited(shares, actor.scope)).find((one) => one.id === id);
  if (!share || invitationArn(share) !== arn) throw errors.missing({ arn });
  if (share.status !== 'PENDING') throw errors.accepted({ arn });
  return { resourceShareInvitation: describe(await shares.accept(actor, id)) };
}

function invitationArn(share: Share): string {
  return shareArn(share).replace(':resource-share/', ':resource-share-invitation/');
}

function shareArn({ id, scope }: Share): string {
  return `arn:aws:ram:${scope.region}:${scope.account}:resource-share/${id}`;
}

function describe(share: Share): ResourceShareInvitation {
  const { createdAt, doc, id, scope, status } = share;
  return {
    resourceShareInvitationArn: invitationArn(share),
    resourceShareArn: shareArn(share),
    resourceShareName: doc.name ?? `HealthOmics-${id}`,
    senderAccountId: scope.account,
    receiverAccountId: doc.subscriber,
    invitationTimestamp: new Date(createdAt),
    status: INVITATION[status]!,
  };
}
