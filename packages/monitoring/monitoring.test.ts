import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type {
  DescribeLogGroupsResponse,
  DescribeLogStreamsResponse,
  FilterLogEventsResponse,
  GetLogEventsResponse,
} from '@aws-sdk/client-cloudwatch-logs';
import { dialectsUnderTest } from '@helicase/records';
import { contextOf, openTestMonitoring, type TestMonitoring } from './testing.ts';

const GROUP = '/aws/omics/WorkflowLog';

for (const { dialect, skip } of dialectsUnderTest()) {
  describe(`CloudWatch Logs on ${dialect}`, { skip }, () => {
    let room: TestMonitoring;
    before(async () => {
      room = await openTestMonitoring(dialect);
    });
    after(() => room.close());

    const write = async (stream: string, messages: readonly string[], at = 1_000) => {
      const events = messages.map((message, index) => ({ timestamp: at + index, message }));
      await room.writer.append(room.context, GROUP, stream, events);
      await room.writer.flush();
    };
    const get = (input: object) =>
      room.call<GetLogEventsResponse>('GetLogEvents', { logGroupName: GROUP, ...input });
    const messages = (answer: GetLogEventsResponse | FilterLogEventsResponse) =>
      answer.events!.map(({ message }) => message);

    test('a line can be read soon after its writing, without a flush', { timeout: 30_000 }, async () => {
      const line = { timestamp: 1, message: 'live' };
      await room.writer.append(room.context, GROUP, 'run/0/live', [line]);
      for (;;) {
        const answer = await get({ logStreamName: 'run/0/live', startFromHead: true }).catch(() => undefined);
        if (answer?.events?.length === 1) break;
        await delay(10);
      }
    });

    test('from the head the pages follow each other, and at the end the caller’s token comes back', async () => {
      await write('run/1', ['a', 'b', 'c']);
      const first = await get({ logStreamName: 'run/1', startFromHead: true, limit: 2 });
      assert.deepEqual(messages(first), ['a', 'b']);
      assert.ok(first.events![0]!.ingestionTime! > 1_000_000_000_000);
      const second = await get({
        logStreamName: 'run/1',
        startFromHead: true,
        nextToken: first.nextForwardToken,
      });
      assert.deepEqual(messages(second), ['c']);
      const end = await get({
        logStreamName: 'run/1',
        startFromHead: true,
        nextToken: second.nextForwardToken,
      });
      assert.deepEqual(messages(end), []);
      assert.equal(end.nextForwardToken, second.nextForwardToken);
      await write('run/1', ['d'], 2_000);
      const later = await get({
        logStreamName: 'run/1',
        startFromHead: true,
        nextToken: end.nextForwardToken,
      });
      assert.deepEqual(messages(later), ['d']);
      const back = await get({ logStreamName: 'run/1', nextToken: later.nextBackwardToken });
      assert.deepEqual(messages(back), ['a', 'b', 'c']);
    });

    test('without startFromHead the newest come first, page by page, each page in order', async () => {
      await write('run/2', ['a', 'b', 'c', 'd', 'e']);
      const newest = await get({ logStreamName: 'run/2', limit: 2 });
      assert.deepEqual(messages(newest), ['d', 'e']);
      const older = await get({ logStreamName: 'run/2', limit: 2, nextToken: newest.nextBackwardToken });
      assert.deepEqual(messages(older), ['b', 'c']);
      const oldest = await get({ logStreamName: 'run/2', limit: 2, nextToken: older.nextBackwardToken });
      assert.deepEqual(messages(oldest), ['a']);
      const beyond = await get({ logStreamName: 'run/2', limit: 2, nextToken: oldest.nextBackwardToken });
      assert.deepEqual(messages(beyond), []);
      assert.equal(beyond.nextBackwardToken, oldest.nextBackwardToken);
    });

    test('startTime is inclusive and endTime exclusive', async () => {
      await write('run/3', ['a', 'b', 'c'], 5_000);
      const window = { startTime: 5_001, endTime: 5_002, startFromHead: true };
      assert.deepEqual(messages(await get({ logStreamName: 'run/3', ...window })), ['b']);
    });

    test('what is not there is told in AWS’s words', async () => {
      await assert.rejects(get({ logStreamName: 'run/none' }), {
        code: 'ResourceNotFoundException',
        message: 'The specified log stream does not exist.',
      });
      const elsewhere = room.call('GetLogEvents', { logGroupName: '/none', logStreamName: 'x' });
      await assert.rejects(elsewhere, { message: 'The specified log group does not exist.' });
      await write('run/4', ['a']);
      const { nextForwardToken } = await get({ logStreamName: 'run/4' });
      await assert.rejects(get({ logStreamName: 'run/1', nextToken: nextForwardToken }), {
        code: 'InvalidParameterException',
      });
    });

    test('another account and another region see none of it', async () => {
      for (const stranger of [
        contextOf('444455556666', 'us-east-1'),
        contextOf('111122223333', 'eu-west-1'),
      ]) {
        const { logGroups } = await room.call<DescribeLogGroupsResponse>('DescribeLogGroups', {}, stranger);
        assert.deepEqual(logGroups, []);
      }
      const { logGroups } = await room.call<DescribeLogGroupsResponse>('DescribeLogGroups', {
        logGroupNamePrefix: '/aws/',
      });
      assert.deepEqual(
        logGroups!.map(({ arn, logGroupName }) => [logGroupName, arn]),
        [[GROUP, `arn:aws:logs:us-east-1:111122223333:log-group:${GROUP}:*`]],
      );
    });

    test('streams are listed by prefix and by their last event', async () => {
      await write('manifest/run/7/uuid-a', ['{}'], 9_000);
      await write('manifest/run/7/uuid-b', ['{}'], 10_000);
      await write('manifest/run/70/uuid-c', ['{}'], 11_000);
      const describe = (input: object) =>
        room.call<DescribeLogStreamsResponse>('DescribeLogStreams', { logGroupName: GROUP, ...input });
      const prefixed = await describe({ logStreamNamePrefix: 'manifest/run/7/' });
      assert.deepEqual(
        prefixed.logStreams!.map(({ lastEventTimestamp, logStreamName }) => [
          logStreamName,
          lastEventTimestamp,
        ]),
        [
          ['manifest/run/7/uuid-a', 9_000],
          ['manifest/run/7/uuid-b', 10_000],
        ],
      );
      const recent = { orderBy: 'LastEventTime', descending: true, limit: 2 };
      const first = await describe(recent);
      assert.equal(first.logStreams![0]!.logStreamName, 'manifest/run/70/uuid-c');
      const second = await describe({ ...recent, nextToken: first.nextToken });
      assert.equal(second.logStreams![0]!.logStreamName, 'manifest/run/7/uuid-a');
      await assert.rejects(describe({ orderBy: 'LastEventTime', logStreamNamePrefix: 'm' }), {
        code: 'InvalidParameterException',
      });
    });

    test('FilterLogEvents interleaves streams by time and matches terms', async () => {
      await write('run/9/task/1', ['start', 'an ERROR in one', 'done'], 20_000);
      await write('run/9/task/2', ['start', 'another ERROR, exit code 1'], 20_000);
      const filter = (input: object) =>
        room.call<FilterLogEventsResponse>('FilterLogEvents', {
          logGroupName: GROUP,
          logStreamNamePrefix: 'run/9/',
          ...input,
        });
      assert.deepEqual(messages(await filter({ interleaved: true })), [
        'start',
        'start',
        'an ERROR in one',
        'another ERROR, exit code 1',
        'done',
      ]);
      assert.deepEqual(messages(await filter({ filterPattern: 'ERROR -another' })), ['an ERROR in one']);
      assert.deepEqual(messages(await filter({ filterPattern: '"exit code"' })), [
        'another ERROR, exit code 1',
      ]);
      assert.equal(messages(await filter({ filterPattern: '?done ?one' })).length, 2);
      await assert.rejects(filter({ filterPattern: '%[a%' }), { code: 'InvalidParameterException' });
      const page = await filter({ limit: 3 });
      const rest = await filter({ limit: 3, nextToken: page.nextToken });
      assert.equal(page.events!.length + rest.events!.length, 5);
      const ids = [...page.events!, ...rest.events!].map(({ eventId }) => eventId);
      assert.equal(new Set(ids).size, 5);
    });
  });
}
