import type { Clock } from '@helicase/kernel';
import type { Records } from '@helicase/records';
import { type BusEvent, busEvent } from './bus-event.ts';
import { compilePattern } from './pattern.ts';

/** Which events. */
export interface EventQuery {
  /** An event pattern of EventBridge's, as JSON; every event unless told. */
  readonly pattern?: string;
  readonly account?: string;
  readonly region?: string;
  /** Milliseconds: none that happened before. */
  readonly since?: number;
  /** To wait for those that come, until it aborts; absent: only those that are kept (a day's, and what a target waits for). */
  readonly follow?: AbortSignal;
}

/** Milliseconds between looks at the outbox. */
const INTERVAL = 250;
const AT_ONCE = 500;

/** Events in the order in which they happened. Throws InvalidEventPatternException. */
export async function* followEvents(
  { clock, records }: { readonly clock: Clock; readonly records: Pick<Records, 'events'> },
  query: EventQuery,
): AsyncIterable<BusEvent> {
  const asked = matcherOf(query);
  const { follow } = query;
  for (let position = 0; ;) {
    const entries = await records.events(position, AT_ONCE);
    for (const entry of entries) {
      const event = entry.at < (query.since ?? 0) ? undefined : busEvent(entry);
      if (event && asked(event)) yield event;
    }
    position = entries.at(-1)?.position ?? position;
    if (entries.length > 0) continue;
    if (follow) await clock.sleep(INTERVAL, follow).catch(() => {});
    if (!follow || follow.aborted) return;
  }
}

function matcherOf({ account, pattern, region }: EventQuery): (event: BusEvent) => boolean {
  const matches = pattern === undefined ? () => true : compilePattern(pattern);
  return (event) =>
    (account === undefined || event.account === account) &&
    (region === undefined || event.region === region) &&
    matches(event);
}
