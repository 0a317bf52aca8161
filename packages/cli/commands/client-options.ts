import { readCredentials, readEndpoint } from '@helicase/server';
import { UsageError } from '../usage-error.ts';

/** How an AWS client reaches the server of a data directory, as its first account. */
export interface ClientOptions {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly accountId: string;
}

/** `port`: of the server, where it does not listen where it last did. */
export function clientOptions(data: string, port: number | undefined): ClientOptions {
  const credentials = readCredentials(data);
  if (!credentials)
    throw new UsageError(`${data} holds no credentials: is it the data directory of a server?`);
  const { accessKeyId, secretAccessKey, region, accountId } = credentials;
  const running = new URL(readEndpoint(data)?.urls[0] ?? 'http://127.0.0.1:4600');
  if (port !== undefined) running.port = String(port);
  return { endpoint: running.href, region, credentials: { accessKeyId, secretAccessKey }, accountId };
}
