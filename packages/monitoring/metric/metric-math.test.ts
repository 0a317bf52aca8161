import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { GetMetricDataOutput, GetMetricStatisticsOutput } from '@aws-sdk/client-cloudwatch';
import { systemClock } from '@helicase/kernel';
import { dialectsUnderTest } from '@helicase/records';
import { openTestMonitoring, type TestMonitoring } from '../testing.ts';
import { MetricStore } from './metric-store.ts';

// The user guide, "Using math expressions with CloudWatch metrics".

const DAY = 24 * 60 * 60 * 1000;
const NOON = Date.UTC(2026, 0, 31, 12);
const MINUTE = 60_000;

for (const { dialect, skip } of dialectsUnderTest()) {
  describe(`percentiles and metric math on ${dialect}`, { skip }, () => {
    let room: TestMonitoring;
    before(async () => {
      room = await openTestMonitoring(dialect, { clock: { ...systemClock, now: () => NOON } });
      // By minute: reads 10, 20, nothing, 40; faults 1, 0, 5, nothing.
      for (const [name, minute, value] of [
        ['Reads', 0, 10],
        ['Reads', 1, 20],
        ['Reads', 3, 40],
        ['Faults', 0, 1],
        ['Faults', 1, 0],
        ['Faults', 2, 5],
      ] as const)
        await put(name, minute, { Value: value });
    });
    after(() => room.close());

    const put = (MetricName: string, minute: number, datum: object) =>
      room.call('PutMetricData', {
        Namespace: 'Lab',
        MetricData: [{ MetricName, Timestamp: new Date(NOON + minute * MINUTE), ...datum }],
      });
    const metric = (Id: string, MetricName: string, Stat = 'Sum', ReturnData = false) => ({
      ...{ Id, ReturnData },
      MetricStat: { Metric: { Namespace: 'Lab', MetricName }, Period: 60, Stat },
    });
    const queried = async (queries: readonly object[]) => {
      const { MetricDataResults } = await room.call<GetMetricDataOutput>('GetMetricData', {
        ...{ MetricDataQueries: queries, ScanBy: 'TimestampAscending' },
        ...{ StartTime: new Date(NOON), EndTime: new Date(NOON + 5 * MINUTE) },
      });
      return MetricDataResults!.map(({ Id, Timestamps, Values }) => ({
        id: Id,
        points: Values!.map((value, index) => [(Timestamps![index]!.getTime() - NOON) / MINUTE, value]),
      }));
    };
    const calculated = async (Expression: string) => {
      const queries = [metric('m1', 'Reads'), metric('m2', 'Faults'), { Id: 'e1', Expression }];
      return (await queried(queries)).map(({ points }) => points);
    };

    for (const [expression, points] of [
      [
        'm1 * 2 + 1',
        [
          [0, 21],
          [1, 41],
          [3, 81],
        ],
      ],
      [
        '100*(m2/m1)',
        [
          [0, 10],
          [1, 0],
        ],
      ],
      [
        '-m1 ^ 2',
        [
          [0, -100],
          [1, -400],
          [3, -1600],
        ],
      ],
      ['m1 / m2', [[0, 10]]],
      [
        'SUM(METRICS())',
        [
          [0, 11],
          [1, 20],
          [2, 5],
          [3, 40],
        ],
      ],
      ['AVG([m1, m2])', undefined],
      [
        'MAX(METRICS())',
        [
          [0, 10],
          [1, 20],
          [2, 5],
          [3, 40],
        ],
      ],
      [
        'm1 / SUM(m1) * 100',
        [
          [0, 100 / 7],
          [1, 200 / 7],
          [3, 400 / 7],
        ],
      ],
      [
        'FILL(m1, 0)',
        [
          [0, 10],
          [1, 20],
          [2, 0],
          [3, 40],
          [4, 0],
        ],
      ],
      [
        'FILL(m1, REPEAT)',
        [
          [0, 10],
          [1, 20],
          [2, 20],
          [3, 40],
          [4, 40],
        ],
      ],
      [
        'FILL(m1, LINEAR)',
        [
          [0, 10],
          [1, 20],
          [2, 30],
          [3, 40],
        ],
      ],
      [
        'RATE(m1)',
        [
          [1, 10 / 60],
          [3, 20 / 120],
        ],
      ],
      [
        'DIFF(m1)',
        [
          [1, 10],
          [3, 20],
        ],
      ],
      [
        'IF(m1 > 15, m1, 0)',
        [
          [0, 0],
          [1, 20],
          [3, 40],
        ],
      ],
      ['IF(m1 > 15 && m2 == 0, m1)', [[1, 20]]],
      [
        'IF(FILL(m2, 9) >= 5, 1, 0)',
        [
          [0, 0],
          [1, 0],
          [2, 1],
          [3, 1],
          [4, 1],
        ],
      ],
      [
        'RUNNING_SUM(m1) / PERIOD(m1)',
        [
          [0, 10 / 60],
          [1, 30 / 60],
          [3, 70 / 60],
        ],
      ],
      [
        'm1 - MIN(m1)',
        [
          [0, 0],
          [1, 10],
          [3, 30],
        ],
      ],
      [
        'ABS(m2 - m1)',
        [
          [0, 9],
          [1, 20],
        ],
      ],
    ] as const) {
      it(`calculates ${expression}`, async () => {
        if (!points) return assert.rejects(calculated(expression), /position 4 .*/);
        const [found] = await calculated(expression);
        assert.deepEqual(
          found!.map(([at]) => at),
          points.map(([at]) => at),
        );
        for (const [index, [, value]] of points.entries())
          assert.ok(Math.abs(found![index]![1]! - value) < 1e-9, `${found![index]![1]} for ${value}`);
      });
    }

    it('gives several series where an expression does, and lets expressions name each other', async () => {
      assert.deepEqual(await calculated('METRICS() * 0 + 1'), [
        [
          [0, 1],
          [1, 1],
          [3, 1],
        ],
        [
          [0, 1],
          [1, 1],
          [2, 1],
        ],
      ]);
      const found = await queried([
        { Id: 'e2', Expression: 'e1 + 1' },
        { Id: 'e1', Expression: 'm1 * 10', ReturnData: false },
        metric('m1', 'Reads'),
      ]);
      assert.deepEqual(found, [
        {
          id: 'e2',
          points: [
            [0, 101],
            [1, 201],
            [3, 401],
          ],
        },
      ]);
    });

    for (const [expression, fault] of [
      ['m1 +', /it ends too early/],
      ['m1 $ 2', /"\$" at position 3 cannot be read/],
      ['SEARCH("x", "Sum", 60)', /function SEARCH at position 0 is not supported/],
      ['m9 * 2', /no query of this Id/],
      ['e1 * 2', /depends on itself/],
      ['SUM(m1)', /scalar/],
      ['FILL(m1)', /does not take 1 arguments/],
      ['FILL(1, 2)', /cannot be applied to that/],
      ['(m1', /\) is expected at the end/],
    ] as const) {
      it(`refuses ${expression} in words`, async () => {
        await assert.rejects(calculated(expression), { code: 'ValidationError', message: fault });
      });
    }

    it('knows percentiles of single values to a hundredth, also after they were put together', async () => {
      for (let value = 1; value <= 100; value += 1) await put('Seconds', value % 2, { Value: value });
      const percentiles = async (period: number) => {
        const { Datapoints } = await room.call<GetMetricStatisticsOutput>('GetMetricStatistics', {
          ...{
            Namespace: 'Lab',
            MetricName: 'Seconds',
            Period: period,
            ExtendedStatistics: ['p50', 'p99.9'],
          },
          ...{ StartTime: new Date(NOON), EndTime: new Date(NOON + 5 * MINUTE) },
        });
        return Datapoints!.map(({ ExtendedStatistics }) => ExtendedStatistics!);
      };
      const near = (found: number, value: number) => assert.ok(Math.abs(found - value) <= 0.011 * value + 1);
      const [whole] = await percentiles(300);
      near(whole!['p50']!, 50);
      near(whole!['p99.9']!, 100);
      assert.equal((await percentiles(60)).length, 2);
      await new MetricStore(room.records).rollUp(NOON + 64 * DAY);
      const [coarse] = await percentiles(300);
      assert.deepEqual(coarse, whole);
    });

    it('has no percentile where values are not known, unless all were the same', async () => {
      const set = (Minimum: number, Maximum: number) => ({
        StatisticValues: { SampleCount: 2, Sum: Minimum + Maximum, Minimum, Maximum },
      });
      await put('Known', 0, set(7, 7));
      await put('Unknown', 0, set(1, 7));
      await put('Unknown', 0, { Value: 4 });
      const [known, unknown] = await queried([
        metric('a', 'Known', 'p90', true),
        metric('b', 'Unknown', 'p90', true),
      ]);
      assert.deepEqual([known!.points, unknown!.points], [[[0, 7]], []]);
      await assert.rejects(queried([metric('a', 'Known', 'tm90', true)]), /tm90 is not supported/);
    });
  });
}
