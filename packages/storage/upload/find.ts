import type { Scope } from '@helicase/kernel';
import type { Resource } from '@helicase/records';
import { errors } from '../errors.ts';
import type { Room } from '../room.ts';
import { findSequenceStore } from '../sequence-store/operations.ts';
import type { UploadDoc, UploadStatus } from './model.ts';

export type UploadRow = Resource<UploadDoc, UploadStatus>;

/** The upload whose parts may still change, or ResourceNotFoundException. */
export async function findUpload(room: Room, scope: Scope, store: string, id: string): Promise<UploadRow> {
  await findSequenceStore(room, scope, store);
  const row = await room.tables.uploads.find(room.records.direct, scope, id);
  if (row?.parent !== store || row.status !== 'IN_PROGRESS') throw errors.uploadNotFound({ id, store });
  return row;
}
