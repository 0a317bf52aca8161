import type {
  CompleteMultipartReadSetUploadRequest,
  CompleteMultipartReadSetUploadResponse,
  CompleteReadSetUploadPartListItem,
} from '@aws-sdk/client-omics';
import type { OperationContext } from '@helicase/wire';
import { errors } from '../errors.ts';
import type { Checked } from '../input.ts';
import { present } from '../present.ts';
import type { ReadSetDoc } from '../read-set/model.ts';
import type { Room } from '../room.ts';
import { findSequenceStore } from '../sequence-store/operations.ts';
import { enqueueProcessing } from './jobs.ts';
import type { UploadRow } from './find.ts';
import { type Part, partsOf } from './parts.ts';

type Listed = Checked<CompleteReadSetUploadPartListItem>;

/** Holds the list of parts against what came; from then on the read set is there, PROCESSING_UPLOAD. */
export async function completeUpload(
  room: Room,
  input: Checked<CompleteMultipartReadSetUploadRequest>,
  { scope, principal }: OperationContext,
): Promise<CompleteMultipartReadSetUploadResponse> {
  const { sequenceStoreId: store, uploadId: id } = input;
  await findSequenceStore(room, scope, store);
  return room.records.transaction(async (tx) => {
    const upload = await room.tables.uploads.hold(tx, scope, id);
    if (upload?.parent !== store || upload.status === 'FAILED') throw errors.uploadNotFound({ id, store });
    // Completed before, by a request whose answer was lost.
    if (upload.doc.readSetId !== undefined) return { readSetId: upload.doc.readSetId };
    checkParts(input.parts, await partsOf(tx, { scope, id }));
    const readSetId = room.ids.numeric();
    await room.tables.readSets.insert(tx, {
      scope,
      id: readSetId,
      parent: store,
      status: 'PROCESSING_UPLOAD',
      doc: readSetDoc(upload),
    });
    await room.tables.uploads.transition(tx, scope, id, 'PROCESSING', {
      doc: (doc) => ({ ...doc, readSetId }),
    });
    await enqueueProcessing(room, tx, { scope, principal }, id);
    return { readSetId };
  });
}

function readSetDoc({ id, doc }: UploadRow): ReadSetDoc {
  const { name, subjectId, sampleId, tags, generatedFrom, referenceArn, description } = doc;
  return {
    name,
    subjectId,
    sampleId,
    tags,
    fileType: doc.sourceFileType,
    creationType: 'UPLOAD',
    creationJobId: id,
    files: {},
    ...present({ generatedFrom, referenceArn, description }),
  };
}

/** Every part that was uploaded, once, in order from 1 on, with its checksum: anything else is refused. */
export function checkParts(listed: readonly Listed[], uploaded: readonly Part[]): void {
  const fault = (reason: string): Error => errors.badPartList({ reason });
  if (!uploaded.some(({ source }) => source === 'SOURCE1')) throw fault('no part of SOURCE1 was uploaded');
  for (const source of ['SOURCE1', 'SOURCE2'] as const) {
    const named = listed.filter(({ partSource }) => partSource === source);
    const stored = uploaded.filter((part) => part.source === source);
    named.forEach((part, i) => {
      const { partNumber } = part;
      const before = named[i - 1]?.partNumber ?? 0;
      if (partNumber === before) throw fault(`part ${partNumber} of ${source} is named twice`);
      if (partNumber < before) throw fault(`part ${partNumber} of ${source} is named after part ${before}`);
      if (partNumber > before + 1)
        throw fault(`part ${before + 1} of ${source} is missing before part ${partNumber}`);
      const found = stored.find(({ number }) => number === partNumber);
      if (!found) throw fault(`part ${partNumber} of ${source} was not uploaded`);
      if (!sameChecksum(found.checksum, part.checksum))
        throw fault(
          `part ${partNumber} of ${source} has the checksum ${found.checksum}, not ${part.checksum}`,
        );
    });
    const left = stored[named.length];
    if (left) throw fault(`part ${left.number} of ${source} was uploaded but is not named`);
  }
}

/** The guide shows checksums in base64 and, for UploadReadSetPart, in hexadecimal. */
function sameChecksum(base64: string, given: string): boolean {
  return given === base64 || given.toLowerCase() === Buffer.from(base64, 'base64').toString('hex');
}
