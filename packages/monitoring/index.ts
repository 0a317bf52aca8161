export type { BusEvent } from './event/bus-event.ts';
export type { EventQuery } from './event/follow.ts';
export type { LogEvent } from './log-store/log-event.ts';
export type { LogWriter } from './log-store/log-writer.ts';
export type { CallCount } from './metric/api-calls.ts';
export type { StoredBytes } from './metric/figures.ts';
export type { PendingIncrease } from './quota/increases.ts';
export { QUOTAS, valuesByCode } from './quota/quota-table.ts';
export { createMonitoring, type Monitoring, type MonitoringOptions } from './monitoring.ts';
