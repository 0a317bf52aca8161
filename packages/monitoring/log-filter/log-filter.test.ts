import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { after, before, describe, it } from 'node:test';
import { gunzipSync } from 'node:zlib';
import type { GetMetricStatisticsOutput } from '@aws-sdk/client-cloudwatch';
import type {
  DescribeLogGroupsResponse,
  DescribeMetricFiltersResponse,
  DescribeSubscriptionFiltersResponse,
  TestMetricFilterResponse,
} from '@aws-sdk/client-cloudwatch-logs';
import { dialectsUnderTest } from '@helicase/records';
import { openTestMonitoring, type TestMonitoring } from '../testing.ts';
import { filterTables } from './tables.ts';

const MINUTE = 60_000;
const NOON = Math.floor(Date.now() / (5 * MINUTE)) * 5 * MINUTE - 10 * MINUTE;

/** The API reference of TestMetricFilter, "To test a metric filter pattern on Apache access.log events". */
const ACCESS = [
  '127.0.0.1 - frank [10/Oct/2000:13:25:15 -0700] "GET /apache_pb.gif HTTP/1.0" 200 1534',
  '127.0.0.1 - frank [10/Oct/2000:13:35:22 -0700] "GET /apache_pb.gif HTTP/1.0" 500 5324',
  '127.0.0.1 - frank [10/Oct/2000:13:50:35 -0700] "GET /apache_pb.gif HTTP/1.0" 200 4355',
];

