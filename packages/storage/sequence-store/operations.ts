import type {
  CreateSequenceStoreRequest,
  CreateSequenceStoreResponse,
  DeleteSequenceStoreRequest,
  GetSequenceStoreRequest,
  GetSequenceStoreResponse,
  ListSequenceStoresRequest,
  ListSequenceStoresResponse,
  S3AccessConfig,
  SequenceStoreDetail,
  UpdateSequenceStoreRequest,
  UpdateSequenceStoreResponse,
} from '@aws-sdk/client-omics';
import type { Actor, Scope } from '@helicase/kernel';
import type { Resource } from '@helicase/records';
import type { AnyOperation, OperationContext } from '@helicase/wire';
import { checkLogLocation } from '../access-log/access-log.ts';
import { accessPointArn, storeUri } from '../access-point/access-point.ts';
import { sequenceStoreArn } from '../arns.ts';
import { entry } from '../entry.ts';
import { errors } from '../errors.ts';
import { UNFINISHED } from '../item-job/model.ts';
import type { Checked } from '../input.ts';
import { createdBetween, equals, listPage, updatedBetween } from '../listing.ts';
import { lockRow } from '../lock-row.ts';
import { present } from '../present.ts';
import { sealedFor } from '../ingest/model.ts';
import { sealUnder } from '../reference-store/operations.ts';
import type { Room } from '../room.ts';
import type { SequenceStoreDoc, SequenceStoreState } from './model.ts';

type Row = Resource<SequenceStoreDoc, SequenceStoreState>;

export function sequenceStoreOperations(room: Room): AnyOperation[] {
  const named = (scope: Scope, input: { id: string }): string => sequenceStoreArn(scope, input.id);
  // The service authorization reference knows no resource of what makes and lists stores.
  const any = (): string => '*';
  return [
    entry<CreateSequenceStoreRequest, CreateSequenceStoreResponse>({
      name: 'CreateSequenceStore',
      readOnly: false,
      resource: any,
      handler: (input, context) => create(room, input, context),
    }),
    entry<GetSequenceStoreRequest, GetSequenceStoreResponse>({
      name: 'GetSequenceStore',
      readOnly: true,
      resource: named,
      handler: async (input, { scope }) => full(await findSequenceStore(room, scope, input.id)),
    }),
    entry<ListSequenceStoresRequest, ListSequenceStoresResponse>({
      name: 'ListSequenceStores',
      readOnly: true,
      resource: any,
      handler: (input, context) => list(room, input, context),
    }),
    entry<UpdateSequenceStoreRequest, UpdateSequenceStoreResponse>({
      name: 'UpdateSequenceStore',
      readOnly: false,
      resource: named,
      handler: (input, context) => update(room, input, context),
    }),
    entry<DeleteSequenceStoreRequest, object>({
      name: 'DeleteSequenceStore',
      readOnly: false,
      resource: named,
      handler: (input, { scope }) => remove(room, scope, input.id),
    }),
  ];
}

/** The store, or ResourceNotFoundException naming it. */
export async function findSequenceStore(room: Room, scope: Scope, id: string): Promise<Row> {
  const row = await room.tables.sequenceStores.find(room.records.direct, scope, id);
  if (!row) throw errors.sequenceStoreNotFound({ id });
  return row;
}

function detail(row: Row): SequenceStoreDetail {
  const { name, description, sseConfig, fallbackLocation, eTagAlgorithmFamily } = row.doc;
  return {
    id: row.id,
    arn: sequenceStoreArn(row.scope, row.id),
    creationTime: new Date(row.createdAt),
    updateTime: new Date(row.updatedAt),
    status: row.status,
    eTagAlgorithmFamily,
    ...present({ name, description, sseConfig, fallbackLocation, statusMessage: row.statusMessage }),
  };
}

function full(row: Row): GetSequenceStoreResponse {
  const point = { scope: row.scope, kind: 'sequenceStore', store: row.id } as const;
  return {
    ...detail(row),
    propagatedSetLevelTags: [...row.doc.propagatedSetLevelTags],
    s3Access: {
      s3Uri: storeUri(point),
      s3AccessPointArn: accessPointArn(point),
      ...present({ accessLogLocation: row.doc.accessLogLocation || undefined }),
    },
  };
}

