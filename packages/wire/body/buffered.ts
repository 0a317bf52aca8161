import type { IncomingMessage } from 'node:http';
import { errors } from '../errors.ts';
import { requestBytes } from './source.ts';

/** The largest body that is not streamed: a base64 workflow definition of the largest allowed size fits. */
const BUFFER_LIMIT = 16 * 1024 * 1024;

/** The whole body; RequestEntityTooLargeException over 16 MiB, without reading on. */
export async function readWholeBody(request: IncomingMessage): Promise<Buffer> {
  if (Number(request.headers['content-length'] ?? 0) > BUFFER_LIMIT) throw tooLarge();
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of requestBytes(request)) {
    size += chunk.length;
    if (size > BUFFER_LIMIT) throw tooLarge();
    chunks.push(chunk);
  }
  return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
}

function tooLarge() {
  return errors.bodyTooLarge({ limit: BUFFER_LIMIT });
}
