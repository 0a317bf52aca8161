import { join } from 'node:path';
import { Ids, silentLog, systemClock, systemRandom } from '@helicase/kernel';
import {
  type BlobStore,
  createVault,
  MemoryKeyRows,
  openFolderStore,
  openKeyRing,
  type Vault,
} from '@helicase/blobs';
import { createRecords, type Records } from '@helicase/records';
import { type Buckets, createBuckets } from '../create-buckets.ts';
import { EAST, rootOnly } from './rooms.ts';
import { openFront } from './front.ts';

export interface Served extends Buckets {
  readonly records: Records;
  readonly vault: Vault;
  readonly store: BlobStore;
}

/** Buckets on a data directory that outlives the process: for tests that kill it. */
export async function openData(directory: string): Promise<Served> {
  const ids = new Ids(systemClock, systemRandom);
  const log = silentLog;
  const clock = systemClock;
  const database = { kind: 'sqlite', file: join(directory, 'records.sqlite') } as const;
  // Leases as short as the test's patience: what a killed server began is garbage once its heartbeat is old.
  const timing = { lease: 600, heartbeat: 200 };
  const records = createRecords({ database, clock, ids, random: systemRandom, log, timing });
  const store = await openFolderStore({ directory: join(directory, 'store') });
  const keyring = openKeyRing({ rows: new MemoryKeyRows(), root: Buffer.alloc(32, 1), random: systemRandom });
  const vault = createVault({
    store,
    ledger: records.blobs,
    keyring,
    ids,
    log,
    scratch: join(directory, 'scratch'),
  });
  const buckets = createBuckets({
    records,
    vault,
    clock,
    ids,
    log,
    authorizer: rootOnly,
    policyFault: () => undefined,
  });
  await records.open();
  return { ...buckets, records, vault, store };
}

/** As a program: serves the directory and prints the URL. */
if (process.argv[1] === import.meta.filename) {
  const { raw } = await openData(process.argv[2]!);
  const { url } = await openFront(raw, EAST);
  process.stdout.write(url);
}
