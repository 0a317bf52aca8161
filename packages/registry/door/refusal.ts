import type { ServerResponse } from 'node:http';
import { ServiceError } from '@helicase/kernel';

/** The distribution specification's error codes. */
type RefusalCode =
  | 'UNAUTHORIZED'
  | 'DENIED'
  | 'UNSUPPORTED'
  | 'NAME_UNKNOWN'
  | 'MANIFEST_UNKNOWN'
  | 'MANIFEST_INVALID'
  | 'DIGEST_INVALID'
  | 'TAG_INVALID'
  | 'TOOMANYREQUESTS'
  | 'UNKNOWN';

/** A request that is not answered as it was meant. */
export class Refusal extends Error {
  readonly status: number;
  readonly code: RefusalCode;

  constructor(status: number, code: RefusalCode, message: string) {
    super(message);
    this.name = 'Refusal';
    this.status = status;
    this.code = code;
  }
}

/** What ECR's errors are in the words of the distribution specification. */
const CODES: Readonly<Record<string, readonly [number, RefusalCode]>> = {
  RepositoryNotFoundException: [404, 'NAME_UNKNOWN'],
  ImageTagAlreadyExistsException: [400, 'TAG_INVALID'],
  ImageNotFoundException: [404, 'MANIFEST_UNKNOWN'],
  ThrottlingException: [429, 'TOOMANYREQUESTS'],
};

export function refusalOf(error: unknown): Refusal | undefined {
  if (error instanceof Refusal) return error;
  if (!(error instanceof ServiceError)) return undefined;
  const [status, code] = CODES[error.code] ?? [error.status, 'UNKNOWN' as const];
  return new Refusal(status, code, error.message);
}

export function sendRefusal(response: ServerResponse, { code, message, status }: Refusal): void {
  const body = JSON.stringify({ errors: [{ code, message }] });
  if (status === 401) response.setHeader('www-authenticate', 'Basic realm="ECR of this server"');
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
  });
  response.end(body);
}
