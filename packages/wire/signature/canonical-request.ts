import { hash } from 'node:crypto';
import type { Incoming } from '../request/incoming.ts';
import { formatAmzTime } from './amz-time.ts';
import type { V4Claim } from './claim.ts';

/** RFC 3986: everything but letters, digits, `-`, `.`, `_` and `~` is escaped. */
function uriEncode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/**
 * The canonical paths that a client may have signed. S3 signs the path once encoded: as on the wire, or encoded anew
 * where the wire's encoding is not the canonical one. Everything else normalizes the path and encodes it once more.
 */
export function canonicalPaths(path: string, service: string): readonly string[] {
  if (service === 's3') {
    const anew = path.split('/').map(reencode).join('/');
    return anew === path ? [path] : [path, anew];
  }
  return [normalizePath(path).split('/').map(uriEncode).join('/')];
}

function reencode(segment: string): string {
  try {
    return uriEncode(decodeURIComponent(segment));
  } catch {
    return uriEncode(segment);
  }
}

/** Dot segments resolved and empty ones dropped, as RFC 3986 and every signer do. */
function normalizePath(path: string): string {
  const kept: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '..') kept.pop();
    else if (segment !== '' && segment !== '.') kept.push(segment);
  }
  const body = `/${kept.join('/')}`;
  return path.endsWith('/') && body !== '/' ? `${body}/` : body;
}

/** Sorted by encoded name, then value; without the signature of presigned requests. */
export function canonicalQuery(query: Incoming['query']): string {
  return query
    .filter(([name]) => name !== 'X-Amz-Signature')
    .map(([name, value]) => [uriEncode(name), uriEncode(value)] as const)
    .sort(([a, x], [b, y]) => (a === b ? compare(x, y) : compare(a, b)))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
}

/** By bytes; the texts are ASCII. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function canonicalHeaders(incoming: Incoming, names: readonly string[]): string {
  return names.map((name) => `${name}:${headerValue(incoming.headers.get(name) ?? '')}\n`).join('');
}

function headerValue(value: string): string {
  // node:http reads header bytes as Latin-1; signers sign UTF-8.
  const text = /[\u0080-\u00ff]/.test(value) ? Buffer.from(value, 'latin1').toString('utf8') : value;
  return text.trim().replace(/\s+/g, ' ');
}

/** The string that the signature of a request is made of. */
export function stringToSign(incoming: Incoming, claim: V4Claim, path: string, payload: string): string {
  const canonical = [
    incoming.method,
    path,
    canonicalQuery(incoming.query),
    canonicalHeaders(incoming, claim.signedHeaders),
    claim.signedHeaders.join(';'),
    payload,
  ].join('\n');
  return ['AWS4-HMAC-SHA256', formatAmzTime(claim.time), credentialScope(claim), sha256Hex(canonical)].join(
    '\n',
  );
}

export function credentialScope(claim: V4Claim): string {
  return `${claim.date}/${claim.region}/${claim.service}/aws4_request`;
}

export function sha256Hex(data: string | Uint8Array): string {
  return hash('sha256', data, 'hex');
}
