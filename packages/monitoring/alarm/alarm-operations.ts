import type {
  AlarmHistoryItem,
  DeleteAlarmsInput,
  DescribeAlarmHistoryInput,
  DescribeAlarmHistoryOutput,
  DescribeAlarmsInput,
  DescribeAlarmsOutput,
  MetricAlarm,
  PutMetricAlarmInput,
  SetAlarmStateInput,
} from '@aws-sdk/client-cloudwatch';
import type { Scope } from '@helicase/kernel';
import { tagsOfList } from '../tag/tag-rules.ts';
import { type AnyOperation, defineOperation, type OperationContext } from '@helicase/wire';
import { targetKind } from '../event/target-kind.ts';
import { errors } from '../metric/errors.ts';
import { checkPeriod, statisticOf } from '../metric/statistics.ts';
import { type Alarm, alarmArn, type AlarmConfiguration } from './alarm.ts';
import type { AlarmRoom } from './alarm-room.ts';
import { isComparison } from './evaluate.ts';
import { changeState, keepHistory } from './state.ts';

const PAGE = 50;
const MISSING = ['missing', 'ignore', 'breaching', 'notBreaching'];

export function alarmOperations(room: AlarmRoom): readonly AnyOperation[] {
  const one = ({ AlarmName }: { AlarmName?: string | undefined }, { scope }: OperationContext) => [
    alarmArn(scope, AlarmName!),
  ];
  const many = ({ AlarmNames = [] }: { AlarmNames?: string[] | undefined }, { scope }: OperationContext) =>
    AlarmNames.map((name) => alarmArn(scope, name));
  const quota = 'cloudwatch';
  const turn = (name: 'EnableAlarmActions' | 'DisableAlarmActions', ActionsEnabled: boolean) =>
    defineOperation<DeleteAlarmsInput, object>({
      ...{ name, action: `cloudwatch:${name}`, resources: many, readOnly: false, quota },
      handler: ({ AlarmNames }, { scope }) => turnActions(room, scope, AlarmNames!, ActionsEnabled),
    });
  return [
    defineOperation<PutMetricAlarmInput, object>({
      ...{ name: 'PutMetricAlarm', action: 'cloudwatch:PutMetricAlarm', resources: one },
      ...{ readOnly: false, quota },
      handler: (input, context) => putAlarm(room, input, context),
    }),
    defineOperation<DescribeAlarmsInput, DescribeAlarmsOutput>({
      ...{ name: 'DescribeAlarms', action: 'cloudwatch:DescribeAlarms', resources: () => ['*'] },
      ...{ readOnly: true, quota },
      handler: (input, context) => describeAlarms(room, input, context),
    }),
    defineOperation<DescribeAlarmHistoryInput, DescribeAlarmHistoryOutput>({
      ...{ name: 'DescribeAlarmHistory', action: 'cloudwatch:DescribeAlarmHistory', readOnly: true, quota },
      resources: ({ AlarmName }, { scope }) => [AlarmName === undefined ? '*' : alarmArn(scope, AlarmName)],
      handler: (input, context) => describeHistory(room, input, context),
    }),
    defineOperation<SetAlarmStateInput, object>({
      ...{
        name: 'SetAlarmState',
        action: 'cloudwatch:SetAlarmState',
        resources: one,
        readOnly: false,
        quota,
      },
      handler: (input, context) => setState(room, input, context),
    }),
    defineOperation<DeleteAlarmsInput, object>({
      ...{ name: 'DeleteAlarms', action: 'cloudwatch:DeleteAlarms', resources: many, readOnly: false, quota },
      handler: (input, context) => deleteAlarms(room, input, context),
    }),
    turn('EnableAlarmActions', true),
    turn('DisableAlarmActions', false),
  ];
}

/** Makes the alarm or replaces what it was told; a new one begins without data. */
async function putAlarm(
  room: AlarmRoom,
  input: PutMetricAlarmInput,
  { scope }: OperationContext,
): Promise<object> {
  const { AlarmName: id, Tags = [], ...configuration } = input;
  checkConfiguration(room, scope, configuration);
  const now = room.clock.now();
  const tags = tagsOfList(Tags);
  await room.records.transaction(async (tx) => {
    const before = await room.alarms.hold(tx, scope, id!);
    if (before) {
      await room.alarms.update(tx, scope, id!, (doc) => ({ ...doc, configuration, configuredAt: now }));
    } else {
      const reason = 'Unchecked: Initial alarm creation';
      const doc = { configuration, reason, configuredAt: now, stateAt: now, tags };
      await room.alarms.insert(tx, { scope, id: id!, status: 'INSUFFICIENT_DATA', doc });
    }
    await keepHistory(room, tx, scope, id!, {
      ...{ type: 'ConfigurationUpdate', at: now },
      summary: `Alarm "${id}" ${before ? 'updated' : 'created'}`,
      data: JSON.stringify({ version: '1.0', type: before ? 'Update' : 'Create', ...configuration }),
    });
  });
  return {};
}

