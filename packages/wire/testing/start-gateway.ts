import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Ids, type Log, rootPrincipal, silentLog, systemClock, systemRandom } from '@helicase/kernel';
import { createGateway, type GatewayOptions } from '../gateway.ts';
import type { Authorizer, Credentials } from '../operation.ts';

/** Two accounts' keys, for tests. */
export const KEYS = {
  first: { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY' },
  second: {
    accessKeyId: 'AKIAI44QH8DHBEXAMPLE',
    secretAccessKey: 'je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY',
  },
} as const;
export const ACCOUNTS = { first: '111122223333', second: '444455556666' } as const;

export const testCredentials: Credentials = {
  async find(accessKeyId, sessionToken) {
    if (sessionToken !== undefined) return undefined;
    for (const name of ['first', 'second'] as const) {
      const { secretAccessKey } = KEYS[name];
      if (KEYS[name].accessKeyId === accessKeyId) {
        return { secretAccessKey, principal: rootPrincipal(ACCOUNTS[name]) };
      }
    }
    return undefined;
  },
};

export const allowEverything: Authorizer = { authorize: async () => ({ allowed: true }) };

export interface TestGateway {
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}

/** A gateway on a free port of the loopback address. */
export async function startGateway(
  options: Partial<GatewayOptions>,
  log: Log = silentLog,
): Promise<TestGateway> {
  const gateway = createGateway({
    services: [],
    raw: [],
    credentials: testCredentials,
    authorizer: allowEverything,
    regions: ['us-east-1', 'eu-west-1'],
    clock: systemClock,
    ids: new Ids(systemClock, systemRandom),
    log,
    ...options,
  });
  const server = createServer({ maxHeaderSize: 64 * 1024 }, (request, response) => {
    void gateway.handle(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { url: `http://127.0.0.1:${port}`, port, close };
}
