import { Housekeeping } from '@helicase/records';
import { deliveryJob } from './delivery.ts';
import type { TrailRoom } from './trail-room.ts';

/** Milliseconds between deliveries: "CloudTrail publishes log files about every five minutes". */
const INTERVAL = 5 * 60_000;

/** Has every trail delivered now and then: here, or on another server. */
export function trailPump({ clock, log, records, trails }: TrailRoom): Housekeeping {
  return new Housekeeping(clock, log, INTERVAL, async () => {
    for await (const { id, scope, status } of trails.scan(records.direct)) {
      if (status === 'STOPPED') continue;
      await records.transaction((tx) => records.jobs.enqueue(tx, deliveryJob(scope, id)));
    }
  });
}
