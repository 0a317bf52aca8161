import type { IncomingMessage } from 'node:http';
import { errors } from '../errors.ts';
import { requestBytes } from './source.ts';

/** The largest body that is not streamed: a base64 workflow definition of the largest allowed size fits. */
const BUFFER_LIMIT = 16 * 1024 * 1024;

/** The whole body; RequestEntityTooLargeException over the limit, without reading on. */
export async function readWholeBody(request: IncomingMessage, limit = BUFFER_LIMIT): Promise<Buffer> {
  if (Number(request.headers['content-length'] ?? 0) > limit) throw errors.bodyTooLarge({ limit });
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of requestBytes(request)) {
    size += chunk.length;
    if (size > limit) throw errors.bodyTooLarge({ limit });
    chunks.push(chunk);
  }
  return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
}
