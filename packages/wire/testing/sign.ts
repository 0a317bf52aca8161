import { createHash, createHmac } from 'node:crypto';
import { type Agent, type IncomingHttpHeaders, request as httpRequest } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { SignatureV4 } from '@smithy/signature-v4';
import { KEYS } from './start-gateway.ts';

export interface Asked {
  readonly method?: string;
  /** Path and query as they shall stand on the wire. */
  readonly target?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  readonly agent?: Agent;
}
export interface Signing {
  readonly service?: string;
  readonly region?: string;
  readonly keys?: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string;
  };
  readonly date?: Date;
  /** False: no x-amz-content-sha256, as botocore signs outside S3. */
  readonly checksum?: boolean;
}
export interface Answered {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** The SDK's own signer. */
export function signer({
  service = 'omics',
  region = 'us-east-1',
  keys = KEYS.first,
  checksum = true,
}: Signing = {}): SignatureV4 {
  return new SignatureV4({
    service,
    region,
    credentials: keys,
    sha256: Sha256,
    uriEscapePath: service !== 's3',
    applyChecksum: checksum,
  });
}

/** Signs as the SDK does; the headers to send. */
export async function sign(
  port: number,
  asked: Asked,
  signing: Signing = {},
): Promise<Record<string, string>> {
  const signed = await signer(signing).sign(httpRequestOf(port, asked), {
    ...(signing.date ? { signingDate: signing.date } : {}),
  });
  return signed.headers;
}

/** The target of a presigned request. */
export async function presign(
  port: number,
  asked: Asked,
  signing: Signing,
  expiresIn: number,
): Promise<string> {
  const { path, query } = await signer(signing).presign(httpRequestOf(port, asked), {
    expiresIn,
    ...(signing.date ? { signingDate: signing.date } : {}),
  });
  const pairs = Object.entries(query ?? {}).map(
    ([k, v]) => `${encodeURIComponent(k)}=${encodeURIComponent(String(v))}`,
  );
  return `${path}?${pairs.join('&')}`;
}

function httpRequestOf(port: number, { method = 'GET', target = '/', headers = {}, body }: Asked) {
  const url = new URL(`http://127.0.0.1:${port}${target}`);
  return {
    method,
    protocol: 'http:',
    hostname: '127.0.0.1',
    port,
    path: target.split('?', 1)[0]!,
    query: Object.fromEntries(url.searchParams),
    headers: { ...headers, host: `127.0.0.1:${port}` },
    body,
  };
}

/** Sends exactly this: no header is added but the length of the body. */
export function send(
  port: number,
  { method = 'GET', target = '/', headers = {}, body, agent }: Asked,
): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, method, path: target, headers, ...(agent ? { agent } : {}) };
    const request = httpRequest(options, (response) => {
      buffer(response).then(
        (bytes) =>
          resolve({ status: response.statusCode!, headers: response.headers, text: bytes.toString() }),
        reject,
      );
    });
    request.on('error', reject);
    request.end(body);
  });
}

/** Signs and sends. */
export async function ask(port: number, asked: Asked, signing: Signing = {}): Promise<Answered> {
  return send(port, { ...asked, headers: await sign(port, asked, signing) });
}

/** The hash that the SDK's signer wants, on Node's. */
class Sha256 {
  readonly #hash;
  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', secret as Buffer);
  }
  update(data: Uint8Array | string): void {
    this.#hash.update(data);
  }
  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }
  reset(): void {}
}