function checkConfiguration({ messaging }: AlarmRoom, scope: Scope, configuration: AlarmConfiguration): void {
  const { ComparisonOperator, DatapointsToAlarm, EvaluationPeriods, Metrics, Period, Statistic, Threshold } =
    configuration;
  if (Metrics || configuration.EvaluationCriteria)
    throw errors.unsupported({
      what: 'An alarm on an expression',
      reason: 'an alarm watches one metric',
    });
  const needed = {
    ...{ Namespace: configuration.Namespace, MetricName: configuration.MetricName, Period },
    ...{ EvaluationPeriods, Threshold, ComparisonOperator },
  };
  for (const [name, value] of Object.entries(needed)) if (value === undefined) throw errors.missing({ name });
  const { ExtendedStatistic } = configuration;
  if ((Statistic === undefined) === (ExtendedStatistic === undefined))
    throw errors.badCombination({ reason: 'Exactly one of Statistic and ExtendedStatistic must be given' });
  statisticOf((Statistic ?? ExtendedStatistic)!);
  if (!isComparison(ComparisonOperator!))
    throw errors.unsupported({ what: ComparisonOperator!, reason: 'there is no anomaly detection' });
  checkPeriod(Period!);
  if (DatapointsToAlarm !== undefined && DatapointsToAlarm > EvaluationPeriods!)
    throw errors.badValue({
      name: 'DatapointsToAlarm',
      reason: 'it must not be more than EvaluationPeriods',
    });
  if (Period! * EvaluationPeriods! > 7 * 86_400)
    throw errors.badValue({
      name: 'EvaluationPeriods',
      reason: 'together with Period it must be seven days or less',
    });
  const missing = configuration.TreatMissingData ?? 'missing';
  if (!MISSING.includes(missing))
    throw errors.badValue({ name: 'TreatMissingData', reason: `it must be one of ${MISSING.join(', ')}` });
  const { AlarmActions = [], InsufficientDataActions = [], OKActions = [] } = configuration;
  for (const Arn of [...AlarmActions, ...OKActions, ...InsufficientDataActions])
    targetKind(messaging, scope, { Id: 'action', Arn });
}

async function describeAlarms(
  { alarms, pageTokens, records }: AlarmRoom,
  input: DescribeAlarmsInput,
  { scope }: OperationContext,
): Promise<DescribeAlarmsOutput> {
  const {
    ActionPrefix = '',
    AlarmNamePrefix = '',
    AlarmNames,
    MaxRecords = PAGE,
    NextToken,
    StateValue,
  } = input;
  const filter = [ActionPrefix, AlarmNamePrefix, AlarmNames, StateValue];
  const binding = { scope, operation: 'DescribeAlarms', filter };
  const found: Alarm[] = [];
  let after = NextToken === undefined ? undefined : pageTokens.read(binding, NextToken);
  do {
    const page = await alarms.list(records.direct, scope, {
      ...{ limit: MaxRecords - found.length, ...(after ? { after } : {}) },
      ...(AlarmNames ? { ids: AlarmNames } : {}),
      ...(StateValue ? { statuses: [StateValue] } : {}),
    });
    found.push(
      ...page.rows.filter(({ doc: { configuration }, id }) => {
        const { AlarmActions = [], InsufficientDataActions = [], OKActions = [] } = configuration;
        const actions = [...AlarmActions, ...OKActions, ...InsufficientDataActions];
        const hasAction = ActionPrefix === '' || actions.some((arn) => arn.startsWith(ActionPrefix));
        return id.startsWith(AlarmNamePrefix) && hasAction;
      }),
    );
    after = page.next;
  } while (after && found.length < MaxRecords);
  return {
    MetricAlarms: found.map(described),
    CompositeAlarms: [],
    NextToken: after && pageTokens.issue(binding, after),
  };
}

