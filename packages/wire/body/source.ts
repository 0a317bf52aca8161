import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { lend } from '@helicase/kernel';
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

/** Pieces that wait for the reader, as they come from the connection: 64 KiB at most each. */
const WAITING = 4;

/** A stream of the pieces, lent to its reader. It is one of objects, or Node would join those that wait, by copying them. */
export function toReadable(bytes: Bytes): Readable {
  return Readable.from(lentBytes(bytes), { objectMode: true, highWaterMark: WAITING });
}

async function* lentBytes(bytes: Bytes): Bytes {
  for await (const piece of bytes) yield lend(piece);
}
