import { Ids, silentLog, systemClock, systemRandom } from '@helicase/kernel';
import type { BlobStore } from '@helicase/blobs';
import type { BlobLedger } from '@helicase/records';
import type { Configuration } from './configuration.ts';
import { dataDirectory, lockDataDirectory, prepareDataDirectory } from './data-directory.ts';
import { makeRooms } from './rooms.ts';

/** What a check of records against bytes found. */
export interface Integrity {
  readonly kept: number;
  /** Let go of, or left by a dead process: the next sweep deletes them. */
  readonly awaitingSweep: number;
  /** One sentence each. */
  readonly faults: readonly string[];
}

/** Checks a stopped server's data both ways; changes nothing. Throws DataDirectoryRefused where it is in use. */
export async function checkIntegrity(configuration: Configuration): Promise<Integrity> {
  const directory = dataDirectory(configuration.data);
  prepareDataDirectory(directory);
  const lock = lockDataDirectory(directory);
  try {
    const effects = {
      clock: systemClock,
      random: systemRandom,
      ids: new Ids(systemClock, systemRandom),
      log: silentLog,
    };
    const rooms = await makeRooms(configuration, directory, effects);
    await rooms.records.open();
    try {
      return await compareLedger(rooms.records.blobs, rooms.store);
    } finally {
      await rooms.records.close();
    }
  } finally {
    lock.release();
  }
}

/** Every kept blob has its bytes, and all bytes belong to a blob of the ledger. */
export async function compareLedger(ledger: BlobLedger, store: BlobStore): Promise<Integrity> {
  const faults: string[] = [];
  let kept = 0;
  for await (const id of ledger.kept()) {
    kept += 1;
    if ((await store.size(id)) === undefined)
      faults.push(`Blob ${id} is kept by a record, but its bytes are missing.`);
  }
  let awaitingSweep = 0;
  for await (const { id, size } of store.list()) {
    const state = await ledger.state(id);
    if (state === undefined) faults.push(`Blob ${id} (${size} bytes) belongs to no record and to no write.`);
    else if (state !== 'kept') awaitingSweep += 1;
  }
  return { kept, awaitingSweep, faults };
}
