import { Housekeeping } from '@helicase/records';
import type { EventRoom } from './event-room.ts';
import { positionOf } from '../metric/status-changes.ts';
import { cursorTables } from './tables.ts';

/** Milliseconds between sweeps. */
const INTERVAL = 10 * 60_000;
/** Milliseconds that events stay although every target was told. */
const KEPT = 24 * 60 * 60 * 1000;

/** Removes events that every target has been told of, and that metrics have counted. */
export function outboxSweep(room: EventRoom): Housekeeping {
  return new Housekeeping(room.clock, room.log, INTERVAL, () => sweepOutbox(room));
}

export async function sweepOutbox({ clock, records }: EventRoom): Promise<void> {
  const row = await cursorTables(records.direct)
    .selectFrom('event_cursor')
    .select((of) => of.fn.min('position').as('position'))
    .executeTakeFirst();
  const told = row?.position === null || row?.position === undefined ? Infinity : Number(row.position);
  const counted = await positionOf(records.direct);
  await records.forgetEvents(Math.min(told, counted, await records.lastPosition()), clock.now() - KEPT);
}
