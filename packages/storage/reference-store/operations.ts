import type {
  CreateReferenceStoreRequest,
  CreateReferenceStoreResponse,
  DeleteReferenceStoreRequest,
  GetReferenceStoreRequest,
  ListReferenceStoresRequest,
  ListReferenceStoresResponse,
  ReferenceStoreDetail,
  SseConfig,
} from '@aws-sdk/client-omics';
import type { Actor, Scope } from '@helicase/kernel';
import { type Resource, type Transaction, UniqueViolation } from '@helicase/records';
import type { AnyOperation, OperationContext } from '@helicase/wire';
import { referenceStoreArn } from '../arns.ts';
import { entry } from '../entry.ts';
import { errors } from '../errors.ts';
import { UNFINISHED } from '../item-job/model.ts';
import type { Checked } from '../input.ts';
import { createdBetween, equals, listPage } from '../listing.ts';
import { lockRow } from '../lock-row.ts';
import { present } from '../present.ts';
import type { Room } from '../room.ts';
import type { ReferenceStoreDoc, ReferenceStoreStatus } from './model.ts';

type Row = Resource<ReferenceStoreDoc, ReferenceStoreStatus>;

export function referenceStoreOperations(room: Room): AnyOperation[] {
  const named = (scope: Scope, input: { id: string }): string => referenceStoreArn(scope, input.id);
  // The service authorization reference knows no resource of what makes and lists stores.
  const any = (): string => '*';
  return [
    entry<CreateReferenceStoreRequest, CreateReferenceStoreResponse>({
      name: 'CreateReferenceStore',
      readOnly: false,
      resource: any,
      handler: (input, context) => create(room, input, context),
    }),
    entry<GetReferenceStoreRequest, ReferenceStoreDetail>({
      name: 'GetReferenceStore',
      readOnly: true,
      resource: named,
      handler: async (input, { scope }) => detail(await findReferenceStore(room, scope, input.id)),
    }),
    entry<ListReferenceStoresRequest, ListReferenceStoresResponse>({
      name: 'ListReferenceStores',
      readOnly: true,
      resource: any,
      handler: (input, context) => list(room, input, context),
    }),
    entry<DeleteReferenceStoreRequest, object>({
      name: 'DeleteReferenceStore',
      readOnly: false,
      resource: named,
      handler: (input, { scope }) => remove(room, scope, input.id),
    }),
  ];
}

/** The store, or ResourceNotFoundException naming it. */
export async function findReferenceStore(room: Room, scope: Scope, id: string): Promise<Row> {
  const row = await room.tables.referenceStores.find(room.records.direct, scope, id);
  if (!row) throw errors.referenceStoreNotFound({ id });
  return row;
}

/** What is stored for `purpose` is sealed under the key that the request names; refused where nobody has such keys. */
export async function sealUnder(
  { customerKeys }: Room,
  { scope, principal }: Actor,
  config: Checked<SseConfig> | undefined,
  purpose: string,
): Promise<SseConfig | undefined> {
  if (config?.keyArn === undefined) return config;
  if (!customerKeys) throw errors.customerKey({ key: config.keyArn });
  // The key's policy alone says what HealthOmics may: stores of files use no grant.
  await customerKeys.attach({ scope, principal }, config.keyArn, purpose, { grant: false });
  return config;
}

function detail(row: Row): ReferenceStoreDetail & CreateReferenceStoreResponse {
  const { name, description, sseConfig } = row.doc;
  return {
    id: row.id,
    arn: referenceStoreArn(row.scope, row.id),
    creationTime: new Date(row.createdAt),
    ...present({ name, description, sseConfig }),
  };
}

async function create(
  room: Room,
  input: Checked<CreateReferenceStoreRequest>,
  context: OperationContext,
): Promise<CreateReferenceStoreResponse> {
  const { remember, scope } = context;
  const id = room.ids.numeric();
  const sseConfig = await sealUnder(room, context, input.sseConfig, `referenceStore/${id}`);
  const doc: ReferenceStoreDoc = {
    name: input.name,
    tags: input.tags ?? {},
    ...present({ description: input.description, sseConfig }),
  };
  const { referenceStores } = room.tables;
  return room.records
    .transaction(async (tx) => {
      await refuseSecond(room, tx, scope);
      const answer = detail(await referenceStores.insert(tx, { scope, id, status: 'ACTIVE', doc }));
      await remember?.(tx, answer);
      return answer;
    })
    .catch(async (error: unknown) => {
      // Two requests at once: the slot's uniqueness refused this one, and now the other's store is there to name.
      if (error instanceof UniqueViolation) await refuseSecond(room, room.records.direct, scope);
      throw error;
    });
}

async function refuseSecond(room: Room, tx: Transaction, scope: Scope): Promise<void> {
  const page = await room.tables.referenceStores.list(tx, scope, { limit: 1 });
  const first = page.rows[0];
  if (first) throw errors.oneReferenceStore({ id: first.id });
}

async function list(
  room: Room,
  input: Checked<ListReferenceStoresRequest>,
  context: OperationContext,
): Promise<ListReferenceStoresResponse> {
  const page = await listPage(room, context, 'ListReferenceStores', room.tables.referenceStores, input, {
    ...createdBetween(input.filter),
    where: equals({ name: input.filter?.name }),
  });
  return { referenceStores: page.rows.map(detail), ...present({ nextToken: page.nextToken }) };
}

async function remove(room: Room, scope: Scope, id: string): Promise<object> {
  const { referenceStores, references, referenceImports } = room.tables;
  await findReferenceStore(room, scope, id);
  await room.records.transaction(async (tx) => {
    await lockRow(room, tx, referenceStores.kind, scope, id);
    const held = await references.count(tx, scope, { parent: id });
    const kind = 'Reference store';
    if (held > 0) throw errors.storeNotEmpty({ kind, id, what: `references: ${held}` });
    const running = await referenceImports.count(tx, scope, { parent: id, statuses: UNFINISHED });
    if (running > 0) throw errors.storeNotEmpty({ kind, id, what: `unfinished import jobs: ${running}` });
    await referenceStores.remove(tx, scope, id);
  });
  return {};
}
