import type {
  DeleteS3AccessPolicyRequest,
  GetS3AccessPolicyRequest,
  GetS3AccessPolicyResponse,
  PutS3AccessPolicyRequest,
  PutS3AccessPolicyResponse,
  StoreType,
} from '@aws-sdk/client-omics';
import type { Scope } from '@helicase/kernel';
import type { Transaction } from '@helicase/records';
import type { AnyOperation } from '@helicase/wire';
import { entry } from '../entry.ts';
import { errors } from '../errors.ts';
import { lockRow } from '../lock-row.ts';
import type { Room } from '../room.ts';
import { type AccessPoint, accessPointArn, parseAccessPointArn } from './access-point.ts';
import { type AccessPolicy, accessPolicyOf, checkPolicy } from './policy.ts';

const TYPES: { readonly [K in AccessPoint['kind']]: StoreType } = {
  sequenceStore: 'SEQUENCE_STORE',
  referenceStore: 'REFERENCE_STORE',
};

export function accessPolicyOperations(room: Room): AnyOperation[] {
  const named = (_scope: Scope, { s3AccessPointArn }: { s3AccessPointArn: string }): string =>
    s3AccessPointArn;
  return [
    entry<PutS3AccessPolicyRequest, PutS3AccessPolicyResponse>({
      name: 'PutS3AccessPolicy',
      readOnly: false,
      resource: named,
      handler: (input, { scope }) => put(room, scope, input),
    }),
    entry<GetS3AccessPolicyRequest, GetS3AccessPolicyResponse>({
      name: 'GetS3AccessPolicy',
      readOnly: true,
      resource: named,
      handler: (input, { scope }) => get(room, scope, input.s3AccessPointArn),
    }),
    entry<DeleteS3AccessPolicyRequest, object>({
      name: 'DeleteS3AccessPolicy',
      readOnly: false,
      resource: named,
      handler: (input, { scope }) => remove(room, scope, input.s3AccessPointArn),
    }),
  ];
}

/** The store that the ARN's access point is of, or ResourceNotFoundException. */
async function findPoint(room: Room, scope: Scope, arn: string): Promise<AccessPoint> {
  const named = parseAccessPointArn(arn);
  const own = named?.scope.account === scope.account && named.scope.region === scope.region;
  if (named && own) {
    const { sequenceStores, referenceStores } = room.tables;
    const { direct } = room.records;
    if (await sequenceStores.find(direct, scope, named.store)) return { ...named, kind: 'sequenceStore' };
    if (await referenceStores.find(direct, scope, named.store)) return { ...named, kind: 'referenceStore' };
  }
  throw errors.accessPointNotFound({ arn });
}

function answer(point: AccessPoint): PutS3AccessPolicyResponse {
  return { s3AccessPointArn: accessPointArn(point), storeId: point.store, storeType: TYPES[point.kind] };
}

async function put(
  room: Room,
  scope: Scope,
  input: { s3AccessPointArn: string; s3AccessPolicy: string },
): Promise<PutS3AccessPolicyResponse> {
  const point = await findPoint(room, scope, input.s3AccessPointArn);
  checkPolicy(input.s3AccessPolicy, accessPointArn(point));
  const policy = { text: input.s3AccessPolicy, updatedAt: room.clock.now() };
  await room.records.transaction((tx) => setPolicy(room, tx, point, policy));
  return answer(point);
}

async function get(room: Room, scope: Scope, arn: string): Promise<GetS3AccessPolicyResponse> {
  const point = await findPoint(room, scope, arn);
  const policy = await accessPolicyOf(room, point);
  if (!policy) throw errors.noAccessPolicy({ arn });
  return { ...answer(point), updateTime: new Date(policy.updatedAt), s3AccessPolicy: policy.text };
}

async function remove(room: Room, scope: Scope, arn: string): Promise<object> {
  const point = await findPoint(room, scope, arn);
  if (!(await accessPolicyOf(room, point))) throw errors.noAccessPolicy({ arn });
  await room.records.transaction((tx) => setPolicy(room, tx, point, undefined));
  return {};
}

async function setPolicy(
  room: Room,
  tx: Transaction,
  point: AccessPoint,
  s3AccessPolicy: AccessPolicy | undefined,
): Promise<void> {
  const { sequenceStores, referenceStores } = room.tables;
  const { scope, store, kind } = point;
  const withPolicy = <Doc extends { readonly s3AccessPolicy?: AccessPolicy }>(doc: Doc): Doc => {
    const { s3AccessPolicy: _before, ...rest } = doc;
    return { ...rest, ...(s3AccessPolicy ? { s3AccessPolicy } : {}) } as Doc;
  };
  const table = kind === 'sequenceStore' ? sequenceStores : referenceStores;
  if (!(await lockRow(room, tx, table.kind, scope, store)))
    throw errors.accessPointNotFound({ arn: accessPointArn(point) });
  if (kind === 'sequenceStore') await sequenceStores.update(tx, scope, store, withPolicy);
  else await referenceStores.update(tx, scope, store, withPolicy);
}
