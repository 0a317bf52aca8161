import { scrubState, type ScrubPass } from '@helicase/server';

/** Prints how far the scrubber of a data directory is, one line per fault; exit status 0 when clean. */
export async function scrub(data: string): Promise<number> {
  const state = await scrubState(data);
  if (!state) {
    console.log(`· the scrubber has not begun in ${data}: a server begins a minute after its start`);
    return 0;
  }
  const { current, faults, last } = state;
  for (const { fault, firstSeen, lastSeen } of faults)
    console.log(`✗ ${fault} Seen first ${time(firstSeen)}, last ${time(lastSeen)}.`);
  if (current) console.log(`· reading since ${time(current.startedAt)}: ${amounts(current)}`);
  if (last)
    console.log(`· read through from ${time(last.startedAt)} to ${time(last.endedAt)}: ${amounts(last)}`);
  console.log(faults.length === 0 ? 'no damage is known' : `${faults.length} damaged blobs`);
  return faults.length === 0 ? 0 : 1;
}

function amounts({ blobs, bytes, withoutKey }: ScrubPass): string {
  const locked = withoutKey > 0 ? `, ${withoutKey} not read because their customer's key is disabled` : '';
  return `${blobs} blobs, ${bytes} bytes${locked}`;
}

function time(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
