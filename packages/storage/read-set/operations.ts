import type {
  BatchDeleteReadSetRequest,
  BatchDeleteReadSetResponse,
  GetReadSetMetadataRequest,
  GetReadSetMetadataResponse,
  GetReadSetRequest,
  ListReadSetsRequest,
  ListReadSetsResponse,
  ReadSetBatchError,
  ReadSetFiles,
  ReadSetListItem,
} from '@aws-sdk/client-omics';
import { ServiceError, type Scope } from '@helicase/kernel';
import type { Resource } from '@helicase/records';
import type { AnyOperation, OperationContext, StreamedPayload } from '@helicase/wire';
import { fileUri } from '../access-point/access-point.ts';
import { readSetArn, sequenceStoreArn } from '../arns.ts';
import { releaseFiles } from '../content/contents.ts';
import { entry } from '../entry.ts';
import { errors } from '../errors.ts';
import type { Checked } from '../input.ts';
import { createdBetween, equals, listPage } from '../listing.ts';
import { partPayload } from '../payload.ts';
import { present } from '../present.ts';
import type { Room } from '../room.ts';
import { findSequenceStore } from '../sequence-store/operations.ts';
import { fileInformation, type StoredFile } from '../stored-file.ts';
import { forgetAccess, touchReadSet } from '../tiering/idle.ts';
import { heldFiles, type ReadSetDoc, type ReadSetState } from './model.ts';

export type ReadSetRow = Resource<ReadSetDoc, ReadSetState>;

export function readSetOperations(room: Room): AnyOperation[] {
  const named = (scope: Scope, input: { sequenceStoreId: string; id: string }): string =>
    readSetArn(scope, input.sequenceStoreId, input.id);
  const store = (scope: Scope, input: { sequenceStoreId: string }): string =>
    sequenceStoreArn(scope, input.sequenceStoreId);
  return [
    entry<ListReadSetsRequest, ListReadSetsResponse>({
      name: 'ListReadSets',
      readOnly: true,
      resource: store,
      handler: (input, context) => list(room, input, context),
    }),
    entry<GetReadSetMetadataRequest, GetReadSetMetadataResponse>({
      name: 'GetReadSetMetadata',
      readOnly: true,
      resource: named,
      handler: async (input, { scope }) =>
        metadata(await findReadSet(room, scope, input.sequenceStoreId, input.id)),
    }),
    entry<GetReadSetRequest, { payload: StreamedPayload }>({
      name: 'GetReadSet',
      readOnly: true,
      resource: named,
      handler: (input, { scope }) => read(room, scope, input),
    }),
    entry<BatchDeleteReadSetRequest, BatchDeleteReadSetResponse>({
      name: 'BatchDeleteReadSet',
      readOnly: false,
      resource: store,
      handler: (input, { scope }) => removeBatch(room, scope, input),
    }),
  ];
}

/** The read set, or ResourceNotFoundException naming what there is not. */
export async function findReadSet(room: Room, scope: Scope, store: string, id: string): Promise<ReadSetRow> {
  await findSequenceStore(room, scope, store);
  const row = await room.tables.readSets.find(room.records.direct, scope, id);
  if (row?.parent !== store) throw errors.readSetNotFound({ id, store });
  return row;
}

function item(row: ReadSetRow): ReadSetListItem {
  const { doc } = row;
  return {
    id: row.id,
    arn: readSetArn(row.scope, row.parent, row.id),
    sequenceStoreId: row.parent,
    subjectId: doc.subjectId,
    sampleId: doc.sampleId,
    status: row.status,
    fileType: doc.fileType,
    sequenceInformation: present({
      totalReadCount: doc.totalReadCount,
      totalBaseCount: doc.totalBaseCount,
      alignment: doc.alignment,
      generatedFrom: doc.generatedFrom,
    }),
    creationTime: new Date(row.createdAt),
    creationType: doc.creationType,
    ...present({
      etag: doc.etag,
      name: doc.name,
      description: doc.description,
      referenceArn: doc.referenceArn,
      statusMessage: row.statusMessage,
    }),
  };
}

