import { existsSync } from 'node:fs';
import { type BlobRef, type BlobStore, type OwnedBlob, sealedSize, type Vault } from '@helicase/blobs';
import { Ids, silentLog, systemClock, systemRandom } from '@helicase/kernel';
import type { BlobLedger, RecordsCheck } from '@helicase/records';
import type { Configuration } from './configuration.ts';
import {
  dataDirectory,
  DataDirectoryRefused,
  lockDataDirectory,
  prepareDataDirectory,
} from './data-directory.ts';
import { readThrough } from './read-through.ts';
import { makeRooms, type Rooms } from './rooms.ts';

/** What a check of records against bytes found. */
export interface Integrity {
  /** Blobs that records point to. */
  readonly kept: number;
  /** Let go of, or left by a dead process: the next sweep deletes them. */
  readonly awaitingSweep: number;
  /** Writes that dead processes left half: the next start removes them. */
  readonly unfinishedWrites: number;
  /** Jobs that wait or were interrupted: the next start goes on with them. */
  readonly unfinishedJobs: number;
  /** One sentence each. */
  readonly faults: readonly string[];
}

export interface IntegrityOptions {
  /** Reads every byte: each segment of sealed blobs is authenticated, plain ones are compared with known digests. */
  readonly deep?: boolean;
}

/** What is compared. */
export interface Compared {
  readonly ledger: BlobLedger;
  readonly store: BlobStore;
  readonly vault: Vault;
  readonly owned: () => AsyncIterable<OwnedBlob>;
}

const NOTHING_FOUND = { kept: 0, awaitingSweep: 0, unfinishedWrites: 0, unfinishedJobs: 0 };

/**
 * Checks a stopped server's data both ways. The database is brought to this version's schema, as a start would;
 * nothing else changes. Throws DataDirectoryRefused where there is no data, or where it is in use.
 */
export async function checkIntegrity(
  configuration: Configuration,
  options: IntegrityOptions = {},
): Promise<Integrity> {
  const directory = dataDirectory(configuration.data);
  if (!existsSync(directory.layout)) {
    throw new DataDirectoryRefused(
      `${directory.root} is no data directory: it has no layout.json. Name the folder that \`helicase serve --data\` was given.`,
    );
  }
  prepareDataDirectory(directory);
  const lock = lockDataDirectory(directory);
  const effects = {
    clock: systemClock,
    random: systemRandom,
    ids: new Ids(systemClock, systemRandom),
    log: silentLog,
  };
  try {
    const rooms = await makeRooms(configuration, directory, effects);
    try {
      return await checkRooms(rooms, options);
    } finally {
      await rooms.analytics.close();
      await rooms.records.close();
    }
  } finally {
    lock.release();
  }
}

async function checkRooms(rooms: Rooms, options: IntegrityOptions): Promise<Integrity> {
  const { records, store, vault } = rooms;
  try {
    await records.open();
  } catch (error) {
    return { ...NOTHING_FOUND, faults: [`The database cannot be opened: ${(error as Error).message}.`] };
  }
  const database = await records.check();
  const owned = () => rooms.ownedBlobs();
  const audit = await rooms.monitoring.auditFaults();
  const compared = await compareBlobs({ ledger: records.blobs, store, vault, owned }, options);
  return {
    ...compared,
    unfinishedWrites: await store.countUnfinished(),
    unfinishedJobs: database.unfinishedJobs,
    faults: [...othersAtWork(database), ...database.faults, ...audit, ...compared.faults],
  };
}

function othersAtWork({ otherInstances }: RecordsCheck): readonly string[] {
  if (otherInstances === 0) return [];
  return [
    `${otherInstances} other server processes use this database: stop them first, what they are writing looks like faults.`,
  ];
}

/** Records, ledger and bytes against each other: each blob of a record is kept and whole, and there is no other. */
export async function compareBlobs(
  compared: Compared,
  options: IntegrityOptions = {},
): Promise<Pick<Integrity, 'kept' | 'awaitingSweep' | 'faults'>> {
  const faults: string[] = [];
  const owners = new Map<string, string>();
  for await (const owned of compared.owned()) {
    const other = owners.get(owned.blob.id);
    if (other !== undefined && owned.shared) continue;
    if (other !== undefined)
      faults.push(
        `Blob ${owned.blob.id} belongs to ${owned.owner} and to ${other}: deleting one takes the other's bytes.`,
      );
    owners.set(owned.blob.id, owned.owner);
    faults.push(...(await faultsOf(compared, owned, options)));
  }
  for await (const id of compared.ledger.kept()) {
    if (!owners.has(id)) faults.push(`Blob ${id} is kept in the ledger, but no record points to it.`);
  }
  const { awaitingSweep, strangers } = await compareStore(compared);
  return { kept: owners.size, awaitingSweep, faults: [...faults, ...strangers] };
}

async function faultsOf(
  compared: Compared,
  owned: OwnedBlob,
  options: IntegrityOptions,
): Promise<readonly string[]> {
  const { owner, blob } = owned;
  const faults: string[] = [];
  const state = await compared.ledger.state(blob.id);
  if (state !== 'kept')
    faults.push(`Blob ${blob.id} of ${owner} is ${state ?? 'unknown'} in the ledger: a sweep may delete it.`);
  const size = await compared.store.size(blob.id);
  const expected = storedSize(blob);
  if (size === undefined) faults.push(`The bytes of ${owner} are missing (blob ${blob.id}).`);
  else if (size !== expected)
    faults.push(`The bytes of ${owner} are ${size} long and should be ${expected} (blob ${blob.id}).`);
  else if (options.deep) {
    const reading = await readThrough(compared.vault, owned);
    if (reading.kind !== 'whole') faults.push(reading.fault);
  }
  return faults;
}

function storedSize(blob: BlobRef): number {
  return blob.seal ? sealedSize(blob.size, blob.seal.segmentSize) : blob.size;
}

async function compareStore({ ledger, store }: Compared) {
  const strangers: string[] = [];
  let awaitingSweep = 0;
  for await (const { id, size } of store.list()) {
    const state = await ledger.state(id);
    if (state === undefined)
      strangers.push(`Blob ${id} (${size} bytes) belongs to no record and to no write.`);
    else if (state !== 'kept') awaitingSweep += 1;
  }
  return { awaitingSweep, strangers };
}
