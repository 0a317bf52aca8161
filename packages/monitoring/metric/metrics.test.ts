import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type {
  GetMetricDataOutput,
  GetMetricStatisticsOutput,
  ListMetricsOutput,
} from '@aws-sdk/client-cloudwatch';
import { dialectsUnderTest } from '@helicase/records';
import { systemClock } from '@helicase/kernel';
import { contextOf, observedCall, openTestMonitoring, type TestMonitoring } from '../testing.ts';
import { MetricStore } from './metric-store.ts';

const DAY = 24 * 60 * 60 * 1000;
const NOON = Date.UTC(2026, 0, 31, 12);

for (const { dialect, skip } of dialectsUnderTest()) {
  describe(`metrics on ${dialect}`, { skip }, () => {
    let now = NOON;
    let room: TestMonitoring;
    before(async () => {
      room = await openTestMonitoring(dialect, { clock: { ...systemClock, now: () => now } });
    });
    after(() => room.close());

    const put = (MetricName: string, datum: object) =>
      room.call('PutMetricData', {
        ...{ Namespace: 'Lab', MetricData: [{ MetricName, Timestamp: new Date(NOON), ...datum }] },
      });
    const all = ['SampleCount', 'Sum', 'Minimum', 'Maximum', 'Average'];
    const statistics = async (MetricName: string, more: object = {}) => {
      const { Datapoints } = await room.call<GetMetricStatisticsOutput>('GetMetricStatistics', {
        ...{ Namespace: 'Lab', MetricName, Period: 60, Statistics: all },
        ...{ StartTime: new Date(NOON - 60_000), EndTime: new Date(NOON + 600_000), ...more },
      });
      return Datapoints!;
    };

    it('put values, counted values and statistic sets together', async () => {
      await put('Reads', { Value: 4 });
      await put('Reads', { Values: [1, 10], Counts: [3, 1] });
      await put('Reads', {
        StatisticValues: { SampleCount: 2, Sum: 5, Minimum: 2, Maximum: 3 },
        Timestamp: new Date(NOON + 59_000),
      });
      await put('Reads', { Value: 7, Timestamp: new Date(NOON + 60_000) });
      const [first, second] = await statistics('Reads');
      assert.deepEqual(first, {
        ...{ Timestamp: new Date(NOON), SampleCount: 7, Sum: 22, Minimum: 1, Maximum: 10 },
        ...{ Average: 22 / 7, Unit: 'None' },
      });
      assert.equal(second!.Sum, 7);
      const [whole] = await statistics('Reads', { Period: 300 });
      assert.equal(whole!.Sum, 29);
    });

    it('are refused whole where one datum is wrong', async () => {
      const two = {
        Namespace: 'Lab',
        MetricData: [{ MetricName: 'Whole', Value: 1 }, { MetricName: 'Whole' }],
      };
      await assert.rejects(room.call('PutMetricData', two), { code: 'InvalidParameterCombinationException' });
      assert.deepEqual(await statistics('Whole'), []);
      await assert.rejects(put('Old', { Value: 1, Timestamp: new Date(NOON - 15 * DAY) }), {
        code: 'InvalidParameterValueException',
      });
      await assert.rejects(room.call('PutMetricData', { ...two, Namespace: 'AWS/Omics' }), /services’ own/);
      await assert.rejects(statistics('Reads', { ExtendedStatistics: ['tm99'] }), /tm99 is not supported/);
      await assert.rejects(statistics('Reads', { Period: 61 }), /multiple of 60/);
    });

    it('with other dimensions are others', async () => {
      const at = (Value: string) => [{ Name: 'Lane', Value }];
      await put('Depth', { Value: 1, Dimensions: at('1') });
      await put('Depth', { Value: 2, Dimensions: at('2') });
      const [point] = await statistics('Depth', { Dimensions: at('2') });
      assert.equal(point!.Sum, 2);
      assert.deepEqual(await statistics('Depth'), []);
      const { Metrics } = await room.call<ListMetricsOutput>('ListMetrics', {
        ...{ Namespace: 'Lab', Dimensions: [{ Name: 'Lane', Value: '1' }] },
      });
      assert.deepEqual(Metrics, [{ Namespace: 'Lab', MetricName: 'Depth', Dimensions: at('1') }]);
    });

    it('of another account or Region are not seen', async () => {
      for (const stranger of [
        contextOf('444455556666', 'us-east-1'),
        contextOf('111122223333', 'eu-west-1'),
      ]) {
        assert.deepEqual((await room.call<ListMetricsOutput>('ListMetrics', {}, stranger)).Metrics, []);
      }
    });

    it('come in pages of GetMetricData that together are all', async () => {
      for (const minute of [0, 1, 2, 3, 4])
        await put('Paged', { Value: minute, Timestamp: new Date(NOON + minute * 60_000) });
      const values: number[] = [];
      let NextToken: string | undefined;
      do {
        const Metric = { Namespace: 'Lab', MetricName: 'Paged' };
        const page = await room.call<GetMetricDataOutput>('GetMetricData', {
          MetricDataQueries: [{ Id: 'm1', MetricStat: { Metric, Period: 60, Stat: 'Sum' } }],
          ...{ StartTime: new Date(NOON), EndTime: new Date(NOON + 600_000), MaxDatapoints: 2, NextToken },
        });
        values.push(...page.MetricDataResults![0]!.Values!);
        NextToken = page.NextToken;
      } while (NextToken !== undefined);
      assert.deepEqual(values, [4, 3, 2, 1, 0], 'newest first, unless told otherwise');
    });

    it('are put together to five minutes after 15 days and to an hour after 63, and nothing is counted twice', async () => {
      for (const minute of [0, 1, 6])
        await put('Old', { Value: minute + 1, Timestamp: new Date(NOON + minute * 60_000) });
      const store = new MetricStore(room.records);
      const sums = async (period: number) => {
        const metric = { namespace: 'Lab', name: 'Old', dimensions: {} };
        const range = { start: NOON, end: NOON + 60 * 60_000 };
        const points = await store.points(room.context.scope, { metric, ...range, period });
        return [...points].map(([at, { count, max, min, sum }]) => [
          (at - NOON) / 60_000,
          count,
          sum,
          min,
          max,
        ]);
      };
      const minutes = [
        [0, 1, 1, 1, 1],
        [1, 1, 2, 2, 2],
        [6, 1, 7, 7, 7],
      ];
      await store.rollUp(NOON + 14 * DAY);
      assert.deepEqual(await sums(60), minutes);
      await store.rollUp(NOON + 16 * DAY);
      await store.rollUp(NOON + 16 * DAY);
      assert.deepEqual(await sums(60), [
        [0, 2, 3, 1, 2],
        [5, 1, 7, 7, 7],
      ]);
      await store.rollUp(NOON + 64 * DAY);
      assert.deepEqual(await sums(60), [[0, 3, 10, 1, 7]]);
      await store.rollUp(NOON + 456 * DAY);
      assert.deepEqual(await sums(60), []);
    });

    it('count API calls in AWS/Usage, and those that the guide lists in AWS/Omics', async () => {
      now = NOON + 30_000;
      for (const name of ['StartRun', 'StartRun', 'GetRun']) {
        const call = observedCall(name, {}, room.context);
        for (const observer of room.observers) await observer.record?.(call, { status: 201, output: {} });
      }
      await room.apiCalls.flush();
      const sum = async (Namespace: string, MetricName: string, dimensions: Record<string, string>) => {
        const { Datapoints } = await room.call<GetMetricStatisticsOutput>('GetMetricStatistics', {
          ...{ Namespace, MetricName, Period: 60, Statistics: ['Sum'] },
          ...{ StartTime: new Date(NOON), EndTime: new Date(NOON + 60_000) },
          Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
        });
        return Datapoints![0]?.Sum;
      };
      const usage = { Type: 'API', Service: 'HealthOmics', Class: 'None' };
      assert.equal(await sum('AWS/Usage', 'CallCount', { ...usage, Resource: 'StartRun' }), 2);
      assert.equal(await sum('AWS/Usage', 'CallCount', { ...usage, Resource: 'GetRun' }), 1);
      assert.equal(await sum('AWS/Omics', 'APICallCount', { Operation: 'StartRun' }), 2);
      assert.equal(await sum('AWS/Omics', 'APICallCount', { Operation: 'GetRun' }), undefined);
      assert.match(
        room.apiCalls.page(),
        /^helicase_api_calls_total\{service="omics",operation="StartRun",status="201"\} 2$/m,
      );
    });
  });
}
