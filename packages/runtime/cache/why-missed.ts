import { type KeyDifference, keyDifferences, nearestKey, type TaskKey } from './task-key.ts';

/** Characters of a value that are shown. */
const SHOWN = 200;

/**
 * How what determines a task differs from the nearest of what was kept of its call: "command: before ..., now ...".
 * Empty where a kept key is the same, so that what was kept under it could not be read; undefined where nothing was kept.
 */
export function missDifferences(earlier: readonly TaskKey[], now: TaskKey): readonly string[] | undefined {
  const nearest = nearestKey(earlier, now);
  return nearest && keyDifferences(nearest, now).map(describe);
}

/** A sentence for whoever asks why a task ran again. */
export function whyMissed(earlier: readonly TaskKey[], now: TaskKey, call: string): string {
  const differences = missDifferences(earlier, now);
  if (!differences) return `nothing of ${call} was kept before`;
  if (differences.length === 0) return 'what was kept of it could not be read: its files are gone';
  return `these differ from what was kept: ${differences.join('; ')}`;
}

function describe({ before, component, now }: KeyDifference): string {
  const [was = '', is = ''] = [before, now];
  if (!was.includes('\n') && !is.includes('\n'))
    return `${component}: before ${shown(before)}, now ${shown(now)}`;
  const [old, young] = [was.split('\n'), is.split('\n')];
  const at = young.findIndex((line, index) => line !== old[index]);
  const line = at < 0 ? young.length : at;
  return `${component}, line ${line + 1}: before ${shown(old[line])}, now ${shown(young[line])}`;
}

function shown(value: string | undefined): string {
  if (value === undefined) return 'absent';
  return value.length > SHOWN ? `${value.slice(0, SHOWN)}…` : value;
}
