import type { IncomingMessage, ServerResponse } from 'node:http';

/** Seconds that a browser remembers what it may do. */
const PREFLIGHT_AGE = 3000;

/** What scripts read of an answer beyond what the standard lets through: ranges, ETags, checksums, request ids. */
const EXPOSED = [
  'accept-ranges',
  'content-encoding',
  'content-length',
  'content-range',
  'etag',
  'x-amz-checksum-crc32',
  'x-amz-checksum-crc64nvme',
  'x-amz-checksum-sha256',
  'x-amz-request-id',
  'x-amzn-errortype',
  'x-amzn-requestid',
].join(', ');

/**
 * The Fetch standard's CORS protocol: says on every answer whether a page of the request's origin may read it, and
 * answers a browser's question beforehand; true where it was one. It opens nothing: requests are signed as ever, and
 * cookies play no part.
 */
export function answerCors(
  origins: readonly string[],
  request: IncomingMessage,
  response: ServerResponse,
): boolean {
  const { origin } = request.headers;
  if (origins.length === 0 || origin === undefined) return false;
  const any = origins.includes('*');
  if (!any) response.setHeader('vary', 'origin');
  const asked = request.headers['access-control-request-method'];
  const isPreflight = request.method === 'OPTIONS' && asked !== undefined;
  const isAllowed = any || origins.includes(origin);
  if (isAllowed) response.setHeader('access-control-allow-origin', any ? '*' : origin);
  if (!isPreflight) {
    if (isAllowed) response.setHeader('access-control-expose-headers', EXPOSED);
    return false;
  }
  if (isAllowed) {
    response.setHeader('access-control-allow-methods', asked);
    const headers = request.headers['access-control-request-headers'];
    if (headers !== undefined) response.setHeader('access-control-allow-headers', headers);
    response.setHeader('access-control-max-age', PREFLIGHT_AGE);
  }
  response.writeHead(isAllowed ? 204 : 403).end();
  return true;
}
