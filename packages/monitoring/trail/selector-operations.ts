import type {
  GetEventSelectorsRequest,
  GetEventSelectorsResponse,
  ListPublicKeysRequest,
  ListPublicKeysResponse,
  PutEventSelectorsRequest,
  PutEventSelectorsResponse,
} from '@aws-sdk/client-cloudtrail';
import type { Scope } from '@helicase/kernel';
import { type AnyOperation, defineOperation, type OperationContext } from '@helicase/wire';
import { errors } from '../audit/errors.ts';
import { checkSelectors, DEFAULT_SELECTORS } from './event-selector.ts';
import { signingKeys } from './signing-key.ts';
import { trailArn, trailName } from './trail.ts';
import { findTrail } from './trail-operations.ts';
import type { TrailRoom } from './trail-room.ts';

export function selectorOperations(room: TrailRoom): readonly AnyOperation[] {
  const resources = ({ TrailName }: { TrailName?: string | undefined }, { scope }: OperationContext) => [
    trailArn(scope, trailName(scope, TrailName!)),
  ];
  return [
    defineOperation<PutEventSelectorsRequest, PutEventSelectorsResponse>({
      ...{ name: 'PutEventSelectors', action: 'cloudtrail:PutEventSelectors', resources },
      ...{ readOnly: false, quota: 'cloudtrail' },
      handler: (input, { scope }) => putSelectors(room, input, scope),
    }),
    defineOperation<GetEventSelectorsRequest, GetEventSelectorsResponse>({
      ...{ name: 'GetEventSelectors', action: 'cloudtrail:GetEventSelectors', resources },
      ...{ readOnly: true, quota: 'cloudtrail' },
      async handler({ TrailName }, { scope }) {
        const { doc, id } = await findTrail(room, room.records.direct, scope, TrailName!);
        const TrailARN = trailArn(scope, id);
        if (doc.advancedSelectors) return { TrailARN, AdvancedEventSelectors: [...doc.advancedSelectors] };
        return { TrailARN, EventSelectors: [...(doc.selectors ?? DEFAULT_SELECTORS)] };
      },
    }),
    defineOperation<ListPublicKeysRequest, ListPublicKeysResponse>({
      ...{ name: 'ListPublicKeys', action: 'cloudtrail:ListPublicKeys', resources: () => ['*'] },
      ...{ readOnly: true, quota: 'cloudtrail' },
      handler: (input, { scope }) => listPublicKeys(room, input, scope),
    }),
  ];
}

async function putSelectors(
  room: TrailRoom,
  { AdvancedEventSelectors, EventSelectors, TrailName }: PutEventSelectorsRequest,
  scope: Scope,
): Promise<PutEventSelectorsResponse> {
  checkSelectors(EventSelectors, AdvancedEventSelectors);
  await room.records.transaction(async (tx) => {
    const { id } = await findTrail(room, tx, scope, TrailName!);
    await room.trails.update(tx, scope, id, ({ advancedSelectors: _, selectors: __, ...doc }) => ({
      ...doc,
      ...(EventSelectors ? { selectors: EventSelectors } : { advancedSelectors: AdvancedEventSelectors! }),
    }));
  });
  const TrailARN = trailArn(scope, trailName(scope, TrailName!));
  return { TrailARN, EventSelectors, AdvancedEventSelectors };
}

/** Keys that signed in this time; without a start all since the beginning of it. */
async function listPublicKeys(
  room: TrailRoom,
  { EndTime, StartTime }: ListPublicKeysRequest,
  scope: Scope,
): Promise<ListPublicKeysResponse> {
  if (StartTime && EndTime && StartTime > EndTime)
    throw errors.invalidTimeRange({ start: StartTime.toISOString(), end: EndTime.toISOString() });
  const [from, to] = [StartTime?.getTime() ?? 0, EndTime?.getTime() ?? room.clock.now()];
  const keys = (await signingKeys(room, scope)).filter(
    ({ doc }) => doc.validFrom <= to && doc.validTo >= from,
  );
  return {
    PublicKeyList: keys.map(({ doc, id }) => ({
      Value: Buffer.from(doc.publicKey, 'base64'),
      ValidityStartTime: new Date(doc.validFrom),
      ValidityEndTime: new Date(doc.validTo),
      Fingerprint: id,
    })),
  };
}
