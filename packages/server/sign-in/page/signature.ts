export interface Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

const TYPE = 'application/x-www-form-urlencoded; charset=utf-8';

/**
 * Headers of a form for STS, signed with Signature Version 4 by the browser's own cryptography:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html
 */
export async function signedHeaders(
  keys: Keys,
  {
    body,
    host,
    region,
    now,
  }: { readonly body: string; readonly host: string; readonly region: string; readonly now: Date },
): Promise<Record<string, string>> {
  const time = now.toISOString().replace(/[:-]|\.\d{3}/g, '');
  const scope = `${time.slice(0, 8)}/${region}/sts/aws4_request`;
  const headers: Readonly<Record<string, string>> = {
    'content-type': TYPE,
    host,
    'x-amz-date': time,
    ...(keys.sessionToken === undefined ? {} : { 'x-amz-security-token': keys.sessionToken }),
  };
  const names = Object.keys(headers).sort();
  const lines = names.map((name) => `${name}:${headers[name]}\n`).join('');
  const request = ['POST', '/', '', lines, names.join(';'), await sha256(body)].join('\n');
  const text = ['AWS4-HMAC-SHA256', time, scope, await sha256(request)].join('\n');
  let key: Uint8Array<ArrayBuffer> = encode(`AWS4${keys.secretAccessKey}`);
  for (const part of [...scope.split('/'), text]) key = await hmac(key, part);
  const { host: _, ...sent } = headers; // the browser's to send
  return {
    ...sent,
    authorization: `AWS4-HMAC-SHA256 Credential=${keys.accessKeyId}/${scope}, SignedHeaders=${names.join(';')}, Signature=${hex(key)}`,
  };
}

function encode(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

async function sha256(text: string): Promise<string> {
  return hex(new Uint8Array(await crypto.subtle.digest('SHA-256', encode(text))));
}

async function hmac(key: Uint8Array<ArrayBuffer>, text: string): Promise<Uint8Array<ArrayBuffer>> {
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  const imported = await crypto.subtle.importKey('raw', key, algorithm, false, ['sign']);
  return new Uint8Array(await crypto.subtle.sign('HMAC', imported, encode(text)));
}

function hex(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
