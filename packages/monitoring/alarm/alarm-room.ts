import type { EventRoom } from '../event/event-room.ts';
import type { MetricRoom } from '../metric/metric-operations.ts';
import type { AlarmTable, HistoryTable } from './alarm.ts';

/** What every file of alarms leans on: metrics, and the targets of events for their actions. */
export interface AlarmRoom extends MetricRoom, EventRoom {
  readonly alarms: AlarmTable;
  readonly history: HistoryTable;
}
