import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { after, beforeEach, describe, test } from 'node:test';
import { type BlobRef, openTestVault, type OwnedBlob } from '@helicase/blobs';
import { type Clock, type Log, ServiceError, silentLog } from '@helicase/kernel';
import { readScrubState } from './scrub-state.ts';
import { Scrubber, type ScrubberOptions } from './scrubber.ts';

const SCOPE = { account: '111122223333', region: 'us-east-1' };
const DAY = 24 * 60 * 60 * 1000;

/** Time that passes when somebody sleeps, and only then. */
class DrivenClock implements Clock {
  time = Date.UTC(2026, 0, 1);
  now = () => this.time;
  async sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    await new Promise(setImmediate);
    signal?.throwIfAborted();
    this.time += milliseconds;
  }
}

describe('scrubbing', async () => {
  const { vault, store, ledger, directory, close } = await openTestVault();
  const file = join(directory, 'scrub.json');
  const owned: OwnedBlob[] = [];
  after(close);
  beforeEach(() => {
    owned.length = 0;
    rmSync(file, { force: true });
  });

  async function keep(owner: string, bytes: Buffer, options: { plain?: boolean; md5?: string } = {}) {
    const sink = await vault.create({
      scope: SCOPE,
      ...(options.plain ? {} : { sealedFor: 'sequenceStore/1' }),
    });
    await sink.write(bytes);
    const blob = await sink.finish();
    await ledger.keep(blob.id);
    owned.push({ owner, blob, ...(options.md5 === undefined ? {} : { md5: options.md5 }) });
    return blob;
  }
  function scrubber(
    changes: { clock?: DrivenClock; log?: Log; rate?: number; vault?: ScrubberOptions['vault'] } = {},
  ) {
    const { clock = new DrivenClock(), log = silentLog, rate = 1_000_000 } = changes;
    return new Scrubber({
      async *owned() {
        yield* owned;
      },
      ledger: { state: async (id) => ledger.states.get(id) },
      ...{ vault: changes.vault ?? vault, clock, log, rate, file },
    });
  }
  const flip = (blob: BlobRef) => {
    const path = store.path(blob.id)!;
    chmodSync(path, 0o600);
    const bytes = readFileSync(path);
    bytes[bytes.length >> 1]! ^= 1;
    writeFileSync(path, bytes);
  };
  const faults = () => readScrubState(file)!.faults;

  test('takes as long as the rate says', async () => {
    await keep('read set 1', Buffer.alloc(300_000, 'A'));
    await keep('read set 2', Buffer.alloc(200_000, 'C'));
    const clock = new DrivenClock();
    const begun = clock.now();
    await scrubber({ clock, rate: 1_000 }).pass();
    assert.equal(clock.now() - begun, 500_000);
    const { last } = readScrubState(file)!;
    assert.deepEqual({ blobs: last?.blobs, bytes: last?.bytes }, { blobs: 2, bytes: 500_000 });
  });

  test('one flipped bit is reported with blob and owner: in the log, in what is remembered, as a figure', async () => {
    const blob = await keep('read set 1', Buffer.alloc(300_000, 'A'));
    await keep('read set 2', Buffer.alloc(200_000, 'C'));
    flip(blob);
    const lines: [object, string][] = [];
    const scrubbing = scrubber({ log: { ...silentLog, error: (...line) => void lines.push(line) } });
    await scrubbing.pass();
    assert.equal(faults().length, 1);
    const { blob: id, fault, owner } = faults()[0]!;
    assert.deepEqual({ id, owner }, { id: blob.id, owner: 'read set 1' });
    assert.match(fault, /^The bytes of read set 1 cannot be read: .*seal does not match.*\(blob \d+\)\.$/);
    assert.deepEqual(lines, [[{ blob: id, owner, fault }, 'stored bytes are damaged']]);
    assert.match(scrubbing.figures(), /^helicase_scrub_faults 1$/m);
  });

  test('one flipped bit of an object whose digest is known', async () => {
    const md5 = createHash('md5').update('object').digest('hex');
    flip(await keep('object s3://a/b', Buffer.from('object'), { plain: true, md5 }));
    await scrubber().pass();
    assert.match(faults()[0]!.fault, /^The bytes of object s3:\/\/a\/b have the MD5 .* and should have/);
  });

  test('a blob with several owners is read once and named with all of them', async () => {
    const blob = await keep('read set 1', Buffer.alloc(1_000, 'A'));
    owned.push({ owner: 'read set 2', blob, shared: true });
    flip(blob);
    await scrubber().pass();
    assert.equal(readScrubState(file)!.last!.blobs, 1);
    assert.equal(faults()[0]!.owner, 'read set 1 and read set 2');
  });

  test('what was deleted while it was on its way is no fault', async () => {
    const blob = await keep('read set 1', Buffer.from('reads'));
    await store.remove(blob.id);
    ledger.states.set(blob.id, 'released');
    await scrubber().pass();
    assert.deepEqual(faults(), []);
  });

  test('missing bytes of a record are a fault, which goes when they are there again', async () => {
    const blob = await keep('read set 1', Buffer.from('reads'));
    const path = store.path(blob.id)!;
    const bytes = readFileSync(path);
    const clock = new DrivenClock();
    await store.remove(blob.id);
    await scrubber({ clock }).pass();
    assert.match(faults()[0]!.fault, /read set 1 .*is not in the store/);
    const first = clock.now();
    clock.time += DAY;
    await scrubber({ clock }).pass();
    assert.deepEqual([faults()[0]!.firstSeen, faults()[0]!.lastSeen], [first, first + DAY]);
    writeFileSync(path, bytes);
    clock.time += DAY;
    await scrubber({ clock }).pass();
    assert.deepEqual(faults(), []);
  });

  test('what no enabled key opens is counted apart: nobody can say whether it is whole', async () => {
    await keep('object s3://a/b', Buffer.from('object'));
    const locked: ScrubberOptions['vault'] = {
      hold: (blobs) => vault.hold(blobs),
      read: () =>
        new Readable({
          read() {
            this.destroy(new ServiceError('disabled', 'KMS.DisabledException', 400, 'The key is disabled.'));
          },
        }),
    };
    await scrubber({ vault: locked }).pass();
    const { faults: found, last } = readScrubState(file)!;
    assert.deepEqual([found, last!.withoutKey], [[], 1]);
  });

  test('what the store did not give is asked for once more a minute later, and then is a fault', async () => {
    await keep('read set 1', Buffer.from('reads'));
    const clock = new DrivenClock();
    let failures = 1;
    const failing: ScrubberOptions['vault'] = {
      hold: (blobs) => vault.hold(blobs),
      read: (blob) => (failures-- > 0 ? unreadable() : vault.read(blob)),
    };
    const begun = clock.now();
    await scrubber({ clock, vault: failing, rate: 1_000_000_000 }).pass();
    assert.deepEqual([faults(), clock.now() - begun], [[], 60_000]);
    failures = 2;
    await scrubber({ clock, vault: failing }).pass();
    assert.match(faults()[0]!.fault, /read set 1 cannot be read: EIO/);
  });

  test('goes on after a stop where it was, within a blob too, and reads nothing twice', async () => {
    await keep('read set 1', Buffer.alloc(100_000, 'A'));
    await keep('read set 2', Buffer.alloc(900_000, 'C'));
    const starts: (number | undefined)[] = [];
    const watched: ScrubberOptions['vault'] = {
      hold: (blobs) => vault.hold(blobs),
      read(blob, range) {
        starts.push(range?.start);
        return vault.read(blob, range);
      },
    };
    const clock = new DrivenClock();
    const stopped = scrubber({ clock, rate: 10_000, vault: watched });
    stopped.start();
    // The first blob takes ten seconds and the second ninety; the first minute is the server's.
    const begun = clock.now();
    while (clock.now() < begun + 60_000 + 50_000) await new Promise(setImmediate);
    await stopped.stop();
    const { current } = readScrubState(file)!;
    assert.ok(current!.offset > 0, JSON.stringify(current));
    await scrubber({ clock, vault: watched }).pass();
    assert.deepEqual(starts, [undefined, undefined, current!.offset]);
    assert.equal(readScrubState(file)!.last!.bytes, 1_000_000);
    assert.equal(existsSync(file), true);
  });
});

function unreadable(): Readable {
  return new Readable({
    read() {
      this.destroy(new Error('EIO: i/o error, read'));
    },
  });
}
