import type {
  AbortMultipartReadSetUploadRequest,
  CompleteMultipartReadSetUploadRequest,
  CompleteMultipartReadSetUploadResponse,
  CreateMultipartReadSetUploadRequest,
  CreateMultipartReadSetUploadResponse,
  ListMultipartReadSetUploadsRequest,
  ListMultipartReadSetUploadsResponse,
  ListReadSetUploadPartsRequest,
  ListReadSetUploadPartsResponse,
  MultipartReadSetUploadListItem,
  UploadReadSetPartResponse,
} from '@aws-sdk/client-omics';
import type { Scope } from '@helicase/kernel';
import type { AnyOperation, OperationContext } from '@helicase/wire';
import { sequenceStoreArn } from '../arns.ts';
import { entry } from '../entry.ts';
import { errors } from '../errors.ts';
import type { Checked } from '../input.ts';
import { createdBetween, listPage } from '../listing.ts';
import { lockRow } from '../lock-row.ts';
import { present } from '../present.ts';
import { byArn } from '../reference/references.ts';
import type { Room } from '../room.ts';
import { findSequenceStore } from '../sequence-store/operations.ts';
import { refuseReadSets } from '../store-quotas.ts';
import { completeUpload } from './complete.ts';
import { endUpload, expireLater } from './expiry.ts';
import { findUpload, type UploadRow } from './find.ts';
import type { UploadDoc } from './model.ts';
import { partsOf } from './parts.ts';
import { uploadPart, type UploadPartRequest } from './upload-part.ts';

export function uploadOperations(room: Room): AnyOperation[] {
  const store = (scope: Scope, input: { sequenceStoreId: string }): string =>
    sequenceStoreArn(scope, input.sequenceStoreId);
  return [
    entry<CreateMultipartReadSetUploadRequest, CreateMultipartReadSetUploadResponse>({
      name: 'CreateMultipartReadSetUpload',
      readOnly: false,
      resource: store,
      handler: (input, context) => create(room, input, context),
    }),
    entry<UploadPartRequest, UploadReadSetPartResponse>({
      name: 'UploadReadSetPart',
      readOnly: false,
      resource: store,
      handler: (input, context) => uploadPart(room, input as UploadPartRequest, context),
    }),
    entry<ListReadSetUploadPartsRequest, ListReadSetUploadPartsResponse>({
      name: 'ListReadSetUploadParts',
      readOnly: true,
      resource: store,
      handler: (input, context) => listParts(room, input, context),
    }),
    entry<ListMultipartReadSetUploadsRequest, ListMultipartReadSetUploadsResponse>({
      name: 'ListMultipartReadSetUploads',
      readOnly: true,
      resource: store,
      handler: (input, context) => listUploads(room, input, context),
    }),
    entry<CompleteMultipartReadSetUploadRequest, CompleteMultipartReadSetUploadResponse>({
      name: 'CompleteMultipartReadSetUpload',
      readOnly: false,
      resource: store,
      handler: (input, context) => completeUpload(room, input, context),
    }),
    entry<AbortMultipartReadSetUploadRequest, object>({
      name: 'AbortMultipartReadSetUpload',
      readOnly: false,
      resource: store,
      handler: (input, { scope }) => abort(room, scope, input),
    }),
  ];
}

/** The model requires `referenceArn` in answers, of unaligned reads too: '' where there is none. */
function item(row: UploadRow): MultipartReadSetUploadListItem {
  const { readSetId: _readSetId, referenceArn = '', ...said } = row.doc;
  return {
    ...said,
    referenceArn,
    sequenceStoreId: row.parent,
    uploadId: row.id,
    creationTime: new Date(row.createdAt),
  } as MultipartReadSetUploadListItem;
}

async function create(
  room: Room,
  input: Checked<CreateMultipartReadSetUploadRequest>,
  { remember, scope, principal }: OperationContext,
): Promise<CreateMultipartReadSetUploadResponse> {
  const store = input.sequenceStoreId;
  await findSequenceStore(room, scope, store);
  const { sourceFileType, subjectId, sampleId, name, generatedFrom, referenceArn, description } = input;
  if (referenceArn !== undefined) await byArn(room, scope, referenceArn);
  else if (sourceFileType === 'BAM' || sourceFileType === 'CRAM')
    throw errors.uploadReferenceRequired({ type: sourceFileType });
  const doc: UploadDoc = {
    sourceFileType,
    subjectId,
    sampleId,
    name,
    tags: input.tags ?? {},
    ...present({ generatedFrom, referenceArn, description }),
  };
  return room.records.transaction(async (tx) => {
    if (!(await lockRow(room, tx, room.tables.sequenceStores.kind, scope, store)))
      throw errors.sequenceStoreNotFound({ id: store });
    await refuseReadSets(room, tx, scope, store, 1);
    const id = room.ids.numeric();
    const row = await room.tables.uploads.insert(tx, {
      scope,
      id,
      parent: store,
      status: 'IN_PROGRESS',
      doc,
    });
    await expireLater(room, tx, { scope, principal }, id);
    const answer = item(row) as CreateMultipartReadSetUploadResponse;
    await remember?.(tx, answer);
    return answer;
  });
}

async function listUploads(
  room: Room,
  input: Checked<ListMultipartReadSetUploadsRequest>,
  context: OperationContext,
): Promise<ListMultipartReadSetUploadsResponse> {
  const store = input.sequenceStoreId;
  await findSequenceStore(room, context.scope, store);
  const page = await listPage(room, context, 'ListMultipartReadSetUploads', room.tables.uploads, input, {
    parent: store,
    statuses: ['IN_PROGRESS'],
  });
  return { uploads: page.rows.map(item), ...present({ nextToken: page.nextToken }) };
}

/** The model's default is not stated; its maximum is 100. */
const PAGE = 100;

async function listParts(
  room: Room,
  input: Checked<ListReadSetUploadPartsRequest>,
  context: OperationContext,
): Promise<ListReadSetUploadPartsResponse> {
  const { sequenceStoreId: store, uploadId, partSource, nextToken } = input;
  const row = await findUpload(room, context.scope, store, uploadId);
  const filter = { upload: row.id, partSource, filter: input.filter ?? {} };
  const binding = { scope: context.scope, operation: 'ListReadSetUploadParts', filter };
  const from = nextToken === undefined ? 1 : Number(room.pageTokens.read(binding, nextToken)[0]);
  const limit = input.maxResults ?? PAGE;
  const query = { source: partSource, from, limit: limit + 1, ...createdBetween(input.filter) };
  const parts = await partsOf(room.records.direct, row, query);
  const more = parts[limit];
  return {
    parts: parts.slice(0, limit).map((part) => ({
      partNumber: part.number,
      partSize: part.blob.size,
      partSource: part.source,
      checksum: part.checksum,
      creationTime: new Date(part.createdAt),
      lastUpdatedTime: new Date(part.updatedAt),
    })),
    ...(more ? { nextToken: room.pageTokens.issue(binding, [more.number]) } : {}),
  };
}

async function abort(
  room: Room,
  scope: Scope,
  { sequenceStoreId: store, uploadId: id }: Checked<AbortMultipartReadSetUploadRequest>,
): Promise<object> {
  await findUpload(room, scope, store, id);
  const ended = await room.records.transaction((tx) => endUpload(room, tx, { scope, id }, ['IN_PROGRESS']));
  if (!ended) throw errors.uploadNotFound({ id, store });
  return {};
}
