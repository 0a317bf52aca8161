import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type {
  DescribeLogGroupsResponse,
  DescribeLogStreamsResponse,
  FilterLogEventsResponse,
} from '@aws-sdk/client-cloudwatch-logs';
import { dialectsUnderTest } from '@helicase/records';
import { LogKeeper } from '../log-store/log-keeper.ts';
import { openTestMonitoring, type TestMonitoring } from '../testing.ts';

const DAY = 24 * 60 * 60 * 1000;

for (const { dialect, skip } of dialectsUnderTest()) {
  describe(`log groups on ${dialect}`, { skip }, () => {
    let room: TestMonitoring;
    before(async () => {
      room = await openTestMonitoring(dialect);
    });
    after(() => room.close());

    const write = async (group: string, stream: string, at: number, message: string) => {
      await room.writer.append(room.context, group, stream, [{ timestamp: at, message }]);
      await room.writer.flush();
    };
    const messages = async (logGroupName: string) => {
      const { events } = await room.call<FilterLogEventsResponse>('FilterLogEvents', { logGroupName });
      return events!.map(({ message }) => message);
    };
    const streams = async (logGroupName: string) => {
      const answer = await room.call<DescribeLogStreamsResponse>('DescribeLogStreams', { logGroupName });
      return answer.logStreams!.map(({ logStreamName }) => logStreamName);
    };

    it('lose what is older than they keep, and nothing else', async () => {
      const now = Date.UTC(2026, 0, 31);
      await write('/kept', 'a', now - 4 * DAY, 'old');
      await write('/kept', 'a', now - 2 * DAY, 'young');
      await write('/for-ever', 'a', now - 4000 * DAY, 'ancient');
      await room.call('PutRetentionPolicy', { logGroupName: '/kept', retentionInDays: 3 });
      const { logGroups } = await room.call<DescribeLogGroupsResponse>('DescribeLogGroups', {});
      assert.deepEqual(
        logGroups!.map(({ logGroupName, retentionInDays }) => [logGroupName, retentionInDays]),
        [
          ['/for-ever', undefined],
          ['/kept', 3],
        ],
      );
      await new LogKeeper(room.records).sweep(now);
      assert.deepEqual(await messages('/kept'), ['young']);
      assert.deepEqual(await messages('/for-ever'), ['ancient']);
      await room.call('DeleteRetentionPolicy', { logGroupName: '/kept' });
      await new LogKeeper(room.records).sweep(now + 100 * DAY);
      assert.deepEqual(await messages('/kept'), ['young']);
      const odd = { logGroupName: '/kept', retentionInDays: 4 };
      await assert.rejects(room.call('PutRetentionPolicy', odd), { code: 'InvalidParameterException' });
    });

    it('go with their streams and lines, and come back empty', async () => {
      await room.call('CreateLogGroup', { logGroupName: '/gone' });
      await assert.rejects(room.call('CreateLogGroup', { logGroupName: '/gone' }), {
        code: 'ResourceAlreadyExistsException',
      });
      await room.call('CreateLogStream', { logGroupName: '/gone', logStreamName: 'empty' });
      await write('/gone', 'one', 1, 'x');
      await write('/gone', 'two', 1, 'y');
      assert.deepEqual(await streams('/gone'), ['empty', 'one', 'two']);
      await room.call('DeleteLogStream', { logGroupName: '/gone', logStreamName: 'one' });
      assert.deepEqual(await messages('/gone'), ['y']);
      await room.call('DeleteLogGroup', { logGroupName: '/gone' });
      await assert.rejects(messages('/gone'), { code: 'ResourceNotFoundException' });
      await assert.rejects(room.call('DeleteLogGroup', { logGroupName: '/gone' }), {
        code: 'ResourceNotFoundException',
      });
      await room.call('CreateLogGroup', { logGroupName: '/gone' });
      assert.deepEqual(await messages('/gone'), []);
      assert.deepEqual(await streams('/gone'), []);
    });
  });
}
