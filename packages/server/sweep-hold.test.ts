import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { type Clock, systemClock, systemRandom } from '@helicase/kernel';
import { openTestVault } from '@helicase/blobs';
import { openTestRecords } from '@helicase/records';
import { dataDirectory, prepareDataDirectory } from './data-directory.ts';
import { holdableLedger, holdSweep } from './sweep-hold.ts';

const SCOPE = { account: '111122223333', region: 'us-east-1' };
const MINUTE = 60_000;

describe('the sweep while a backup holds it', async () => {
  const root = mkdtempSync(join(tmpdir(), 'helicase-hold-'));
  const directory = dataDirectory(root);
  prepareDataDirectory(directory);
  let ahead = 0;
  const clock: Clock = { now: () => Date.now() + ahead, sleep: systemClock.sleep };
  const { records, close } = await openTestRecords({ dialect: 'sqlite' });
  const {
    vault,
    store,
    close: closeVault,
  } = await openTestVault({
    ledger: holdableLedger(records.blobs, directory, clock),
  });
  after(async () => {
    await close();
    await closeVault();
    rmSync(root, { recursive: true, force: true });
  });

  async function releasedBlob(): Promise<string> {
    const sink = await vault.create({ scope: SCOPE });
    await sink.write(Buffer.from('ACGT'));
    const { id } = await sink.finish();
    await records.transaction((tx) => records.blobs.keep(tx, id));
    await records.transaction((tx) => records.blobs.release(tx, id));
    return id;
  }

  test('deletes nothing, and goes on once it is released', async () => {
    const first = holdSweep(directory, clock, systemRandom);
    const second = holdSweep(directory, clock, systemRandom);
    const id = await releasedBlob();
    assert.equal(await vault.sweep(), 0);
    first.release();
    assert.equal(await vault.sweep(), 0, 'the second hold still stands');
    assert.equal(await store.size(id), 4);
    second.assertHeld();
    second.release();
    assert.equal(await vault.sweep(), 1);
    assert.equal(await store.size(id), undefined);
  });

  test('goes on a minute after the backup died, and a backup that slept so long knows it', async () => {
    const dead = holdSweep(directory, clock, systemRandom);
    await releasedBlob();
    assert.equal(await vault.sweep(), 0);
    ahead += MINUTE + 1;
    assert.equal(await vault.sweep(), 1);
    assert.throws(() => dead.assertHeld(), /stood still.*Take it again/);
    dead.release();
  });
});
