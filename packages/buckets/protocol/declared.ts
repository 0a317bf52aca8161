import { createHash } from 'node:crypto';
import {
  ALGORITHMS,
  type Algorithm,
  algorithmNamed,
  createDigester,
  DIGEST_SIZE,
} from '../checksum/algorithms.ts';
import { errors } from '../errors.ts';
import { compareChecksum, compareMd5, type Declared } from '../object/receive.ts';
import { readSmallBody } from './request-xml.ts';
import type { Call } from './call.ts';

/** Largest body of one request: https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html */
const BODY_LIMIT = 5 * 1024 ** 3;

/** What a request declares of its body: size, MD5, and a checksum in a header or a trailer. */
export function declaredOf(call: Call): Declared {
  const size = declaredSize(call);
  if (size !== undefined && size > BODY_LIMIT) {
    throw errors.entityTooLarge({ what: 'body of one request', limit: BODY_LIMIT });
  }
  return { size, md5: declaredMd5(call), ...declaredChecksum(call) };
}

/** The whole of a small document, compared with the digests that were declared of it. */
export async function readDeclaredDocument(call: Call): Promise<Buffer> {
  const { md5, algorithm, checksum } = declaredOf(call);
  const document = await readSmallBody(call.raw.body);
  compareMd5(md5, createHash('md5').update(document).digest());
  if (algorithm) {
    const digester = await createDigester(algorithm);
    digester.update(document);
    compareChecksum(algorithm, checksum?.(), digester.digest());
  }
  return document;
}

/** The checksum headers of a request that has no body of its own: CompleteMultipartUpload. */
export function checksumHeader(call: Call): { algorithm: Algorithm; value: string } | undefined {
  const given = ALGORITHMS.filter((algorithm) => call.header(headerOf(algorithm)) !== undefined);
  if (given.length > 1) {
    throw errors.invalidRequest({ reason: 'Expecting a single x-amz-checksum- header.' });
  }
  const [algorithm] = given;
  return algorithm && { algorithm, value: call.header(headerOf(algorithm))! };
}

function declaredSize(call: Call): number | undefined {
  const text = call.header('x-amz-decoded-content-length') ?? call.header('content-length');
  if (text === undefined) {
    if (call.header('transfer-encoding') === undefined) throw errors.missingContentLength({});
    return undefined;
  }
  if (!/^\d{1,15}$/.test(text)) {
    throw errors.invalidArgument({ name: 'Content-Length', value: text, reason: 'it is not a number' });
  }
  return Number(text);
}

function declaredMd5(call: Call): Buffer | undefined {
  const value = call.header('content-md5');
  if (value === undefined) return undefined;
  const md5 = Buffer.from(value, 'base64');
  if (md5.length !== 16) throw errors.invalidDigest({ name: 'Content-MD5', value });
  return md5;
}

function declaredChecksum(call: Call): Pick<Declared, 'algorithm' | 'checksum'> {
  const header = checksumHeader(call);
  if (header) {
    checkDigest(header.algorithm, header.value);
    return { algorithm: header.algorithm, checksum: () => header.value };
  }
  const trailer = trailerAlgorithm(call);
  if (trailer) return { algorithm: trailer, checksum: () => trailerValue(call, trailer) };
  if (call.header('x-amz-sdk-checksum-algorithm') === undefined) return {};
  throw errors.invalidRequest({
    reason:
      'x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers were found.',
  });
}

function trailerAlgorithm(call: Call): Algorithm | undefined {
  const names = call.header('x-amz-trailer')?.split(',') ?? [];
  for (const name of names) {
    const algorithm = algorithmNamed(name.trim().replace(/^x-amz-checksum-/i, ''));
    if (algorithm) return algorithm;
  }
  return undefined;
}

function trailerValue(call: Call, algorithm: Algorithm): string {
  const value = call.raw.trailers.get(headerOf(algorithm));
  if (value === undefined) {
    const reason = `The trailer ${headerOf(algorithm)} was announced but did not come.`;
    throw errors.invalidRequest({ reason });
  }
  checkDigest(algorithm, value);
  return value;
}

function checkDigest(algorithm: Algorithm, value: string): void {
  if (Buffer.from(value, 'base64').length === DIGEST_SIZE[algorithm]) return;
  throw errors.invalidRequest({ reason: `Value for ${headerOf(algorithm)} header is invalid: ${value}.` });
}

function headerOf(algorithm: Algorithm): string {
  return `x-amz-checksum-${algorithm}`;
}
