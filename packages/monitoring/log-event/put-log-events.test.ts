import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { FilterLogEventsResponse, PutLogEventsResponse } from '@aws-sdk/client-cloudwatch-logs';
import { systemClock } from '@helicase/kernel';
import { dialectsUnderTest } from '@helicase/records';
import { openTestMonitoring, type TestMonitoring } from '../testing.ts';

// The API reference of PutLogEvents: "The batch of events must satisfy the following constraints".

const HOUR = 60 * 60 * 1000;
const DAY = 24 * HOUR;
const NOW = Date.UTC(2026, 0, 31, 12);

for (const { dialect, skip } of dialectsUnderTest()) {
  describe(`PutLogEvents on ${dialect}`, { skip }, () => {
    let room: TestMonitoring;
    before(async () => {
      room = await openTestMonitoring(dialect, { clock: { ...systemClock, now: () => NOW } });
      await room.call('CreateLogGroup', { logGroupName: '/lab' });
      await room.call('CreateLogStream', { logGroupName: '/lab', logStreamName: 'lane/1' });
    });
    after(() => room.close());

    const put = (times: readonly number[], where: object = {}, message = (at: number) => `at ${at - NOW}`) =>
      room.call<PutLogEventsResponse>('PutLogEvents', {
        ...{ logGroupName: '/lab', logStreamName: 'lane/1', ...where },
        logEvents: times.map((timestamp) => ({ timestamp, message: message(timestamp) })),
      });
    const messages = async (logGroupName = '/lab') => {
      const { events } = await room.call<FilterLogEventsResponse>('FilterLogEvents', { logGroupName });
      return events!.map(({ message }) => message);
    };
    const refused = (message: RegExp) => ({ code: 'InvalidParameterException', message });

    it('keeps a batch that is read back at once, and tells no rejected events', async () => {
      const answer = await put([NOW - 2, NOW - 1]);
      assert.deepEqual(await messages(), ['at -2', 'at -1']);
      assert.equal(answer.rejectedLogEventsInfo, undefined);
      assert.ok(answer.nextSequenceToken);
    });

    it('keeps what lies between 14 days ago and two hours ahead, and tells the places of the rest', async () => {
      await room.call('CreateLogStream', { logGroupName: '/lab', logStreamName: 'old' });
      const old = await put([NOW - 14 * DAY - 1, NOW - 14 * DAY], { logStreamName: 'old' });
      assert.deepEqual(old.rejectedLogEventsInfo, { tooOldLogEventEndIndex: 1 });
      const ahead = await put([NOW, NOW + 2 * HOUR, NOW + 2 * HOUR + 1], { logStreamName: 'old' });
      assert.deepEqual(ahead.rejectedLogEventsInfo, { tooNewLogEventStartIndex: 2 });
      const { events } = await room.call<FilterLogEventsResponse>('FilterLogEvents', {
        ...{ logGroupName: '/lab', logStreamNames: ['old'] },
      });
      assert.deepEqual(
        events!.map(({ timestamp }) => timestamp! - NOW),
        [-14 * DAY, 0, 2 * HOUR],
      );
    });

    it('rejects as expired what its group would not keep', async () => {
      await room.call('CreateLogGroup', { logGroupName: '/short' });
      await room.call('CreateLogStream', { logGroupName: '/short', logStreamName: 'a' });
      await room.call('PutRetentionPolicy', { logGroupName: '/short', retentionInDays: 1 });
      const where = { logGroupName: '/short', logStreamName: 'a' };
      const { rejectedLogEventsInfo } = await put([NOW - DAY - 1, NOW - DAY], where);
      assert.deepEqual(rejectedLogEventsInfo, { expiredLogEventEndIndex: 1 });
      assert.deepEqual(await messages('/short'), [`at ${-DAY}`]);
    });

    it('refuses a batch whole that is out of order, spans more than a day or is larger than 1 MiB', async () => {
      const before = await messages();
      await assert.rejects(put([NOW, NOW - 1]), refused(/chronological order.*logEvents\[1\]/));
      await assert.rejects(put([NOW - DAY - 1, NOW]), refused(/cannot span more than 24 hours/));
      const half = (1_048_576 - 2 * 26) / 2;
      const large = (size: number) => () => 'x'.repeat(size);
      await assert.rejects(put([NOW, NOW], {}, large(half + 1)), refused(/Upload too large: 1048578 bytes/));
      await assert.rejects(put([NOW], {}, large(1_048_576)), refused(/Log event too large/));
      assert.deepEqual(await messages(), before);
      await room.call('CreateLogStream', { logGroupName: '/lab', logStreamName: 'large' });
      await put([NOW, NOW], { logStreamName: 'large' }, large(half));
    });

    it('wants its group and stream made before', async () => {
      const noGroup = { code: 'ResourceNotFoundException', message: /log group does not exist/ };
      await assert.rejects(put([NOW], { logGroupName: '/none' }), noGroup);
      const noStream = { code: 'ResourceNotFoundException', message: /log stream does not exist/ };
      await assert.rejects(put([NOW], { logStreamName: 'none' }), noStream);
    });
  });

  describe(`tags of log groups on ${dialect}`, { skip }, () => {
    let room: TestMonitoring;
    before(async () => {
      room = await openTestMonitoring(dialect);
    });
    after(() => room.close());
    const arn = 'arn:aws:logs:us-east-1:111122223333:log-group:/tagged';

    it('are given when it is made, added, replaced and removed, and found by the Tagging API', async () => {
      const tags = { team: 'lab', stage: 'test' };
      await room.call('CreateLogGroup', { logGroupName: '/tagged', tags });
      await room.call('logs:TagResource', { resourceArn: arn, tags: { stage: 'live', cost: '7' } });
      await room.call('logs:UntagResource', { resourceArn: arn, tagKeys: ['cost', 'missing'] });
      assert.deepEqual(await room.call('logs:ListTagsForResource', { resourceArn: arn }), {
        tags: { team: 'lab', stage: 'live' },
      });
      const found = await room.call('GetResources', { ResourceTypeFilters: ['logs'] });
      assert.deepEqual(found, {
        ResourceTagMappingList: [
          {
            ResourceARN: arn,
            Tags: [
              { Key: 'team', Value: 'lab' },
              { Key: 'stage', Value: 'live' },
            ],
          },
        ],
        PaginationToken: '',
      });
    });

    it('are refused in CloudWatch Logs’ words where they are too many, reserved, or the group is not there', async () => {
      const many = Object.fromEntries(Array.from({ length: 51 }, (_, index) => [`k${index}`, 'v']));
      await assert.rejects(room.call('logs:TagResource', { resourceArn: arn, tags: many }), {
        code: 'TooManyTagsException',
      });
      await assert.rejects(room.call('CreateLogGroup', { logGroupName: '/x', tags: { 'aws:a': 'b' } }), {
        code: 'InvalidParameterException',
      });
      const gone = { code: 'ResourceNotFoundException' };
      await assert.rejects(room.call('logs:ListTagsForResource', { resourceArn: `${arn}2` }), gone);
      const other = arn.replace('111122223333', '444455556666');
      await assert.rejects(room.call('logs:TagResource', { resourceArn: other, tags: { a: 'b' } }), gone);
    });
  });
}
