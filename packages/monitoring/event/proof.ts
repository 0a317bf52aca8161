import { createHmac } from 'node:crypto';
import type { ConnectionDoc } from './destination.ts';

/** The name of an API key that is not sent but signs: its value is the secret of the Standard Webhooks specification. */
export const SIGNATURE = 'webhook-signature';
const SECRET = /^whsec_([A-Za-z0-9+/]{32,88}={0,2})$/;

export interface ProvenRequest {
  readonly id: string;
  readonly body: string;
  /** Milliseconds: when this attempt is made. */
  readonly at: number;
}

/** Why a connection with these cannot sign; undefined where it can, or does not mean to. */
export function signatureFault(name: string, secret: string): string | undefined {
  if (name.toLowerCase() !== SIGNATURE || SECRET.test(secret)) return undefined;
  return `the value of an API key named ${SIGNATURE} signs requests: whsec_ and 24 to 64 bytes in base64`;
}

/** The headers by which a destination knows that a request is ours. */
export function prover(
  { kind, name }: Pick<ConnectionDoc, 'kind' | 'name'>,
  secret: string,
): (request: ProvenRequest) => Readonly<Record<string, string>> {
  if (kind === 'BASIC') {
    const authorization = `Basic ${Buffer.from(`${name}:${secret}`).toString('base64')}`;
    return () => ({ authorization });
  }
  if (name.toLowerCase() !== SIGNATURE) return () => ({ [name]: secret });
  const key = Buffer.from(SECRET.exec(secret)![1]!, 'base64');
  return (request) => signatureHeaders(key, request);
}

/** https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md */
function signatureHeaders(key: Buffer, { at, body, id }: ProvenRequest): Readonly<Record<string, string>> {
  const timestamp = String(Math.floor(at / 1000));
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, [SIGNATURE]: `v1,${signature}` };
}