async function describeHistory(
  { history, pageTokens, records }: AlarmRoom,
  input: DescribeAlarmHistoryInput,
  { scope }: OperationContext,
): Promise<DescribeAlarmHistoryOutput> {
  const { AlarmName, EndDate, HistoryItemType, MaxRecords = 100, NextToken, ScanBy, StartDate } = input;
  const filter = [AlarmName, HistoryItemType, ScanBy, StartDate?.getTime(), EndDate?.getTime()];
  const binding = { scope, operation: 'DescribeAlarmHistory', filter };
  const after = NextToken === undefined ? undefined : pageTokens.read(binding, NextToken);
  const page = await history.list(records.direct, scope, {
    ...{ limit: MaxRecords, order: ScanBy === 'TimestampAscending' ? 'oldest-first' : 'newest-first' },
    ...(AlarmName === undefined ? {} : { parent: AlarmName }),
    ...(HistoryItemType === undefined ? {} : { where: { type: HistoryItemType } }),
    ...(StartDate ? { createdAfter: StartDate.getTime() } : {}),
    ...(EndDate ? { createdBefore: EndDate.getTime() } : {}),
    ...(after ? { after } : {}),
  });
  return {
    AlarmHistoryItems: page.rows.map(({ doc, parent }): AlarmHistoryItem => ({
      ...{ AlarmName: parent, AlarmType: 'MetricAlarm', Timestamp: new Date(doc.at) },
      ...{ HistoryItemType: doc.type, HistorySummary: doc.summary, HistoryData: doc.data },
    })),
    NextToken: page.next && pageTokens.issue(binding, page.next),
  };
}

/** For a while: the next evaluation moves it to what its metric says. */
async function setState(
  room: AlarmRoom,
  { AlarmName: name, StateReason, StateReasonData, StateValue }: SetAlarmStateInput,
  { scope }: OperationContext,
): Promise<object> {
  if (StateReasonData !== undefined) {
    try {
      JSON.parse(StateReasonData);
    } catch (error) {
      throw errors.badStateData({ reason: (error as Error).message });
    }
  }
  await room.records.transaction(async (tx) => {
    const alarm = await room.alarms.hold(tx, scope, name!);
    if (!alarm) throw errors.noAlarm({ name: name! });
    if (alarm.status === StateValue) return;
    const data = StateReasonData === undefined ? {} : { reasonData: StateReasonData };
    await changeState(room, tx, alarm, { state: StateValue!, reason: StateReason!, ...data });
  });
  return {};
}

async function deleteAlarms(
  { alarms, records }: AlarmRoom,
  { AlarmNames }: DeleteAlarmsInput,
  { scope }: OperationContext,
): Promise<object> {
  await records.transaction(async (tx) => {
    for (const name of [...new Set(AlarmNames!)].sort()) {
      if (!(await alarms.hold(tx, scope, name))) throw errors.noAlarm({ name });
      await alarms.remove(tx, scope, name);
    }
  });
  return {};
}

async function turnActions(
  { alarms, records }: AlarmRoom,
  scope: Scope,
  names: readonly string[],
  ActionsEnabled: boolean,
): Promise<object> {
  await records.transaction(async (tx) => {
    for (const name of [...new Set(names)].sort()) {
      if (!(await alarms.hold(tx, scope, name))) continue; // as with AWS
      await alarms.update(tx, scope, name, (doc) => ({
        ...doc,
        configuration: { ...doc.configuration, ActionsEnabled },
      }));
    }
  });
  return {};
}

function described({ doc, id, scope, status }: Alarm): MetricAlarm {
  const { configuration, configuredAt, reason, reasonData, stateAt } = doc;
  const { EvaluationCriteria: _, Metrics: __, ...told } = configuration;
  return {
    ...{ ...told, AlarmName: id, AlarmArn: alarmArn(scope, id) },
    ...{ ActionsEnabled: told.ActionsEnabled ?? true, OKActions: told.OKActions ?? [] },
    ...{ AlarmActions: told.AlarmActions ?? [], Dimensions: told.Dimensions ?? [] },
    ...{ InsufficientDataActions: told.InsufficientDataActions ?? [] },
    ...{ StateValue: status, StateReason: reason, StateReasonData: reasonData },
    ...{ AlarmConfigurationUpdatedTimestamp: new Date(configuredAt) },
    ...{ StateUpdatedTimestamp: new Date(stateAt), StateTransitionedTimestamp: new Date(stateAt) },
  };
}
