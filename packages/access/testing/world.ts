import { IAMClient } from '@aws-sdk/client-iam';
import { STSClient } from '@aws-sdk/client-sts';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Clock, Ids, silentLog, systemClock, systemRandom } from '@helicase/kernel';
import { openKeyRing } from '@helicase/blobs';
import { openTestRecords, type Records, type TestRecords } from '@helicase/records';
import { createGateway, createPageTokens, type Endpoint, markEndpoint, type Service } from '@helicase/wire';
import { type Access, createAccess } from '../access.ts';

export interface Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
}

/** A server of IAM and STS (and whatever else is given), for real clients, with a clock that tests move. */
export interface AccessWorld {
  readonly access: Access;
  readonly opened: TestRecords;
  readonly url: string;
  /** The root keys of two accounts. */
  readonly one: Keys & { readonly account: string };
  readonly other: Keys & { readonly account: string };
  /** Milliseconds by which the server's clock is ahead. */
  ahead: number;
  iam(keys: Keys): IAMClient;
  sts(keys: Keys): STSClient;
  close(): Promise<void>;
}

export async function openAccessWorld(
  more: (access: Access, records: Records) => readonly Service[] = () => [],
  options: { readonly endpoint?: Endpoint } = {},
): Promise<AccessWorld> {
  const world = { ahead: 0 };
  const clock: Clock = { ...systemClock, now: () => systemClock.now() + world.ahead };
  const ids = new Ids(systemClock, systemRandom);
  const root = systemRandom.bytes(32);
  let access: Access | undefined;
  let services: readonly Service[] = [];
  const declare = (records: Records) => {
    const keyring = openKeyRing({ rows: records.keys, root, random: systemRandom });
    const pageTokens = createPageTokens(root);
    access = createAccess({ records, keyring, pageTokens, clock, ids, random: systemRandom });
    services = [access.iam, access.sts, ...more(access, records)];
  };
  const opened = await openTestRecords({ dialect: 'sqlite', declare });
  const { credentials, authorizer, observer } = access!;
  const gateway = createGateway({
    ...{ services, raw: [], credentials, authorizer, observers: [observer] },
    ...{ regions: ['us-east-1', 'us-west-2'], clock, ids, log: silentLog },
  });
  const server = createServer((request, response) => void gateway.handle(request, response));
  const { endpoint } = options;
  if (endpoint) server.on('connection', (socket) => markEndpoint(socket, endpoint));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const rootOf = async (account: string) => ({ account, ...(await access!.ensureAccount(account)) });
  const common = { endpoint: url, region: 'us-east-1', maxAttempts: 1 };
  return Object.assign(world, {
    ...{ access: access!, opened, url },
    one: await rootOf('111122223333'),
    other: await rootOf('444455556666'),
    iam: (keys: Keys) => new IAMClient({ ...common, credentials: plain(keys) }),
    sts: (keys: Keys) => new STSClient({ ...common, credentials: plain(keys) }),
    async close() {
      server.closeAllConnections();
      server.close();
      await opened.close();
    },
  });
}

function plain({ accessKeyId, secretAccessKey, sessionToken }: Keys) {
  return { accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) };
}
