import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

const PASSED = [
  'content-type',
  'content-length',
  'content-range',
  'accept-ranges',
  'docker-content-digest',
  'docker-upload-uuid',
  'range',
  'etag',
];

/** The registry's answer, as far as it is the client's business. */
export async function passOn(answer: Response, response: ServerResponse, location?: string): Promise<void> {
  for (const name of PASSED) {
    const value = answer.headers.get(name);
    if (value !== null) response.setHeader(name, value);
  }
  if (location !== undefined) response.setHeader('location', location);
  response.writeHead(answer.status);
  if (!answer.body) return void response.end();
  await pipeline(Readable.fromWeb(answer.body as import('node:stream/web').ReadableStream), response);
}