for (const { dialect, skip } of dialectsUnderTest()) {
  describe(`log filters on ${dialect}`, { skip, timeout: 120_000 }, () => {
    let room: TestMonitoring;
    before(async () => {
      room = await openTestMonitoring(dialect);
      await room.call('CreateLogGroup', { logGroupName: '/lab' });
    });
    after(() => room.close());

    const write = async (lines: readonly (readonly [number, string])[], group = '/lab', stream = 'one') => {
      const events = lines.map(([timestamp, message]) => ({ timestamp, message }));
      await room.writer.append(room.context, group, stream, events);
      await room.writer.flush();
    };
    const put = (filterName: string, filterPattern: string, transformation: object, logGroupName = '/lab') =>
      room.call('PutMetricFilter', {
        ...{ logGroupName, filterName, filterPattern },
        metricTransformations: [
          { metricName: filterName, metricNamespace: 'Lab', metricValue: '1', ...transformation },
        ],
      });
    const settled = () =>
      until(async () => {
        const waiting = await filterTables(room.records.direct)
          .selectFrom('log_filter_queue')
          .selectAll()
          .execute();
        return waiting.length === 0;
      });
    const points = async (MetricName: string, dimensions: Readonly<Record<string, string>> = {}) => {
      const { Datapoints } = await room.call<GetMetricStatisticsOutput>('GetMetricStatistics', {
        ...{ Namespace: 'Lab', MetricName, Period: 60, Statistics: ['Sum', 'SampleCount', 'Maximum'] },
        ...{ StartTime: new Date(NOON), EndTime: new Date(NOON + 5 * MINUTE) },
        Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
      });
      return Datapoints!.map(({ Maximum, SampleCount, Sum, Timestamp }) => [
        (Timestamp!.getTime() - NOON) / MINUTE,
        ...[SampleCount, Sum, Maximum],
      ]);
    };

    it('count lines that match by the minute of their event, and say 0 for minutes without a match', async () => {
      await put('Errors', 'ERROR', { defaultValue: 0 });
      await write([
        [NOON, 'ERROR: out of memory'],
        [NOON + 1, 'ERROR: again'],
        [NOON + 2, 'fine'],
        [NOON + MINUTE, 'fine'],
      ]);
      await settled();
      assert.deepEqual(await points('Errors'), [
        [0, 2, 2, 1],
        [1, 1, 0, 0],
      ]);
    });

    it('take values and dimensions from JSON, and pass over lines that lack one', async () => {
      await put('Latency', '{ $.latency = * }', {
        ...{ metricValue: '$.latency', dimensions: { Step: '$.step' }, unit: 'Milliseconds' },
      });
      await write([
        [NOON, '{"latency": 50, "step": "align"}'],
        [NOON, '{"latency": "70", "step": "align"}'],
        [NOON, '{"latency": 9, "step": "sort"}'],
        [NOON, '{"latency": 9}'],
        [NOON, '{"latency": "slow", "step": "align"}'],
      ]);
      await settled();
      assert.deepEqual(await points('Latency', { Step: 'align' }), [[0, 2, 120, 70]]);
      assert.deepEqual(await points('Latency', { Step: 'sort' }), [[0, 1, 9, 9]]);
      assert.deepEqual(await points('Latency'), []);
    });

    it('take values from fields', async () => {
      const fields = '[ip, id, user, time, request, status = 200, size]';
      await put('Bytes', fields, { metricValue: '$size' });
      await write(ACCESS.map((line) => [NOON, line]));
      await settled();
      assert.deepEqual(await points('Bytes'), [[0, 2, 1534 + 4355, 4355]]);
    });

    it('tell what they would take of given lines, before they are made', async () => {
      const test = async (filterPattern: string) => {
        const input = { filterPattern, logEventMessages: ACCESS };
        return (await room.call<TestMetricFilterResponse>('TestMetricFilter', input)).matches!;
      };
      const [first, second] = await test('[ip, identity, user_id, timestamp, request, status_code, size]');
      assert.deepEqual(first!.extractedValues, {
        ...{ $ip: '127.0.0.1', $identity: '-', $user_id: 'frank', $timestamp: '10/Oct/2000:13:25:15 -0700' },
        ...{ $request: 'GET /apache_pb.gif HTTP/1.0', $status_code: '200', $size: '1534' },
      });
      assert.equal(second!.eventNumber, 2);
      const [only] = await test('[..., status_code=500, size]');
      assert.deepEqual(
        [only!.eventNumber, only!.extractedValues!['$size'], only!.extractedValues!['$1']],
        [2, '5324', '127.0.0.1'],
      );
    });

    it('are described by group, prefix or metric, and counted in their group', async () => {
      const describe = async (input: object) => {
        const answer = await room.call<DescribeMetricFiltersResponse>('DescribeMetricFilters', input);
        return answer.metricFilters!.map(({ filterName }) => filterName);
      };
      assert.deepEqual(await describe({ logGroupName: '/lab' }), ['Bytes', 'Errors', 'Latency']);
      assert.deepEqual(await describe({ logGroupName: '/lab', filterNamePrefix: 'E' }), ['Errors']);
      assert.deepEqual(await describe({ metricName: 'Latency', metricNamespace: 'Lab' }), ['Latency']);
      const { logGroups } = await room.call<DescribeLogGroupsResponse>('DescribeLogGroups', {});
      assert.equal(logGroups![0]!.metricFilterCount, 3);
      await room.call('DeleteMetricFilter', { logGroupName: '/lab', filterName: 'Bytes' });
      assert.deepEqual(await describe({ logGroupName: '/lab' }), ['Errors', 'Latency']);
      const gone = { logGroupName: '/lab', filterName: 'Bytes' };
      await assert.rejects(room.call('DeleteMetricFilter', gone), { code: 'ResourceNotFoundException' });
    });

    it('are refused where they could never measure', async () => {
      const invalid = (message: RegExp) => ({ code: 'InvalidParameterException', message });
      await assert.rejects(put('x', 'ERROR', { metricValue: '$.size' }), invalid(/names no members/));
      await assert.rejects(put('x', 'ERROR', { metricValue: 'many' }), invalid(/neither a number nor/));
      const both = { metricValue: '1', defaultValue: 0, dimensions: { A: '$.a' } };
      await assert.rejects(put('x', '{ $.a = * }', both), invalid(/mutually exclusive/));
      await assert.rejects(put('x', '{ $.a = ', {}), invalid(/brace is not closed/));
      await assert.rejects(put('x', '', { metricNamespace: 'AWS/Omics' }), invalid(/services’ own/));
      await assert.rejects(put('x', '', {}, '/none'), { code: 'ResourceNotFoundException' });
    });

    it('hand lines on to a subscriber in AWS’s envelope, again until it takes them, in their order', async (t) => {
      const bodies: string[] = [];
      const answers = [503, 200];
      const server = createServer((request, response) => {
        void text(request).then((body) => {
          response.statusCode = answers.shift() ?? 200;
          if (response.statusCode === 200) bodies.push(body);
          response.end();
        });
      }).listen(0, '127.0.0.1');
      t.after(() => (server.closeAllConnections(), server.close()));
      await new Promise((resolve) => server.once('listening', resolve));
      await room.call('CreateLogGroup', { logGroupName: '/followed' });
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
      const destinationArn = await apiDestination(room, url);
      const filter = { logGroupName: '/followed', filterName: 'all', filterPattern: 'line' };
      await room.call('PutSubscriptionFilter', { ...filter, destinationArn });
      for (const index of [1, 2, 3])
        await write(
          [
            [NOON, `line ${index}`],
            [NOON, 'other'],
          ],
          '/followed',
        );
      await until(() => Promise.resolve(bodies.length === 3));
      const told = bodies.map((body) => {
        const { awslogs } = JSON.parse(body) as { awslogs: { data: string } };
        return JSON.parse(gunzipSync(Buffer.from(awslogs.data, 'base64')).toString()) as Envelope;
      });
      const [first] = told;
      assert.deepEqual(
        { ...first, logEvents: first!.logEvents.map(({ message, timestamp }) => [timestamp, message]) },
        {
          ...{ messageType: 'DATA_MESSAGE', owner: '111122223333', logGroup: '/followed', logStream: 'one' },
          ...{ subscriptionFilters: ['all'], logEvents: [[NOON, 'line 1']] },
        },
      );
      assert.deepEqual(
        told.flatMap(({ logEvents }) => logEvents.map(({ message }) => message)),
        ['line 1', 'line 2', 'line 3'],
      );
      const { subscriptionFilters } = await room.call<DescribeSubscriptionFiltersResponse>(
        'DescribeSubscriptionFilters',
        { logGroupName: '/followed' },
      );
      assert.equal(subscriptionFilters![0]!.destinationArn, destinationArn);
      await room.call('DeleteSubscriptionFilter', { logGroupName: '/followed', filterName: 'all' });
    });

    it('cannot hand lines to a log group, or to what is not there', async () => {
      const filter = { logGroupName: '/lab', filterName: 'all', filterPattern: '' };
      for (const destinationArn of [
        'arn:aws:logs:us-east-1:111122223333:log-group:/lab',
        'arn:aws:events:us-east-1:111122223333:api-destination/gone/11111111-2222-3333-4444-555555555555',
        'arn:aws:kinesis:us-east-1:111122223333:stream/lines',
      ])
        await assert.rejects(room.call('PutSubscriptionFilter', { ...filter, destinationArn }), {
          code: 'InvalidParameterException',
        });
    });
  });
}

interface Envelope {
  readonly logEvents: { readonly id: string; readonly timestamp: number; readonly message: string }[];
}

async function apiDestination(room: TestMonitoring, InvocationEndpoint: string): Promise<string> {
  const { ConnectionArn } = await room.call<{ ConnectionArn: string }>('CreateConnection', {
    ...{ Name: 'key', AuthorizationType: 'API_KEY' },
    AuthParameters: { ApiKeyAuthParameters: { ApiKeyName: 'x-api-key', ApiKeyValue: 'hush' } },
  });
  const given = { Name: 'subscriber', ConnectionArn, InvocationEndpoint, HttpMethod: 'POST' };
  return (await room.call<{ ApiDestinationArn: string }>('CreateApiDestination', given)).ApiDestinationArn;
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await delay(20);
}
