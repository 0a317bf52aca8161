import { Readable } from 'node:stream';
import { type Incoming, parameter } from '../request/incoming.ts';
import { sha256Hex } from '../signature/canonical-request.ts';
import type { Claim } from '../signature/claim.ts';
import type { Refusals } from '../signature/errors.ts';
import type { Identity } from '../signature/guard.ts';
import { readWholeBody } from './buffered.ts';
import { ChunkSigner } from './chunk-signer.ts';
import { unchunkedBytes } from './chunked.ts';
import { hashedBytes } from './hashed.ts';
import { type Bytes, requestBytes, toReadable } from './source.ts';

export interface OpenedBody {
  /** What the canonical request has for the payload. */
  readonly payload: string;
  /** Whole where the operation does not stream; otherwise verified as it is read. */
  readonly body: Buffer | Readable;
  readonly trailers: ReadonlyMap<string, string>;
}

const NO_TRAILERS: ReadonlyMap<string, string> = new Map();
const UNSIGNED = 'UNSIGNED-PAYLOAD';
const CHUNKED: Readonly<Record<string, { readonly signed: boolean; readonly trailers: boolean }>> = {
  'STREAMING-AWS4-HMAC-SHA256-PAYLOAD': { signed: true, trailers: false },
  'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER': { signed: true, trailers: true },
  'STREAMING-UNSIGNED-PAYLOAD-TRAILER': { signed: false, trailers: true },
};

const provenHashes = new WeakMap<Readable, string>();

/**
 * The SHA-256 (hex) that the request declares of a streamed body, where it does: the body ends without an error only
 * where it is that, so nobody needs to hash it again.
 */
export function provenSha256(body: Readable): string | undefined {
  return provenHashes.get(body);
}

/** The body of an operation that does not stream: read whole, and what its declared hash says. */
export async function openWholeBody(
  incoming: Incoming,
  claim: Claim,
  refusals: Refusals,
): Promise<OpenedBody> {
  const declared = declaredHash(incoming, claim);
  if (declared !== undefined && !isHash(declared)) throw refusals.payloadHash({ given: declared });
  const body = await readWholeBody(incoming.request);
  const payload = sha256Hex(body);
  if (declared !== undefined && declared.toLowerCase() !== payload) throw refusals.mismatch({});
  return { payload, body, trailers: NO_TRAILERS };
}

/** The body of an operation that streams; nothing of it is read before the reader asks. */
export async function openStreamedBody(
  incoming: Incoming,
  identity: Identity,
  refusals: Refusals,
): Promise<OpenedBody> {
  const { claim } = identity;
  const declared =
    claim.version === 2 ? UNSIGNED : (declaredHash(incoming, claim) ?? defaultHash(claim, refusals));
  if (declared === undefined) {
    const whole = await openWholeBody(incoming, claim, refusals);
    return { ...whole, body: Readable.from([whole.body], { objectMode: false }) };
  }
  const trailers = new Map<string, string>();
  const bytes = verifiedBytes(incoming, identity, declared, trailers, refusals);
  const body = toReadable(bytes);
  body.on('error', () => {}); // a handler that stopped reading has answered already
  if (isHash(declared)) provenHashes.set(body, declared.toLowerCase());
  return { payload: declared, body, trailers };
}

function verifiedBytes(
  incoming: Incoming,
  { claim, key }: Identity,
  declared: string,
  trailers: Map<string, string>,
  refusals: Refusals,
): Bytes {
  const source = requestBytes(incoming.request);
  const decodedLength = readLength(incoming.headers.get('x-amz-decoded-content-length'));
  const chunked = CHUNKED[declared];
  if (chunked) {
    const signer =
      chunked.signed && key && claim.version === 4
        ? new ChunkSigner(claim, key, chunked.trailers)
        : undefined;
    return unchunkedBytes(source, { signer, decodedLength, trailers });
  }
  if (isHash(declared)) return hashedBytes(source, declared);
  if (declared !== UNSIGNED) throw refusals.payloadHash({ given: declared });
  const framed = /(?:^|,)\s*aws-chunked\s*(?:,|$)/.test(incoming.headers.get('content-encoding') ?? '');
  return framed && decodedLength !== undefined ? unchunkedBytes(source, { decodedLength, trailers }) : source;
}

/** S3 wants the header; presigned URLs to it sign no body. Elsewhere the body is read and hashed (undefined). */
function defaultHash(claim: Claim, refusals: Refusals): string | undefined {
  if (claim.service !== 's3') return undefined;
  if (claim.place === 'query') return UNSIGNED;
  throw refusals.incomplete({ fault: 'Missing required header for this request: x-amz-content-sha256' });
}

function declaredHash(incoming: Incoming, claim: Claim): string | undefined {
  const inQuery = claim.place === 'query' ? parameter(incoming, 'X-Amz-Content-Sha256') : undefined;
  return inQuery ?? incoming.headers.get('x-amz-content-sha256');
}

function isHash(text: string): boolean {
  return /^[0-9a-fA-F]{64}$/.test(text);
}

function readLength(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}
