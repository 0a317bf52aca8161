import type { Readable } from 'node:stream';
import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { ByteRange } from '../blob.ts';

export interface DownloadSource {
  readonly client: S3Client;
  readonly bucket: string;
  readonly key: string;
}

const ATTEMPTS = 4;

/** An object's bytes; a connection that breaks in the middle is taken up again where it broke, of the same object. */
export async function* download(source: DownloadSource, range?: ByteRange): AsyncGenerator<Buffer> {
  let at = range?.start ?? 0;
  let etag: string | undefined;
  let end = range?.end;
  for (let attempt = 1; ; attempt++) {
    const answer = await get(source, at, end, etag);
    etag ??= answer.ETag;
    end ??= at + (answer.ContentLength ?? 0) - 1;
    try {
      for await (const chunk of answer.Body as Readable as AsyncIterable<Buffer>) {
        at += chunk.length;
        yield chunk;
      }
    } catch (error) {
      if (attempt === ATTEMPTS) throw error;
      continue;
    }
    if (at > end) return;
    if (attempt === ATTEMPTS)
      throw new Error(`s3://${source.bucket}/${source.key} ended ${end + 1 - at} bytes early`);
  }
}

function get(source: DownloadSource, start: number, end: number | undefined, etag: string | undefined) {
  const whole = start === 0 && end === undefined;
  return source.client.send(
    new GetObjectCommand({
      Bucket: source.bucket,
      Key: source.key,
      ...(whole ? {} : { Range: `bytes=${start}-${end ?? ''}` }),
      ...(etag === undefined ? {} : { IfMatch: etag }),
    }),
  );
}
