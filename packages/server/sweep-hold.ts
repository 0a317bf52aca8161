import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { VaultLedger } from '@helicase/blobs';
import type { Clock, Random } from '@helicase/kernel';
import { type DataDirectory, writePrivately } from './data-directory.ts';

/** A hold that is not renewed lapses: the one who took it is dead. */
const LAPSE = 60_000;
const RENEWAL = 5_000;

/** Keeps the sweep of the server on this folder from deleting bytes, from another process. */
export interface SweepHold {
  /** Throws where the hold lapsed in the meantime: bytes may have gone. */
  assertHeld(): void;
  release(): void;
}

/** Takes a hold and renews it until it is released; several may be held at once. */
export function holdSweep(directory: DataDirectory, clock: Clock, random: Random): SweepHold {
  const folder = holdsOf(directory);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, `${process.pid}-${random.bytes(6).toString('hex')}.json`);
  let until = 0;
  let lapsed = false;
  const renew = () => {
    lapsed ||= until !== 0 && clock.now() >= until;
    const next = clock.now() + LAPSE;
    writePrivately(file, JSON.stringify({ until: next }));
    until = next;
  };
  renew();
  const timer = setInterval(renew, RENEWAL).unref();
  return {
    assertHeld() {
      if (lapsed || clock.now() >= until)
        throw new Error(
          `The backup stood still for more than ${LAPSE / 1000} s, and the server may have deleted bytes meanwhile. Take it again.`,
        );
    },
    release() {
      clearInterval(timer);
      rmSync(file, { force: true });
    },
  };
}

/**
 * The ledger with no garbage while somebody holds the sweep. The hold is looked for after the garbage was read:
 * what was read before a hold was taken was let go of before, so no snapshot taken under the hold points to it.
 */
export function holdableLedger(ledger: VaultLedger, directory: DataDirectory, clock: Clock): VaultLedger {
  return {
    begin: (scope, blobId) => ledger.begin(scope, blobId),
    forget: (blobId) => ledger.forget(blobId),
    async garbage(limit) {
      const found = await ledger.garbage(limit);
      return found.length > 0 && isSweepHeld(directory, clock) ? [] : found;
    },
  };
}

export function isSweepHeld(directory: DataDirectory, clock: Clock): boolean {
  const folder = holdsOf(directory);
  let held = false;
  for (const name of namesIn(folder).filter((name) => name.endsWith('.json'))) {
    const until = readUntil(join(folder, name));
    if (until > clock.now()) held = true;
    else rmSync(join(folder, name), { force: true });
  }
  return held;
}

function holdsOf(directory: DataDirectory): string {
  return join(directory.root, 'holds');
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // nobody ever held
  }
}

/** 0 where the hold was released while we looked. */
function readUntil(file: string): number {
  try {
    return (JSON.parse(readFileSync(file, 'utf8')) as { until: number }).until;
  } catch {
    return 0;
  }
}
