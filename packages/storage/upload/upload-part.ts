import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import type { ReadSetPartSource, UploadReadSetPartResponse } from '@aws-sdk/client-omics';
import type { BlobRef } from '@helicase/blobs';
import { giveBack } from '@helicase/kernel';
import { type OperationContext, provenSha256 } from '@helicase/wire';
import { errors } from '../errors.ts';
import { sealedFor } from '../ingest/model.ts';
import type { Room } from '../room.ts';
import { PART_SIZE } from '../stored-file.ts';
import { findUpload } from './find.ts';
import { type Part, putPart } from './parts.ts';

export interface UploadPartRequest {
  readonly sequenceStoreId: string;
  readonly uploadId: string;
  readonly partSource: ReadSetPartSource;
  readonly partNumber: number;
  readonly payload: Readable;
}

/** Stores one part, sealed; durable once answered. The checksum is the SHA-256 of its bytes. */
export async function uploadPart(
  room: Room,
  input: UploadPartRequest,
  { scope }: OperationContext,
): Promise<UploadReadSetPartResponse> {
  const { sequenceStoreId: store, uploadId: id, partSource: source, partNumber: number } = input;
  const upload = await findUpload(room, scope, store, id);
  const type = upload.doc.sourceFileType;
  if (source === 'SOURCE2' && type !== 'FASTQ') throw errors.secondSourceNotUploaded({ type });
  const { blob, checksum } = await receive(room, input, { scope, sealedFor: sealedFor(store) });
  const now = room.clock.now();
  const part: Part = { source, number, blob, checksum, createdAt: now, updatedAt: now };
  try {
    await room.records.transaction(async (tx) => {
      const still = await room.tables.uploads.hold(tx, scope, id);
      if (still?.status !== 'IN_PROGRESS') throw errors.uploadNotFound({ id, store });
      const replaced = await putPart(tx, { scope, id }, part);
      await room.records.blobs.keep(tx, blob.id);
      if (replaced) await room.records.blobs.release(tx, replaced.id);
    });
  } catch (error) {
    await room.vault.discard(blob);
    throw error;
  }
  return { checksum };
}

async function receive(
  room: Room,
  { payload, partNumber: part, partSource: source }: UploadPartRequest,
  write: Parameters<Room['vault']['create']>[0],
): Promise<{ readonly blob: BlobRef; readonly checksum: string }> {
  const sink = await room.vault.create(write);
  const proven = provenSha256(payload);
  const digest = proven === undefined ? createHash('sha256') : undefined;
  let size = 0;
  try {
    for await (const chunk of payload as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > PART_SIZE) throw errors.partTooLarge({ part, source, limit: PART_SIZE });
      digest?.update(chunk);
      await sink.write(chunk);
      giveBack(chunk);
    }
    if (size === 0) throw errors.emptyPart({ part, source });
  } catch (error) {
    await sink.abort();
    throw error;
  }
  const checksum = digest?.digest() ?? Buffer.from(proven!, 'hex');
  return { blob: await sink.finish(), checksum: checksum.toString('base64') };
}
