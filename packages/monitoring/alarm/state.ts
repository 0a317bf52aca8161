import type { StateValue } from '@aws-sdk/client-cloudwatch';
import { rootPrincipal, type Scope } from '@helicase/kernel';
import type { JobWorker, Transaction } from '@helicase/records';
import type { BusEvent } from '../event/bus-event.ts';
import { deliverer } from '../event/delivery.ts';
import type { Rule } from '../event/rule.ts';
import { type Alarm, alarmArn, type HistoryDoc } from './alarm.ts';
import type { AlarmRoom } from './alarm-room.ts';

const ACTION = 'alarm-action';

interface Action {
  readonly alarm: string;
  readonly arn: string;
  readonly event: BusEvent;
}

/** Moves a held alarm, with its history, its event on the default bus, and its actions. */
export async function changeState(
  room: AlarmRoom,
  tx: Transaction,
  alarm: Alarm,
  to: { readonly state: StateValue; readonly reason: string; readonly reasonData?: string },
): Promise<void> {
  const { id, scope, status } = alarm;
  const now = room.clock.now();
  const { reason, reasonData, state } = to;
  const changed = await room.alarms.transition(tx, scope, id, state, {
    doc: ({ reasonData: _, ...doc }) => ({
      ...{ ...doc, reason, stateAt: now },
      ...(reasonData === undefined ? {} : { reasonData }),
    }),
  });
  await keepHistory(room, tx, scope, id, {
    ...{ type: 'StateUpdate', at: now, summary: `Alarm updated from ${status} to ${state}` },
    data: JSON.stringify({
      ...{ version: '1.0', oldState: { stateValue: status, stateReason: alarm.doc.reason } },
      newState: { stateValue: state, stateReason: reason },
    }),
  });
  const event = stateEvent(room, changed, alarm);
  const { detail, resources } = event;
  const notice = { source: event.source, detailType: event['detail-type'], resources, detail };
  await room.records.announce(tx, scope, [{ id: event.id, notice }]);
  await enqueueActions(room, tx, changed, event);
}

/** `CloudWatch Alarm State Change`, as EventBridge has it. */
function stateEvent({ clock, ids }: AlarmRoom, alarm: Alarm, before: Alarm): BusEvent {
  const { doc, id, scope, status } = alarm;
  const state = (of: Alarm) => ({
    ...{ value: of.status, reason: of.doc.reason, timestamp: new Date(of.doc.stateAt).toISOString() },
  });
  const { AlarmDescription: description, MetricName, Namespace, Period, Statistic } = doc.configuration;
  return {
    ...{ version: '0', id: ids.uuid(), 'detail-type': 'CloudWatch Alarm State Change' },
    ...{ source: 'aws.cloudwatch', account: scope.account, region: scope.region },
    time: `${new Date(clock.now()).toISOString().slice(0, 19)}Z`,
    resources: [alarmArn(scope, id)],
    detail: {
      ...{ alarmName: id, state: state({ ...alarm, status }), previousState: state(before) },
      configuration: {
        description,
        metricName: MetricName,
        namespace: Namespace,
        period: Period,
        statistic: Statistic,
      },
    },
  };
}

async function enqueueActions(
  { records }: AlarmRoom,
  tx: Transaction,
  { doc, id, revision, scope, status }: Alarm,
  event: BusEvent,
): Promise<void> {
  const { ActionsEnabled = true, AlarmActions, InsufficientDataActions, OKActions } = doc.configuration;
  if (!ActionsEnabled) return;
  const actions = { ALARM: AlarmActions, OK: OKActions, INSUFFICIENT_DATA: InsufficientDataActions }[status];
  for (const [index, arn] of (actions ?? []).entries()) {
    await records.jobs.enqueue<Action>(tx, {
      actor: { scope, principal: rootPrincipal(scope.account) },
      ...{ kind: ACTION, subject: `${id}/${revision}/${index}`, input: { alarm: id, arn, event } },
    });
  }
}

/** Tells an action's target, as a rule's target is told; what came of it is in the history. */
export function actionWorker(room: AlarmRoom): JobWorker<Action, unknown, Transaction> {
  const told =
    (scope: Scope, { alarm, arn }: Action, error?: Error) =>
    (tx: Transaction) =>
      keepHistory(room, tx, scope, alarm, {
        ...{ type: 'Action', at: room.clock.now() },
        summary: `${error ? 'Failed to execute' : 'Successfully executed'} action ${arn}`,
        data: JSON.stringify({
          actionState: error ? 'Failed' : 'Succeeded',
          notificationResource: arn,
          error: error?.message,
        }),
      });
  return {
    kind: ACTION,
    concurrency: 16,
    async run(run) {
      const { alarm, arn, event } = run.input;
      const { scope } = run.actor;
      const deliver = await deliverer(room, ruleOf(scope, alarm), { Id: alarm, Arn: arn });
      await deliver(event, run.signal);
      await run.commit(told(scope, run.input));
    },
    async exhausted(tx, { input, scope }, error) {
      await told(scope, input, error)(tx);
    },
  };
}

/** What targets are told of the rule that brought the event: an alarm has none. */
function ruleOf(scope: Scope, name: string): Rule {
  const doc = { bus: 'default', name, eventPattern: '{}', targets: [], tags: {} };
  const common = { parent: 'default', statusMessage: undefined, createdAt: 0, updatedAt: 0, revision: 0 };
  return { ...common, scope, id: name, status: 'ENABLED', doc };
}

export async function keepHistory(
  { history, ids }: AlarmRoom,
  tx: Transaction,
  scope: Scope,
  alarm: string,
  doc: HistoryDoc,
): Promise<void> {
  await history.insert(tx, { scope, id: ids.numeric(), parent: alarm, status: 'KEPT', doc });
}
