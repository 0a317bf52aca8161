import { ServiceError } from '@helicase/kernel';
import { type RawRequest, sendBody } from '@helicase/wire';
import type { Answer } from './call.ts';
import { xmlError } from './xml.ts';

/** Writes an answer; resolves when the last byte was handed over. */
export async function respond(raw: RawRequest, answer: Answer): Promise<void> {
  const { response } = raw;
  const { body } = answer;
  const headers: Record<string, string | number> = { ...idHeader(raw), ...defined(answer.headers) };
  if (typeof body === 'string') {
    headers['content-type'] ??= 'application/xml';
    headers['content-length'] = Buffer.byteLength(body);
  }
  try {
    response.writeHead(answer.status, headers);
  } catch (error) {
    if (typeof body === 'object') body.destroy();
    throw error;
  }
  if (body === undefined || typeof body === 'string') {
    response.end(body);
    return;
  }
  await sendBody(body, response);
}

/** S3's error document; none for HEAD, which has no body. */
export function respondError(raw: RawRequest, error: ServiceError, facts: Record<string, string>): void {
  const { response, requestId } = raw;
  const { code, message } = error;
  const document = xmlError({
    Code: code,
    Message: message,
    Resource: raw.path,
    RequestId: requestId,
    ...facts,
  });
  if (response.headersSent) {
    response.destroy(error);
    return;
  }
  const headers = { ...idHeader(raw), ...regionHeader(facts), 'content-type': 'application/xml' };
  response.writeHead(error.status, { ...headers, ...lengthOf(raw, document) });
  response.end(raw.request.method === 'HEAD' ? undefined : document);
}

/** Anything that is not a ServiceError is a fault of ours; its details stay in the log. */
export function internalError(): ServiceError {
  return new ServiceError(
    'internal',
    'InternalError',
    500,
    'We encountered an internal error. Please try again.',
  );
}

function lengthOf(raw: RawRequest, document: string): Record<string, number> {
  return raw.request.method === 'HEAD' ? {} : { 'content-length': Buffer.byteLength(document) };
}

/** Clients follow a bucket to its region by this header. */
function regionHeader(facts: Record<string, string>): Record<string, string> {
  return facts.Region === undefined ? {} : { 'x-amz-bucket-region': facts.Region };
}

function idHeader(raw: RawRequest): Record<string, string> {
  return { 'x-amz-request-id': raw.requestId };
}

function defined(headers: Answer['headers'] = {}): Record<string, string | number> {
  const entries = Object.entries(headers).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as Record<string, string | number>;
}
