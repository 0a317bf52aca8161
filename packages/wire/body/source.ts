import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { errors } from '../errors.ts';

/** What gives the body's bytes in order; ends early or throws where the client does wrong. */
export type Bytes = AsyncGenerator<Buffer, void, undefined>;

/**
 * The request's bytes. The request itself is never destroyed by a reader that stops early, or the connection would be
 * gone before the client has its answer.
 */
export async function* requestBytes(request: IncomingMessage): Bytes {
  // Not `yield*`: a reader's error would be thrown into the request's own iterator, which then destroys it.
  for await (const chunk of request.iterator({ destroyOnReturn: false })) yield chunk as Buffer;
  // A client that goes away mid-body ends the stream without an error on some paths.
  if (!request.complete) throw errors.bodyIncomplete({ found: 'fewer', expected: 'more' });
}

export function toReadable(bytes: Bytes): Readable {
  return Readable.from(bytes, { objectMode: false, highWaterMark: 256 * 1024 });
}
