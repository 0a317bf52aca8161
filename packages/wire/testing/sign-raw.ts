import { createHmac } from 'node:crypto';
import { canonicalPaths, canonicalQuery, sha256Hex } from '../signature/canonical-request.ts';
import { signingKey } from '../signature/verify-v4.ts';
import { type Answered, type Asked, send } from './sign.ts';
import { KEYS } from './start-gateway.ts';

/** Signs targets that the SDK's signer would not take. */
export async function signMalformed(port: number, asked: Asked): Promise<Answered> {
  const headers = signedHeaders(`127.0.0.1:${port}`, asked);
  return send(port, { ...asked, headers });
}

/** The header lines of GET /run/1234567 to this host. */
export async function signRaw(_port: number, host: string): Promise<readonly string[]> {
  return Object.entries(signedHeaders(host, { target: '/run/1234567' })).map(
    ([name, value]) => `${name}: ${value}`,
  );
}

function signedHeaders(
  host: string,
  { method = 'GET', target = '/', body = '' }: Asked,
): Record<string, string> {
  const time = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
  const claim = { date: time.slice(0, 8), region: 'us-east-1', service: 'omics' };
  const [path = '/', query = ''] = target.split('?');
  const pairs = query === '' ? [] : query.split('&').map((pair) => pair.split('=', 2) as [string, string]);
  const payload = sha256Hex(body);
  const canonical = [
    method,
    canonicalPaths(path, 'omics')[0],
    canonicalQuery(pairs),
    `host:${host}\nx-amz-content-sha256:${payload}\nx-amz-date:${time}\n`,
    'host;x-amz-content-sha256;x-amz-date',
    payload,
  ].join('\n');
  const scope = `${claim.date}/us-east-1/omics/aws4_request`;
  const text = `AWS4-HMAC-SHA256\n${time}\n${scope}\n${sha256Hex(canonical)}`;
  const signature = createHmac('sha256', signingKey(KEYS.first.secretAccessKey, claim))
    .update(text)
    .digest('hex');
  return {
    host,
    'x-amz-date': time,
    'x-amz-content-sha256': payload,
    authorization: `AWS4-HMAC-SHA256 Credential=${KEYS.first.accessKeyId}/${scope}, SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature=${signature}`,
  };
}
