import type { ServiceError } from '@helicase/kernel';
import { textElement } from '../codec/xml-write.ts';
import type { Reply } from './protocol.ts';

/** An error as S3 answers it. `extra` are further elements, such as the region that was expected. */
export function s3ErrorReply(
  error: ServiceError,
  requestId: string,
  resource: string,
  extra: Readonly<Record<string, string>> = {},
): Reply {
  const elements = {
    Code: error.code === 'InternalServerException' ? 'InternalError' : error.code,
    Message: error.message,
    ...extra,
    Resource: resource,
    RequestId: requestId,
  };
  const content = Object.entries(elements).map(([name, text]) => textElement(name, text));
  return {
    status: error.status,
    headers: { 'content-type': 'application/xml' },
    body: `<?xml version="1.0" encoding="UTF-8"?>\n<Error>${content.join('')}</Error>`,
  };
}
