import { createHash } from 'node:crypto';
import type { BucketAccess } from '@helicase/blobs';

/** What the bucket says of itself in each line. */
export interface LoggedBucket {
  readonly account: string;
  readonly accessPointArn: string;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/**
 * One request in the format of AWS, "Amazon S3 server access log format", its fields in their order; '-' where there
 * is nothing to say. There are no versions, no host ids and no ACLs here.
 */
export function accessLogLine(access: BucketAccess, { account, accessPointArn }: LoggedBucket): string {
  const { bucket, bytesSent, errorCode, key, objectSize, protocol, turnAroundTime } = access;
  return [
    ...[canonicalUser(account), bucket, `[${timeOf(access.at)}]`, access.remoteAddress],
    ...[access.requester, access.requestId, access.operation],
    key === undefined ? '-' : encodeURIComponent(key).replaceAll('%2F', '/'),
    ...[quoted(withoutSecrets(access.requestLine)), access.status, errorCode ?? '-'],
    ...[bytesSent === 0 ? '-' : bytesSent, objectSize ?? '-', access.totalTime, turnAroundTime ?? '-'],
    ...[quoted(access.referer ?? '-'), quoted(access.userAgent ?? '-'), '-', '-', 'SigV4'],
    ...[access.cipher ?? '-', access.signedBy === 'query' ? 'QueryString' : 'AuthHeader', safe(access.host)],
    ...[protocol === undefined ? '-' : protocol.replace('TLSv', 'TLSV'), accessPointArn, '-'],
  ].join(' ');
}

/** `06/Feb/2019:00:00:38 +0000` */
function timeOf(milliseconds: number): string {
  const [date, time] = new Date(milliseconds).toISOString().split('T') as [string, string];
  const [year, month, day] = date.split('-') as [string, string, string];
  return `${day}/${MONTHS[Number(month) - 1]}/${year}:${time.slice(0, 8)} +0000`;
}

/** As lists of buckets name owners. */
function canonicalUser(account: string): string {
  return createHash('sha256').update(`canonical user of ${account}`).digest('hex');
}

const SECRETS = ['x-amz-signature', 'x-amz-security-token'];

/** A presigned URL opens what it names for whoever reads the log. */
function withoutSecrets(requestLine: string): string {
  return requestLine.replace(/([?&])([^=&\s]*)=([^&\s]*)/g, (all: string, before: string, name: string) =>
    SECRETS.includes(decoded(name).toLowerCase()) ? `${before}${name}=REDACTED` : all,
  );
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name; // nothing that could have been read as one of ours
  }
}

/** What clients write of themselves must not end the field or the line. */
function quoted(text: string): string {
  return `"${text.replace(/["\\\p{Cc}]/gu, encodeURIComponent)}"`;
}

function safe(text: string): string {
  return text.replace(/[\s"\\\p{Cc}]/gu, encodeURIComponent);
}