function metadata(row: ReadSetRow): GetReadSetMetadataResponse {
  const point = { scope: row.scope, kind: 'sequenceStore', store: row.parent } as const;
  const files = Object.entries(row.doc.files) as [string, StoredFile][];
  const shown = files.map(([part, file]) => [part, fileInformation(file, fileUri(point, row.id, file.name))]);
  return {
    ...item(row),
    ...(shown.length > 0 ? { files: Object.fromEntries(shown) as ReadSetFiles } : {}),
    creationJobId: row.doc.creationJobId,
  } as GetReadSetMetadataResponse;
}

async function list(
  room: Room,
  input: Checked<ListReadSetsRequest>,
  context: OperationContext,
): Promise<ListReadSetsResponse> {
  await findSequenceStore(room, context.scope, input.sequenceStoreId);
  const { name, referenceArn, sampleId, subjectId, generatedFrom, creationType, status } = input.filter ?? {};
  const page = await listPage(room, context, 'ListReadSets', room.tables.readSets, input, {
    parent: input.sequenceStoreId,
    ...createdBetween(input.filter),
    ...(status ? { statuses: [status] } : {}),
    where: equals({ name, referenceArn, sampleId, subjectId, generatedFrom, creationType }),
  });
  return { readSets: page.rows.map(item), ...present({ nextToken: page.nextToken }) };
}

async function read(
  room: Room,
  scope: Scope,
  input: Checked<GetReadSetRequest>,
): Promise<{ payload: StreamedPayload }> {
  const row = await findReadSet(room, scope, input.sequenceStoreId, input.id);
  refuseInactive(row);
  const { source1, source2, index } = row.doc.files;
  const file = input.file === 'INDEX' ? index : input.file === 'SOURCE2' ? source2 : source1;
  if (!file) throw errors.fileNotFound({ owner: `Read set ${row.id}`, file: input.file ?? 'SOURCE1' });
  const payload = partPayload(room.vault, file, { part: input.partNumber });
  await touchReadSet(room.records.direct, scope, row.id, room.clock.now());
  return { payload };
}

/** Throws ConflictException where the files cannot be read now. */
export function refuseInactive({ id, status }: Pick<ReadSetRow, 'id' | 'status'>): void {
  if (status === 'ACTIVE') return;
  const hint = status === 'ARCHIVED' ? 'Start a read set activation job first.' : 'Wait until it is.';
  throw errors.readSetNotActive({ id, status, hint: status === 'UPLOAD_FAILED' ? 'Upload it again.' : hint });
}

/** Each by itself: what cannot be deleted is told in `errors`, the others go. */
async function removeBatch(
  room: Room,
  scope: Scope,
  input: Checked<BatchDeleteReadSetRequest>,
): Promise<BatchDeleteReadSetResponse> {
  await findSequenceStore(room, scope, input.sequenceStoreId);
  const failures: ReadSetBatchError[] = [];
  for (const id of new Set(input.ids)) {
    try {
      await remove(room, scope, input.sequenceStoreId, id);
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      failures.push({ id, code: error.code, message: error.message });
    }
  }
  return { errors: failures };
}

async function remove(room: Room, scope: Scope, store: string, id: string): Promise<void> {
  const { readSets } = room.tables;
  await room.records.transaction(async (tx) => {
    const row = await readSets.hold(tx, scope, id);
    if (row?.parent !== store) throw errors.readSetNotFound({ id, store });
    if (row.status === 'PROCESSING_UPLOAD' || row.status === 'ACTIVATING')
      throw errors.readSetBusy({ id, status: row.status });
    if (row.status !== 'UPLOAD_FAILED')
      await releaseFiles(room, tx, { scope, id: store }, heldFiles(row.doc));
    await forgetAccess(tx, scope, id);
    await readSets.remove(tx, scope, id);
  });
}