async function create(
  room: Room,
  input: Checked<CreateSequenceStoreRequest>,
  context: OperationContext,
): Promise<CreateSequenceStoreResponse> {
  const { remember, reserve, scope } = context;
  const id = room.ids.numeric();
  await checkLogging(room, context, input.s3AccessConfig);
  const sseConfig = await sealUnder(room, context, input.sseConfig, sealedFor(id));
  const doc: SequenceStoreDoc = {
    name: input.name,
    tags: input.tags ?? {},
    eTagAlgorithmFamily: input.eTagAlgorithmFamily ?? 'MD5up',
    propagatedSetLevelTags: input.propagatedSetLevelTags ?? [],
    ...present({
      description: input.description,
      sseConfig,
      fallbackLocation: input.fallbackLocation,
      accessLogLocation: input.s3AccessConfig?.accessLogLocation,
    }),
  };
  return room.records.transaction(async (tx) => {
    await reserve?.(tx);
    const answer = full(await room.tables.sequenceStores.insert(tx, { scope, id, status: 'ACTIVE', doc }));
    await remember?.(tx, answer);
    return answer;
  });
}

async function update(
  room: Room,
  input: Checked<UpdateSequenceStoreRequest>,
  context: OperationContext,
): Promise<UpdateSequenceStoreResponse> {
  const { remember, scope } = context;
  const { sequenceStores } = room.tables;
  if (!(await sequenceStores.find(room.records.direct, scope, input.id)))
    throw errors.sequenceStoreNotFound({ id: input.id });
  await checkLogging(room, context, input.s3AccessConfig);
  return room.records.transaction(async (tx) => {
    const row = await sequenceStores.hold(tx, scope, input.id);
    if (!row) throw errors.sequenceStoreNotFound({ id: input.id });
    refuseFixed(input, row.doc);
    const changed = await sequenceStores.update(tx, scope, input.id, (doc) => ({
      ...doc,
      ...changes(input),
    }));
    const answer = full(changed);
    await remember?.(tx, answer);
    return answer;
  });
}

/** An empty location ends the logging. */
async function checkLogging(room: Room, actor: Actor, asked: S3AccessConfig | undefined): Promise<void> {
  if (asked?.accessLogLocation) await checkLogLocation(room, actor, asked.accessLogLocation);
}

/** The guide, "Creating and managing sequence stores": a fallback location cannot be added later. */
function refuseFixed(input: Checked<UpdateSequenceStoreRequest>, doc: SequenceStoreDoc): void {
  const given = input.fallbackLocation;
  if (given === undefined || given === (doc.fallbackLocation ?? '')) return;
  throw errors.storeMemberFixed({ member: 'fallbackLocation', now: doc.fallbackLocation ?? 'none' });
}

function changes({
  name,
  description,
  propagatedSetLevelTags,
  s3AccessConfig,
}: Checked<UpdateSequenceStoreRequest>) {
  const accessLogLocation = s3AccessConfig?.accessLogLocation;
  return present({ name, description, propagatedSetLevelTags, accessLogLocation });
}

async function list(
  room: Room,
  input: Checked<ListSequenceStoresRequest>,
  context: OperationContext,
): Promise<ListSequenceStoresResponse> {
  const filter = input.filter;
  const page = await listPage(room, context, 'ListSequenceStores', room.tables.sequenceStores, input, {
    ...createdBetween(filter),
    ...updatedBetween(filter),
    ...(filter?.status ? { statuses: [filter.status] } : {}),
    where: equals({ name: filter?.name }),
  });
  return { sequenceStores: page.rows.map(detail), ...present({ nextToken: page.nextToken }) };
}

async function remove(room: Room, scope: Scope, id: string): Promise<object> {
  const { sequenceStores, readSets, readSetImports, uploads } = room.tables;
  await findSequenceStore(room, scope, id);
  await room.records.transaction(async (tx) => {
    await lockRow(room, tx, sequenceStores.kind, scope, id);
    const held = await readSets.count(tx, scope, { parent: id });
    const kind = 'Sequence store';
    if (held > 0) throw errors.storeNotEmpty({ kind, id, what: `read sets: ${held}` });
    const running = await readSetImports.count(tx, scope, { parent: id, statuses: UNFINISHED });
    if (running > 0) throw errors.storeNotEmpty({ kind, id, what: `unfinished import jobs: ${running}` });
    const uploading = await uploads.count(tx, scope, { parent: id, statuses: ['IN_PROGRESS'] });
    if (uploading > 0) throw errors.storeNotEmpty({ kind, id, what: `uploads in progress: ${uploading}` });
    await sequenceStores.remove(tx, scope, id);
  });
  return {};
}
