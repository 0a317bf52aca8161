import { errors } from '../errors.ts';

/** What a request's URL names. */
export interface Address {
  readonly bucket: string | undefined;
  /** Decoded; undefined where the URL ends with the bucket. */
  readonly key: string | undefined;
}

const KEY_LIMIT = 1024;

/** How names of buckets are read at this endpoint. */
export interface Names {
  /** Host names under which a first label is a bucket: `localhost` makes `bucket.localhost` one. */
  readonly domains: readonly string[];
  /** The region that the request is signed for. */
  readonly region: string;
  /** The name that an access point has as a bucket, by its ARN; undefined where there can be no such access point. */
  aliasOf(accessPointArn: string): string | undefined;
}

/**
 * Reads bucket and key from path (still percent-encoded) and Host. Path style everywhere; virtual-host style under
 * the given domains: `bucket.localhost`, `bucket.s3.localhost`, `bucket.s3.us-east-1.localhost`. An access point's ARN
 * stands for its alias from here on, so that nothing else can be decided of the one than of the other.
 */
export function addressOf(path: string, host: string, names: Names): Address {
  const whole = path.replace(/^\//, '');
  const bucketOfHost = bucketInHost(host, names);
  if (bucketOfHost !== undefined) return { bucket: bucketOfHost, key: keyOf(whole) };
  if (whole === '') return { bucket: undefined, key: undefined };
  const { arn, bucket, rest } = splitBucket(whole);
  return { bucket: (arn ? names.aliasOf(bucket) : undefined) ?? bucket, key: keyOf(rest) };
}

/** Undefined where the bucket is in the path. */
export function bucketInHost(host: string, names: Names): string | undefined {
  return pointOfHost(host, names) ?? hostBucket(host, names.domains);
}

/** Its slash may be encoded, or not (htslib); S3 takes a colon there too. */
const ARN = /^(arn(?::|%3A)[^/]*(?::|%3A)accesspoint)(?:[/:]|%2F|%3A)([a-z0-9-]+)(?:\/(.*))?$/is;

/** The bucket, decoded, or the ARN of an access point in its place, and what stands behind its slash, still encoded. */
export function splitBucket(text: string): {
  readonly bucket: string;
  readonly rest: string;
  readonly arn: boolean;
} {
  const [, before, name, behind = ''] = ARN.exec(text) ?? [];
  if (before !== undefined) return { bucket: `${decoded(before)}/${name}`, rest: behind, arn: true };
  const slash = text.indexOf('/');
  const [bucket, rest] = slash === -1 ? [text, ''] : [text.slice(0, slash), text.slice(slash + 1)];
  return { bucket: decoded(bucket), rest, arn: false };
}

/**
 * `NAME-ACCOUNT.endpoint`: how S3's endpoint rules have clients write the ARN of an access point where the endpoint is
 * one's own, which they do with an address too (`NAME-ACCOUNT.127.0.0.1`).
 */
function pointOfHost(host: string, names: Names): string | undefined {
  const [, name, account] = /^([a-z0-9-]+)-(\d{12})\./.exec(host.toLowerCase()) ?? [];
  const { region } = names;
  return name === undefined
    ? undefined
    : names.aliasOf(`arn:aws:s3:${region}:${account}:accesspoint/${name}`);
}

/** Names before a domain that are the service itself: `s3`, `s3.us-east-1`, `s3-eu-west-1`, and the server's `omics`. */
const SERVICE = String.raw`(?:omics|s3(?:[.-][a-z0-9-]+)?)`;
const IS_SERVICE = new RegExp(`^${SERVICE}$`);
const BEHIND_BUCKET = new RegExp(String.raw`\.${SERVICE}$`);

function hostBucket(host: string, domains: readonly string[]): string | undefined {
  const name = host.replace(/:\d+$/, '').toLowerCase();
  const domain = domains.find((candidate) => name.endsWith(`.${candidate}`));
  if (domain === undefined) return undefined;
  const before = name.slice(0, -domain.length - 1);
  return IS_SERVICE.test(before) ? undefined : before.replace(BEHIND_BUCKET, '');
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
