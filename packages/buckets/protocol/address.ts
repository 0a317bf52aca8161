import { errors } from '../errors.ts';

/** What a request's URL names. */
export interface Address {
  readonly bucket: string | undefined;
  /** Decoded; undefined where the URL ends with the bucket. */
  readonly key: string | undefined;
}

const KEY_LIMIT = 1024;

/**
 * Reads bucket and key from path (still percent-encoded) and Host. Path style everywhere; virtual-host style under
 * the given domains: `bucket.localhost`, `bucket.s3.localhost`, `bucket.s3.us-east-1.localhost`.
 */
export function addressOf(path: string, host: string, domains: readonly string[]): Address {
  const bucketOfHost = hostBucket(host, domains);
  const whole = path.replace(/^\//, '');
  if (bucketOfHost !== undefined) return { bucket: bucketOfHost, key: keyOf(whole) };
  const slash = whole.indexOf('/');
  if (whole === '') return { bucket: undefined, key: undefined };
  if (slash === -1) return { bucket: decoded(whole), key: undefined };
  return { bucket: decoded(whole.slice(0, slash)), key: keyOf(whole.slice(slash + 1)) };
}

/** Names before a domain that are the service itself: `s3`, `s3.us-east-1`, `s3-eu-west-1`, and the server's `omics`. */
const SERVICE = /^(?:omics|s3(?:[.-][a-z0-9-]+)?)$/;

function hostBucket(host: string, domains: readonly string[]): string | undefined {
  const name = host.replace(/:\d+$/, '').toLowerCase();
  const domain = domains.find((candidate) => name.endsWith(`.${candidate}`));
  if (domain === undefined) return undefined;
  const before = name.slice(0, -domain.length - 1);
  if (SERVICE.test(before)) return undefined;
  return before.replace(/\.s3(?:[.-][a-z0-9-]+)?$/, '');
}

function keyOf(encoded: string): string | undefined {
  if (encoded === '') return undefined;
  const key = decoded(encoded);
  checkKey(key);
  return key;
}

/** Throws where no object may have this key. */
export function checkKey(key: string): void {
  const size = Buffer.byteLength(key, 'utf8');
  if (size > KEY_LIMIT) throw errors.keyTooLong({ size });
  // PostgreSQL keeps no NUL in text; no genomics tool writes one.
  if (key.includes('\0')) throw errors.invalidArgument({ name: 'key', value: key, reason: 'it holds a NUL' });
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw errors.invalidUri({ path: text });
  }
}
