import { errors } from '../errors.ts';
import type { ObjectCall } from '../protocol/call.ts';
import type { Upload } from './repository.ts';

/** The upload that the call names, or NoSuchUpload. */
export async function findUpload(call: ObjectCall): Promise<Upload> {
  const { records, uploads } = call.rooms;
  const id = call.query.get('uploadId')!;
  const found = await uploads.find(records.direct, call.bucket.name, call.key, id);
  if (!found) throw errors.noSuchUpload({ upload: id });
  return found;
}
