import { resolve } from 'node:path';
import { readCredentials, readEndpoint } from '@helicase/server';

/** The export lines that make `aws`, boto3 and the other AWS clients reach this server (bash, zsh, dash). */
export function environmentLines(data: string, port: number | undefined): string {
  const folder = resolve(data);
  const stored = readCredentials(folder);
  if (!stored) {
    throw new Error(
      `${folder} holds no credentials: start \`helicase serve --data ${data}\` once, or name its folder with --data`,
    );
  }
  const running = readEndpoint(folder)?.urls[0] ?? 'http://127.0.0.1:4600';
  const variables = {
    AWS_ENDPOINT_URL: port === undefined ? running : `${new URL(running).protocol}//127.0.0.1:${port}`,
    // Every omics operation prepends a host prefix, which no plain address can answer.
    AWS_DISABLE_HOST_PREFIX_INJECTION: 'true',
    AWS_ACCESS_KEY_ID: stored.accessKeyId,
    AWS_SECRET_ACCESS_KEY: stored.secretAccessKey,
    AWS_DEFAULT_REGION: stored.region,
    AWS_REGION: stored.region,
  };
  const exports = Object.entries(variables).map(([name, value]) => `export ${name}='${value}'`);
  // A profile or a session token of another account would win over the keys above.
  return [...exports, 'unset AWS_PROFILE AWS_SESSION_TOKEN'].join('\n');
}
