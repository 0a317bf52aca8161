import type { Objects } from '@helicase/blobs';
import { ServiceError } from '@helicase/kernel';

export interface KeptObject {
  readonly body: Uint8Array;
  readonly metadata: Readonly<Record<string, string>>;
}

/** What trails and dead letters need of the Objects port, over a map by URI; everything else fails. Buckets exist from the start. */
export function memoryObjects(kept: Map<string, KeptObject>, buckets: readonly string[]): Objects {
  const nobody = () => Promise.reject(new Error('not expected in these tests'));
  return {
    async put(_actor, uri, body, _contentType, metadata = {}) {
      if (!(body instanceof Uint8Array)) return nobody();
      if (!buckets.some((bucket) => uri.startsWith(`s3://${bucket}/`)))
        throw new ServiceError('noSuchBucket', 'NoSuchBucket', 404, `${uri}: The bucket does not exist.`);
      kept.set(uri, { body, metadata });
      return { uri, size: body.length, etag: '', modifiedAt: 0 };
    },
    ownerOf: nobody,
    head: nobody,
    open: nobody,
    putFile: nobody,
    async *list() {},
    remove: nobody,
    materialize: nobody,
  };
}
