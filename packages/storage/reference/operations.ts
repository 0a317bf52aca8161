import type {
  DeleteReferenceRequest,
  GetReferenceMetadataRequest,
  GetReferenceMetadataResponse,
  GetReferenceRequest,
  ListReferencesRequest,
  ListReferencesResponse,
  ReferenceListItem,
} from '@aws-sdk/client-omics';
import type { Scope } from '@helicase/kernel';
import type { Resource } from '@helicase/records';
import type { AnyOperation, OperationContext, StreamedPayload } from '@helicase/wire';
import { fileUri } from '../access-point/access-point.ts';
import { referenceArn, referenceStoreArn } from '../arns.ts';
import { entry } from '../entry.ts';
import { errors } from '../errors.ts';
import type { Checked } from '../input.ts';
import { createdBetween, equals, listPage } from '../listing.ts';
import { lockRow } from '../lock-row.ts';
import { partPayload } from '../payload.ts';
import { present } from '../present.ts';
import { findReferenceStore } from '../reference-store/operations.ts';
import type { Room } from '../room.ts';
import { blobsOf, fileInformation, type StoredFile } from '../stored-file.ts';
import type { ReferenceDoc, ReferenceStatus } from './model.ts';

export type ReferenceRow = Resource<ReferenceDoc, ReferenceStatus>;

export function referenceOperations(room: Room): AnyOperation[] {
  const named = (scope: Scope, input: { referenceStoreId: string; id: string }): string =>
    referenceArn(scope, input.referenceStoreId, input.id);
  return [
    entry<ListReferencesRequest, ListReferencesResponse>({
      name: 'ListReferences',
      readOnly: true,
      resource: (scope, input) => referenceStoreArn(scope, input.referenceStoreId),
      handler: (input, context) => list(room, input, context),
    }),
    entry<GetReferenceMetadataRequest, GetReferenceMetadataResponse>({
      name: 'GetReferenceMetadata',
      readOnly: true,
      resource: named,
      handler: async (input, { scope }) =>
        metadata(await findReference(room, scope, input.referenceStoreId, input.id)),
    }),
    entry<GetReferenceRequest, { payload: StreamedPayload }>({
      name: 'GetReference',
      readOnly: true,
      resource: named,
      handler: (input, { scope }) => read(room, scope, input),
    }),
    entry<DeleteReferenceRequest, object>({
      name: 'DeleteReference',
      readOnly: false,
      resource: named,
      handler: (input, { scope }) => remove(room, scope, input),
    }),
  ];
}

/** The reference, or ResourceNotFoundException naming what there is not. */
export async function findReference(
  room: Room,
  scope: Scope,
  store: string,
  id: string,
): Promise<ReferenceRow> {
  await findReferenceStore(room, scope, store);
  const row = await room.tables.references.find(room.records.direct, scope, id);
  if (row?.parent !== store) throw errors.referenceNotFound({ id, store });
  return row;
}

function item(row: ReferenceRow): ReferenceListItem {
  const { name, description, md5 } = row.doc;
  return {
    id: row.id,
    arn: referenceArn(row.scope, row.parent, row.id),
    referenceStoreId: row.parent,
    md5,
    status: row.status,
    creationTime: new Date(row.createdAt),
    updateTime: new Date(row.updatedAt),
    ...present({ name, description }),
  };
}

function metadata(row: ReferenceRow): GetReferenceMetadataResponse {
  const point = { scope: row.scope, kind: 'referenceStore', store: row.parent } as const;
  const shown = (file: StoredFile) => fileInformation(file, fileUri(point, row.id, file.name));
  const { source, index } = row.doc.files;
  return {
    ...item(row),
    md5: row.doc.md5,
    files: { source: shown(source), index: shown(index) },
    creationType: 'IMPORT',
    creationJobId: row.doc.creationJobId,
  } as GetReferenceMetadataResponse;
}

async function list(
  room: Room,
  input: Checked<ListReferencesRequest>,
  context: OperationContext,
): Promise<ListReferencesResponse> {
  await findReferenceStore(room, context.scope, input.referenceStoreId);
  const page = await listPage(room, context, 'ListReferences', room.tables.references, input, {
    parent: input.referenceStoreId,
    ...createdBetween(input.filter),
    where: equals({ name: input.filter?.name, md5: input.filter?.md5 }),
  });
  return { references: page.rows.map(item), ...present({ nextToken: page.nextToken }) };
}

async function read(
  room: Room,
  scope: Scope,
  input: Checked<GetReferenceRequest>,
): Promise<{ payload: StreamedPayload }> {
  const row = await findReference(room, scope, input.referenceStoreId, input.id);
  const file = input.file === 'INDEX' ? row.doc.files.index : row.doc.files.source;
  return { payload: partPayload(room.vault, file, { part: input.partNumber, range: input.range }) };
}

async function remove(room: Room, scope: Scope, input: Checked<DeleteReferenceRequest>): Promise<object> {
  const { references, readSets } = room.tables;
  const row = await findReference(room, scope, input.referenceStoreId, input.id);
  const arn = referenceArn(scope, row.parent, row.id);
  const user = await room.referenceInUse?.(scope, arn);
  if (user !== undefined) throw errors.referenceInUse({ id: row.id, user });
  await room.records.transaction(async (tx) => {
    await lockRow(room, tx, references.kind, scope, row.id);
    const used = await readSets.list(tx, scope, { where: { referenceArn: arn }, limit: 1 });
    const first = used.rows[0];
    if (first) throw errors.referenceInUse({ id: row.id, user: `read set ${first.id}` });
    for (const blob of blobsOf(row.doc.files)) await room.records.blobs.release(tx, blob.id);
    await references.remove(tx, scope, row.id);
  });
  return {};
}
