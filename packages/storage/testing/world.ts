import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createVault, type KeyRing, openFolderStore, openKeyRing, type Vault } from '@helicase/blobs';
import {
  type Actor,
  Ids,
  rolePrincipal,
  type Roles,
  rootPrincipal,
  type Scope,
  ServiceError,
  silentLog,
  systemClock,
  systemRandom,
} from '@helicase/kernel';
import { createRecords, type DatabaseOptions, type Records } from '@helicase/records';
import { createPageTokens, type OperationContext } from '@helicase/wire';
import type { JobQuotas } from '../item-job/queue.ts';
import { createStorage, type Storage } from '../storage.ts';
import { folderObjects } from './folder-objects.ts';

export const SCOPE: Scope = { account: '123456789012', region: 'us-east-1' };
export const ROLE = 'arn:aws:iam::123456789012:role/OmicsImport';

/** Storage on real records and a real sealed vault, with buckets that are a folder. Open again on the same folder, it goes on. */
export interface World {
  readonly storage: Storage;
  readonly records: Records;
  readonly vault: Vault;
  readonly objects: ReturnType<typeof folderObjects>;
  readonly store: Awaited<ReturnType<typeof openFolderStore>>;
  /** Calls an operation's handler as the account's root. */
  call<Output>(operation: string, input: object, scope?: Scope): Promise<Output>;
  actor(scope?: Scope): Actor;
  close(): Promise<void>;
}

export interface WorldOptions {
  readonly folder: string;
  readonly database?: DatabaseOptions;
  readonly archiveAfter?: number;
  readonly uploadLifetime?: number;
  /** Claims jobs; true unless told. */
  readonly works?: boolean;
  readonly jobQuotas?: JobQuotas;
  /** Where blobs lie; below `folder` unless told. */
  readonly blobs?: string;
}

export async function openWorld(options: WorldOptions): Promise<World> {
  const { folder } = options;
  await mkdir(folder, { recursive: true });
  const parts = { clock: systemClock, ids: new Ids(systemClock, systemRandom), log: silentLog };
  const records = createRecords({
    ...parts,
    database: options.database ?? { kind: 'sqlite', file: join(folder, 'records.sqlite') },
    random: systemRandom,
    timing: { poll: 100, lease: 2000, heartbeat: 500, backOff: 50 },
  });
  const keyring = openKeyRing({ rows: records.keys, root: await rootKey(folder), random: systemRandom });
  const { store, vault } = await openBytes(options, records, keyring);
  const objects = folderObjects(join(folder, 'buckets'));
  const storage = createStorage({
    ...parts,
    records,
    vault,
    keyring,
    objects,
    roles: oneRole,
    pageTokens: createPageTokens(systemRandom.bytes(32)),
    ...(options.archiveAfter === undefined ? {} : { archiveAfter: options.archiveAfter }),
    ...(options.uploadLifetime === undefined ? {} : { uploadLifetime: options.uploadLifetime }),
    ...(options.jobQuotas ? { jobQuotas: options.jobQuotas } : {}),
    accessLogs: join(folder, 'access-logs'),
    nativeCache: fileURLToPath(new URL('../../../node_modules/.cache/helicase/', import.meta.url)),
  });
  await records.open();
  if (options.works ?? true) records.jobs.start();
  const close = async (): Promise<void> => {
    await records.jobs.stop();
    await records.close();
  };
  return { storage, records, vault, objects, store, call: caller(storage), actor: rootActor, close };
}

async function openBytes({ folder, blobs }: WorldOptions, records: Records, keyring: KeyRing) {
  const store = await openFolderStore({ directory: blobs ?? join(folder, 'blobs') });
  const vault = createVault({
    store,
    keyring,
    ledger: records.blobs,
    ids: new Ids(systemClock, systemRandom),
    scratch: join(folder, 'scratch'),
    log: silentLog,
  });
  return { store, vault };
}

async function rootKey(folder: string): Promise<Buffer> {
  const file = join(folder, 'root.key');
  try {
    return await readFile(file);
  } catch {
    const key = systemRandom.bytes(32); // the folder is new
    await writeFile(file, key);
    return key;
  }
}

const oneRole: Roles = {
  assume: async (scope, roleArn) => {
    if (roleArn !== ROLE)
      throw new ServiceError('noRole', 'ValidationException', 400, `There is no role ${roleArn}.`);
    return { scope, principal: rolePrincipal(roleArn, 'AROATEST') };
  },
};

function rootActor(scope: Scope = SCOPE): Actor {
  return { scope, principal: rootPrincipal(scope.account) };
}

function caller(storage: Storage): World['call'] {
  return async (name, input, scope = SCOPE) => {
    const operation = storage.operations.find((one) => one.name === name);
    const handler = operation?.handler as unknown as (
      input: object,
      context: OperationContext,
    ) => Promise<unknown>;
    const context = { ...rootActor(scope), requestId: 'test', signal: new AbortController().signal };
    return (await handler(input, context)) as never;
  };
}
