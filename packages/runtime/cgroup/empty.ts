import type { Clock } from '@helicase/kernel';
import type { ControlGroup } from './control-group.ts';
import { errorCode } from './files.ts';

/** A process in uninterruptible sleep (a hung file server) cannot be killed by anybody. */
const PATIENCE_MILLISECONDS = 30_000;
const LONGEST_PAUSE_MILLISECONDS = 50;

/** Kills what is left in the group and removes it. Throws where something cannot be killed within half a minute. */
export async function emptyAndRemove(group: ControlGroup, clock: Clock): Promise<void> {
  const deadline = clock.now() + PATIENCE_MILLISECONDS;
  for (let pause = 1; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MILLISECONDS)) {
    if (isGone(group)) return;
    if (clock.now() > deadline) {
      throw new Error(`Control group ${group.name} still has processes ${group.processes().join(', ')}.`);
    }
    await clock.sleep(pause);
  }
}

function isGone(group: ControlGroup): boolean {
  if (group.processes().length > 0) group.kill();
  try {
    group.remove();
    return true;
  } catch (error) {
    // EBUSY: a process is dying still.
    if (errorCode(error) === 'EBUSY') return false;
    throw error;
  }
}
