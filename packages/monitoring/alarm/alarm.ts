import type { PutMetricAlarmInput, StateValue } from '@aws-sdk/client-cloudwatch';
import type { Scope } from '@helicase/kernel';
import {
  amongIds,
  type Records,
  type Resource,
  type ResourceTable,
  type Transaction,
} from '@helicase/records';

/** What the user asked for. */
export type AlarmConfiguration = Omit<PutMetricAlarmInput, 'AlarmName' | 'Tags'>;

/** Times in milliseconds. */
export interface AlarmDoc {
  readonly configuration: AlarmConfiguration;
  readonly reason: string;
  readonly reasonData?: string;
  readonly configuredAt: number;
  readonly stateAt: number;
  readonly tags: Readonly<Record<string, string>>;
}

export type Alarm = Resource<AlarmDoc, StateValue>;
/** Its id is its name. */
export type AlarmTable = ResourceTable<AlarmDoc, StateValue, never, Transaction>;

export interface HistoryDoc {
  readonly type: 'ConfigurationUpdate' | 'StateUpdate' | 'Action';
  readonly at: number;
  readonly summary: string;
  readonly data: string;
}
/** Its parent is the alarm. */
export type HistoryTable = ResourceTable<HistoryDoc, 'KEPT', 'type', Transaction>;

export function declareAlarms(records: Records): AlarmTable {
  return records.resource<AlarmDoc, StateValue>({
    kind: 'alarm',
    machine: {
      INSUFFICIENT_DATA: { OK: 'the threshold is not crossed', ALARM: 'the threshold is crossed' },
      OK: { ALARM: 'the threshold is crossed', INSUFFICIENT_DATA: 'data are missing' },
      ALARM: { OK: 'the threshold is not crossed', INSUFFICIENT_DATA: 'data are missing' },
    },
    tagged: {
      type: 'cloudwatch:alarm',
      arn: ({ scope, id }) => alarmArn(scope, id),
      among: amongIds(/^alarm:(.+)$/),
    },
  });
}

export function declareHistory(records: Records): HistoryTable {
  return records.resource<HistoryDoc, 'KEPT', 'type'>({
    kind: 'alarm-history-item',
    machine: { KEPT: {} },
    columns: { type: ({ type }) => type },
  });
}

export function alarmArn({ account, region }: Scope, name: string): string {
  return `arn:aws:cloudwatch:${region}:${account}:alarm:${name}`;
}
