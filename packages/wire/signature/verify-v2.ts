import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Incoming } from '../request/incoming.ts';
import type { V2Claim } from './claim.ts';

/** Query parameters that are part of what version 2 signs, as the S3 developer guide lists them. */
const SUBRESOURCES = new Set(
  (
    'accelerate acl analytics cors delete encryption inventory lifecycle location logging metrics notification ' +
    'object-lock ownershipControls partNumber policy policyStatus publicAccessBlock replication requestPayment ' +
    'restore retention select select-type tagging torrent uploadId uploads versionId versioning versions website ' +
    'legal-hold attributes response-cache-control response-content-disposition response-content-encoding ' +
    'response-content-language response-content-type response-expires'
  ).split(' '),
);

/**
 * S3's signature version 2: what boto3 and aws-cli 1 presign with by default, and what htslib signs with. The host is not
 * signed, but a bucket in it is, before the path: what was signed for one bucket says nothing of a key in another.
 */
export function isSignedV2(incoming: Incoming, claim: V2Claim, secret: string, bucket?: string): boolean {
  const text = stringToSignV2(incoming, claim, resourceOf(incoming, bucket));
  const expected = createHmac('sha1', secret).update(text).digest();
  const sent = Buffer.from(claim.signature, 'base64');
  return sent.length === expected.length && timingSafeEqual(expected, sent);
}

function stringToSignV2(incoming: Incoming, claim: V2Claim, resource: string): string {
  const header = (name: string) => incoming.headers.get(name) ?? '';
  // x-amz-date stands among the amz headers; the Date line is then empty.
  const date =
    claim.until !== undefined
      ? String(claim.until / 1000)
      : incoming.headers.has('x-amz-date')
        ? ''
        : header('date');
  const amz = [...amzHeaders(incoming)].sort(([a], [b]) => (a < b ? -1 : 1));
  return [
    incoming.method,
    header('content-md5'),
    header('content-type'),
    date,
    ...amz.map(([name, value]) => `${name}:${value.trim()}`),
    resource,
  ].join('\n');
}

function amzHeaders(incoming: Incoming): Iterable<readonly [string, string]> {
  return [...incoming.headers].filter(([name]) => name.startsWith('x-amz-'));
}

function resourceOf({ path, query }: Incoming, bucket: string | undefined): string {
  const subresources = query
    .filter(([name]) => SUBRESOURCES.has(name))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => (value === '' ? name : `${name}=${value}`));
  const whole = bucket === undefined ? path : `/${bucket}${path}`;
  return whole + (subresources.length > 0 ? `?${subresources.join('&')}` : '');
}
