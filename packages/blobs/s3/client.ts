import { S3Client } from '@aws-sdk/client-s3';

/** An S3 service and the keys to it. */
export interface S3Access {
  /** `https://s3.eu-west-1.amazonaws.com`, `http://127.0.0.1:9000`; AWS's own for the region where absent. */
  readonly endpoint?: string | undefined;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** `bucket.host` instead of `host/bucket`. Path style unless told; AWS itself takes both. */
  readonly virtualHostStyle?: boolean | undefined;
}

/** A client that gives up on a silent peer, so that nothing hangs for ever. */
export function createS3Client(access: S3Access): S3Client {
  const { endpoint, region, credentials } = access;
  return new S3Client({
    ...(endpoint === undefined ? {} : { endpoint }),
    region,
    credentials,
    forcePathStyle: !access.virtualHostStyle,
    maxAttempts: 5,
    requestHandler: {
      connectionTimeout: 10_000,
      socketTimeout: 60_000,
      httpsAgent: { maxSockets: 100 },
      httpAgent: { maxSockets: 100 },
    },
  });
}

/** Whether the service said that there is no such object or upload. */
export function isNotFound(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return ['NoSuchKey', 'NotFound', 'NoSuchUpload', '404'].includes(error.name);
}
