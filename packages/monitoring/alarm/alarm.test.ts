import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { FilterLogEventsResponse } from '@aws-sdk/client-cloudwatch-logs';
import type { DescribeAlarmHistoryOutput, DescribeAlarmsOutput } from '@aws-sdk/client-cloudwatch';
import { systemClock } from '@helicase/kernel';
import { dialectsUnderTest } from '@helicase/records';
import type { Measures } from '../metric/metric.ts';
import { openTestMonitoring } from '../testing.ts';
import { evaluate } from './evaluate.ts';

const NOON = Date.UTC(2026, 0, 31, 12);

describe('an alarm’s evaluation', () => {
  // CloudWatch's table "How alarm state is evaluated when data is missing": 3 of 3 periods, "-" is missing, "X" breaches.
  const state = (points: string, TreatMissingData: string) => {
    const found = new Map<number, Measures>();
    for (const [index, point] of [...points].entries()) {
      const value = point === 'X' ? 9 : 1;
      if (point !== '-') found.set(index, { count: 1, sum: value, min: value, max: value });
    }
    return evaluate(
      {
        ...{ EvaluationPeriods: 3, DatapointsToAlarm: 2, Threshold: 5, Statistic: 'Sum', TreatMissingData },
        ComparisonOperator: 'GreaterThanThreshold',
      },
      found,
    )?.state;
  };

  it('goes by how many of the periods breach, and by what missing ones count for', () => {
    assert.deepEqual(
      ['XX0', 'X00', '000', 'X--', '0--', '---'].map((points) =>
        ['missing', 'ignore', 'breaching', 'notBreaching'].map((missing) => state(points, missing)),
      ),
      [
        ['ALARM', 'ALARM', 'ALARM', 'ALARM'],
        ['OK', 'OK', 'OK', 'OK'],
        ['OK', 'OK', 'OK', 'OK'],
        ['OK', 'OK', 'ALARM', 'OK'],
        ['OK', 'OK', 'ALARM', 'OK'],
        ['INSUFFICIENT_DATA', undefined, 'ALARM', 'OK'],
      ],
    );
  });
});

for (const { dialect, skip } of dialectsUnderTest()) {
  describe(`alarms on ${dialect}`, { skip }, () => {
    it('change with their metric, tell their action’s target, and keep a history', async () => {
      let now = NOON;
      const room = await openTestMonitoring(dialect, { clock: { ...systemClock, now: () => now } });
      try {
        const group = 'arn:aws:logs:us-east-1:111122223333:log-group:/alarms';
        await room.call('PutMetricAlarm', {
          ...{
            AlarmName: 'failed runs',
            Namespace: 'Lab',
            MetricName: 'Failed',
            Statistic: 'Sum',
            Period: 60,
          },
          ...{ EvaluationPeriods: 1, Threshold: 2, ComparisonOperator: 'GreaterThanOrEqualToThreshold' },
          AlarmActions: [group],
        });
        const stateNow = async () => {
          await room.evaluateAlarm(room.context.scope, 'failed runs');
          return (await room.call<DescribeAlarmsOutput>('DescribeAlarms', {})).MetricAlarms![0]!.StateValue;
        };
        assert.equal(await stateNow(), 'INSUFFICIENT_DATA');
        const measure = (Value: number) =>
          room.call('PutMetricData', {
            ...{ Namespace: 'Lab', MetricData: [{ MetricName: 'Failed', Value, Timestamp: new Date(now) }] },
          });
        await measure(1);
        now += 60_000;
        assert.equal(await stateNow(), 'OK');
        await measure(3);
        assert.equal(await stateNow(), 'OK', 'the minute is not over');
        now += 60_000;
        assert.equal(await stateNow(), 'ALARM');

        const told = async () => {
          const answer = await room
            .call<FilterLogEventsResponse>('FilterLogEvents', { logGroupName: '/alarms' })
            .catch(() => undefined);
          return answer?.events?.[0]?.message;
        };
        let message = await told();
        for (; message === undefined; message = await told()) await delay(20);
        const { detail } = JSON.parse(message) as {
          detail: { alarmName: string; state: { value: string }; previousState: { value: string } };
        };
        assert.equal(detail.alarmName, 'failed runs');
        assert.deepEqual([detail.previousState.value, detail.state.value], ['OK', 'ALARM']);

        await room.call('SetAlarmState', {
          AlarmName: 'failed runs',
          StateValue: 'OK',
          StateReason: 'tried',
        });
        const { AlarmHistoryItems } = await room.call<DescribeAlarmHistoryOutput>('DescribeAlarmHistory', {
          ...{ AlarmName: 'failed runs', HistoryItemType: 'StateUpdate', ScanBy: 'TimestampAscending' },
        });
        assert.deepEqual(
          AlarmHistoryItems!.map(({ HistorySummary }) => HistorySummary),
          [
            'Alarm updated from INSUFFICIENT_DATA to OK',
            'Alarm updated from OK to ALARM',
            'Alarm updated from ALARM to OK',
          ],
        );
        const isTelling = async () =>
          (await room.call<DescribeAlarmsOutput>('DescribeAlarms', {})).MetricAlarms![0]!.ActionsEnabled;
        await room.call('DisableAlarmActions', { AlarmNames: ['failed runs'] });
        assert.equal(await isTelling(), false);
        await room.call('EnableAlarmActions', { AlarmNames: ['failed runs'] });
        assert.equal(await isTelling(), true);
        await room.call('DeleteAlarms', { AlarmNames: ['failed runs'] });
        await assert.rejects(room.call('DeleteAlarms', { AlarmNames: ['failed runs'] }), {
          code: 'ResourceNotFound',
        });
      } finally {
        await room.close();
      }
    });

    it('are refused in words where they cannot be evaluated', async (t) => {
      const room = await openTestMonitoring(dialect);
      t.after(() => room.close());
      const put = (more: object) =>
        room.call('PutMetricAlarm', {
          ...{ AlarmName: 'a', Namespace: 'Lab', MetricName: 'Failed', Statistic: 'Sum', Period: 60 },
          ...{ EvaluationPeriods: 1, Threshold: 2, ComparisonOperator: 'GreaterThanThreshold', ...more },
        });
      await assert.rejects(put({ Period: undefined }), /Period is required/);
      await assert.rejects(put({ DatapointsToAlarm: 2 }), /must not be more than EvaluationPeriods/);
      await assert.rejects(put({ AlarmActions: ['arn:aws:sns:us-east-1:111122223333:t'] }), /nothing here/);
      await assert.rejects(
        put({ ExtendedStatistic: 'p99' }),
        /Exactly one of Statistic and ExtendedStatistic/,
      );
      const trimmed = put({ Statistic: undefined, ExtendedStatistic: 'tm99' });
      await assert.rejects(trimmed, /tm99 is not supported/);
      await put({ Statistic: undefined, ExtendedStatistic: 'p99' });
    });
  });
}
