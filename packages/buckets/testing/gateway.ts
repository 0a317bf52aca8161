import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type CommandResult, rootPrincipal, runCommand, silentLog, systemClock } from '@helicase/kernel';
import { createGateway } from '@helicase/wire';
import { EAST, openTestBuckets, OTHER, type TestBuckets } from './rooms.ts';

export const KEYS = {
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
};

export interface Served {
  readonly buckets: TestBuckets;
  readonly port: number;
  readonly url: string;
  /** Runs a program with the environment that points AWS clients here. */
  run(program: string, args: readonly string[], environment?: Record<string, string>): Promise<CommandResult>;
  close(): Promise<void>;
}

/** Buckets behind the real gateway, signatures and all, on a port. */
export async function serveBuckets(): Promise<Served> {
  const buckets = await openTestBuckets();
  const owners = new Map([
    [KEYS.accessKeyId, EAST],
    ['AKIAOTHER', OTHER],
  ]);
  const gateway = createGateway({
    services: [],
    raw: [buckets.raw],
    credentials: {
      find: async (id) => {
        const owner = owners.get(id);
        const { secretAccessKey } = KEYS;
        return owner && { secretAccessKey, principal: rootPrincipal(owner.account) };
      },
    },
    authorizer: { authorize: async () => ({ allowed: true }) },
    regions: ['us-east-1', 'eu-west-1'],
    clock: systemClock,
    ids: buckets.ids,
    log: silentLog,
  });
  const server = createServer((request, response) => void gateway.handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  // Clients leave files where they start: htslib keeps the index it downloaded.
  const cwd = await mkdtemp(join(tmpdir(), 'helicase-clients-'));
  const run: Served['run'] = (program, args, environment = {}) =>
    runCommand(program, args, { cwd, env: { ...clientEnvironment(url), ...environment } });
  const close = async () => {
    await rm(cwd, { recursive: true, force: true });
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await buckets.close();
  };
  return { buckets, port, url, run, close };
}

function clientEnvironment(url: string): Record<string, string> {
  return {
    PATH: process.env.PATH ?? '',
    HOME: process.env.HOME ?? '/nonexistent',
    AWS_ENDPOINT_URL: url,
    AWS_ACCESS_KEY_ID: KEYS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: KEYS.secretAccessKey,
    AWS_DEFAULT_REGION: 'us-east-1',
    AWS_MAX_ATTEMPTS: '1',
    AWS_CONFIG_FILE: '/nonexistent',
    AWS_SHARED_CREDENTIALS_FILE: '/nonexistent',
  };
}

/** Every program of this name on the path, in its order. */
export function onPath(name: string): readonly string[] {
  const directories = new Set(
    (process.env.PATH ?? '').split(delimiter).filter((directory) => directory !== ''),
  );
  return [...directories].map((directory) => join(directory, name)).filter(isProgram);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
