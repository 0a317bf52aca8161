import type { TLSSocket } from 'node:tls';
import type { BucketAccess } from '@helicase/blobs';
import type { Clock } from '@helicase/kernel';
import type { RawRequest } from '@helicase/wire';

type Asked = Pick<RawRequest, 'request' | 'query'>;

export type AccessWatch = ReturnType<typeof watchAccess>;

/** Watches a request until its answer has ended, for access logs. */
export function watchAccess(raw: RawRequest, clock: Clock) {
  const { socket } = raw.request;
  const at = clock.now();
  const before = socket.bytesWritten;
  let decidedAt: number | undefined;
  let errorCode: string | undefined;
  return {
    /** The next byte of the answer leaves. */
    decided(code?: string): void {
      decidedAt = clock.now();
      errorCode = code;
    },
    ended(bucket: string, key: string | undefined): BucketAccess {
      const now = clock.now();
      const { httpVersion, method, url } = raw.request;
      const protocol = (socket as Partial<TLSSocket>).getProtocol?.();
      const cipher = (socket as Partial<TLSSocket>).getCipher?.().standardName;
      const facts = {
        ...{ key, errorCode, protocol: protocol ?? undefined, cipher },
        objectSize: objectSizeOf(raw),
        turnAroundTime: decidedAt === undefined ? undefined : decidedAt - at,
        ...{ referer: raw.origin?.referer, userAgent: raw.origin?.userAgent },
      };
      return {
        ...{ bucket, at, totalTime: now - at, requestId: raw.requestId, host: raw.host },
        remoteAddress: raw.origin?.address ?? socket.remoteAddress ?? '-',
        requester: raw.principal.arn,
        operation: operationOf(raw, key),
        requestLine: `${method} ${url} HTTP/${httpVersion}`,
        status: raw.response.statusCode,
        bytesSent: sentOf(raw, socket.bytesWritten - before),
        signedBy: raw.origin?.signedBy ?? 'header',
        ...Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined)),
      };
    },
  };
}

/** The body's bytes. Of an answer that broke off no more than went to the connection. */
function sentOf({ request, response }: RawRequest, written: number): number {
  if (request.method === 'HEAD' || response.statusCode === 304) return 0;
  return Math.min(Number(response.getHeader('content-length') ?? 0), written);
}

function objectSizeOf({ request, response }: RawRequest): number | undefined {
  const isObject = response.getHeader('etag') !== undefined && ['GET', 'HEAD'].includes(request.method!);
  if (!isObject || response.statusCode >= 300) return undefined;
  const whole = /\/(\d+)$/.exec(String(response.getHeader('content-range') ?? ''))?.[1];
  return Number(whole ?? response.getHeader('content-length'));
}

/** What a query parameter makes of a request: AWS, "Amazon S3 server access log format", field Operation. */
const PARTS: readonly (readonly [string, string])[] = [
  ['location', 'LOCATION'],
  ['versioning', 'VERSIONING'],
  ['versions', 'BUCKETVERSIONS'],
  ['policy', 'BUCKETPOLICY'],
  ['encryption', 'ENCRYPTION'],
  ['acl', 'ACL'],
  ['uploads', 'UPLOADS'],
  ['delete', 'MULTI_OBJECT_DELETE'],
  ['partNumber', 'PART'],
  ['uploadId', 'UPLOAD'],
];

/** `REST.GET.OBJECT` */
function operationOf({ query, request }: Asked, key: string | undefined): string {
  const plain = key === undefined ? 'BUCKET' : 'OBJECT';
  const part = PARTS.find(([name]) => query.has(name))?.[1];
  const tagging = key === undefined ? 'TAGGING' : 'OBJECT_TAGGING';
  return `REST.${request.method}.${query.has('tagging') ? tagging : (part ?? plain)}`;
}
