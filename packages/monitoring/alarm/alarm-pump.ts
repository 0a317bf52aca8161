import type { Scope } from '@helicase/kernel';
import { Housekeeping } from '@helicase/records';
import { dimensionsOf } from '../metric/metric.ts';
import type { Alarm } from './alarm.ts';
import type { AlarmRoom } from './alarm-room.ts';
import { evaluate, evaluatedRange } from './evaluate.ts';
import { changeState } from './state.ts';

/** Milliseconds between looks at every alarm. */
const INTERVAL = 10_000;
/** Milliseconds between roll-ups of metrics. */
const SWEEP = 60 * 60 * 1000;
/** Milliseconds that an alarm's history is kept: "30 days". */
const HISTORY = 30 * 24 * 60 * 60 * 1000;

/** Looks at every alarm now and then. */
export function alarmPump(room: AlarmRoom): Housekeeping {
  const { alarms, clock, log, records } = room;
  return new Housekeeping(clock, log, INTERVAL, async () => {
    for await (const { id, scope } of alarms.scan(records.direct)) await evaluateAlarm(room, scope, id);
  });
}

/** Keeps metrics and histories to their age. */
export function metricSweep(room: AlarmRoom): Housekeeping {
  const { clock, log, metrics } = room;
  return new Housekeeping(clock, log, SWEEP, async () => {
    await metrics.rollUp(clock.now());
    await forgetHistory(room);
  });
}

/** Moves the alarm to the state that its metric has now. */
export async function evaluateAlarm(room: AlarmRoom, scope: Scope, id: string): Promise<void> {
  const alarm = await room.alarms.find(room.records.direct, scope, id);
  if (!alarm) return;
  const verdict = evaluate(alarm.doc.configuration, await pointsOf(room, alarm));
  if (!verdict || verdict.state === alarm.status) return;
  await room.records.transaction(async (tx) => {
    const held = await room.alarms.hold(tx, scope, id);
    // Changed meanwhile, by the user or by another server: the next look sees it as it is.
    if (held?.revision === alarm.revision) await changeState(room, tx, held, verdict);
  });
}

function pointsOf({ clock, metrics }: AlarmRoom, { doc, scope }: Alarm) {
  const { configuration } = doc;
  const { Dimensions, MetricName, Namespace, Period, Unit } = configuration;
  return metrics.points(scope, {
    metric: { namespace: Namespace!, name: MetricName!, dimensions: dimensionsOf(Dimensions) },
    ...(Unit === undefined ? {} : { unit: Unit }),
    ...{ ...evaluatedRange(configuration, clock.now()), period: Period! },
  });
}

async function forgetHistory({ clock, history, records }: AlarmRoom): Promise<void> {
  const oldest = clock.now() - HISTORY;
  for await (const { doc, id, scope } of history.scan(records.direct)) {
    if (doc.at < oldest) await records.transaction((tx) => history.remove(tx, scope, id));
  }
}
