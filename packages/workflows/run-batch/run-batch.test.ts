import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { after, before, describe, test } from 'node:test';
import type {
  GetBatchResponse,
  GetRunResponse,
  ListBatchResponse,
  ListRunsInBatchResponse,
  ListRunsResponse,
  StartRunBatchResponse,
} from '@aws-sdk/client-omics';
import { dialectsUnderTest, openTestRecords, type TestRecords } from '@helicase/records';
import { register, until } from '../testing-runs.ts';
import { owner, ROLE, temporaryFolder } from '../testing.ts';
import { openTestRoom, type TestRoom } from '../testing-room.ts';
import { readSettings } from './settings-file.ts';

const GREET = `version 1.0
workflow Greet { input { String name  String greeting } call say { input: name = name, greeting = greeting } }
task say { input { String name  String greeting } command { echo ~{greeting} ~{name} } }
`;
/** Runs at once, for where it is not about what runs do. */
const EMPTY = 'version 1.0\nworkflow Empty { input { String name  String greeting } }\n';
const SLEEP = `version 1.0
workflow Sleep { call nap }
task nap { command { echo started; sleep 628 } }
`;

for (const { dialect, skip } of dialectsUnderTest())
  describe(`run batches on ${dialect}`, { timeout: 300_000, skip }, () => {
    let folder: string;
    let room: TestRoom;
    let base: TestRecords | undefined;
    before(async () => {
      folder = await temporaryFolder();
      if (dialect === 'postgres') base = await openTestRecords({ dialect });
      const database = base ? { database: base.database } : {};
      room = await openTestRoom({ folder, owner: `batch-test-${process.pid}-${dialect}`, ...database });
      await room.objects.makeBucket('bucket');
    });
    after(async () => {
      await room.close();
      await base?.close();
      await rm(folder, { recursive: true, force: true });
    });

    const getBatch = (batchId: string | undefined) => room.call<GetBatchResponse>('GetBatch', { batchId });
    const batchIs = (batchId: string | undefined, status: string) =>
      until(
        () => getBatch(batchId),
        (batch) => batch.status === status,
      );
    const start = (workflowId: string | undefined, batchRunSettings: object, defaults = {}) =>
      room.call<StartRunBatchResponse>('StartRunBatch', {
        defaultRunSetting: { workflowId, roleArn: ROLE, outputUri: 's3://bucket/out', ...defaults },
        batchRunSettings,
      });
    const runsIn = async (batchId: string | undefined, members = {}) =>
      (await room.call<ListRunsInBatchResponse>('ListRunsInBatch', { batchId, ...members })).runs!;

    test('settings are merged over the defaults, a wrong one fails alone, and the batch ends with its last run', async () => {
      const { id } = await register(room, { 'main.wdl': GREET });
      const batch = await start(
        id,
        {
          inlineSettings: [
            { runSettingId: 'one', parameters: { name: 'Ada' }, runTags: { sample: 'a' }, priority: 7 },
            { runSettingId: 'two', parameters: { name: 'Bob', greeting: 'Hello' }, name: 'second' },
            { runSettingId: 'three', parameters: { nome: 'Eve' } },
          ],
        },
        { parameters: { greeting: 'Hi' }, runTags: { project: 'p', sample: 'none' }, name: 'greet' },
      );
      assert.equal(batch.status, 'CREATING');
      assert.equal(batch.arn, `arn:aws:omics:us-east-1:111122223333:runBatch/${batch.id}`);
      const done = await batchIs(batch.id, 'PROCESSED');
      assert.equal(done.totalRuns, 3);
      assert.equal(done.submissionSummary!.successfulStartSubmissionCount, 2);
      assert.equal(done.submissionSummary!.failedStartSubmissionCount, 1);
      assert.equal(done.runSummary!.completedRunCount, 2);
      assert.ok(done.submittedTime! <= done.processedTime!);
      const [one, two, three] = await runsIn(batch.id);
      assert.deepEqual(
        [one!.submissionStatus, three!.submissionStatus, three!.submissionFailureReason, three!.runId],
        ['SUCCESS', 'FAILED', 'ValidationException', undefined],
      );
      assert.match(
        three!.submissionFailureMessage!,
        /required parameter "name" .* "nome" is not a parameter/,
      );
      const first = await room.call<GetRunResponse>('GetRun', { id: one!.runId });
      assert.deepEqual(first.parameters, { greeting: 'Hi', name: 'Ada' });
      assert.deepEqual(first.tags, { project: 'p', sample: 'a' });
      assert.deepEqual([first.name, first.priority, first.batchId], ['greet', 7, batch.id]);
      assert.equal(first.uuid, one!.runInternalUuid);
      const second = await room.call<GetRunResponse>('GetRun', { id: two!.runId });
      assert.deepEqual([second.name, second.parameters], ['second', { greeting: 'Hello', name: 'Bob' }]);
      const { items } = await room.call<ListRunsResponse>('ListRuns', { batchId: batch.id });
      assert.equal(items!.length, 2);
      assert.equal((await runsIn(batch.id, { submissionStatus: 'FAILED' }))[0]!.runSettingId, 'three');
      assert.equal((await runsIn(batch.id, { runId: two!.runId }))[0]!.runSettingId, 'two');
      await assert.rejects(runsIn(batch.id, { runId: '1', runSettingId: 'a' }), /Only one filter/);
    });

    test('a file of settings is read as it was, paged in its order, and its runs and the batch are deleted', async () => {
      const { id } = await register(room, { 'main.wdl': EMPTY });
      const settings = Array.from({ length: 12 }, (_, index) => ({
        runSettingId: `s${index}`,
        parameters: { name: `n${index}`, greeting: 1 === index ? undefined : 'Hi' },
      }));
      await room.objects.put(owner, 's3://bucket/settings.json', Buffer.from(JSON.stringify(settings)));
      const batch = await start(id, { s3UriSettings: 's3://bucket/settings.json' });
      await assert.rejects(room.call('DeleteRunBatch', { batchId: batch.id }), { code: 'ConflictException' });
      await batchIs(batch.id, 'PROCESSED');
      const page = await room.call<ListRunsInBatchResponse>('ListRunsInBatch', { batchId: batch.id });
      const next = await room.call<ListRunsInBatchResponse>('ListRunsInBatch', {
        ...{ batchId: batch.id, startingToken: page.nextToken, maxItems: 5 },
      });
      const listed = [...page.runs!, ...next.runs!];
      assert.deepEqual(
        listed.map(({ runSettingId }) => runSettingId),
        settings.map(({ runSettingId }) => runSettingId),
      );
      assert.equal(next.nextToken, undefined);
      await room.call('DeleteRun', { id: listed[3]!.runId });
      await room.call('DeleteRunBatch', { batchId: batch.id });
      const deleted = await batchIs(batch.id, 'RUNS_DELETED');
      assert.equal(deleted.submissionSummary!.successfulDeleteSubmissionCount, 11);
      assert.equal(deleted.runSummary!.deletedRunCount, 11);
      await assert.rejects(room.call('GetRun', { id: listed[0]!.runId }), {
        code: 'ResourceNotFoundException',
      });
      await room.call('DeleteBatch', { batchId: batch.id });
      await assert.rejects(getBatch(batch.id), { code: 'ResourceNotFoundException' });
    });

    test('cancelling stops what runs, and what waits never starts', async () => {
      const { id } = await register(room, { 'main.wdl': SLEEP });
      const inlineSettings = Array.from({ length: 12 }, (_, index) => ({ runSettingId: `s${index}` }));
      const batch = await start(id, { inlineSettings }, {});
      await until(
        () => getBatch(batch.id),
        ({ runSummary }) => runSummary!.runningRunCount! > 0,
      );
      await room.call('CancelRunBatch', { batchId: batch.id });
      await assert.rejects(room.call('CancelRunBatch', { batchId: batch.id }), { code: 'ConflictException' });
      const done = await batchIs(batch.id, 'CANCELLED');
      assert.equal(done.runSummary!.cancelledRunCount, 12);
      assert.equal(done.submissionSummary!.successfulCancelSubmissionCount, 12);
      const { items } = await room.call<ListBatchResponse>('ListBatch', { status: 'CANCELLED' });
      assert.ok(items!.some((each) => each.id === batch.id));
    });

    test('what the runs share is checked at once, and a file that cannot be used fails the batch', async () => {
      const { id } = await register(room, { 'main.wdl': GREET });
      const inlineSettings = [{ runSettingId: 'a' }];
      await assert.rejects(start('123', { inlineSettings }), { code: 'ResourceNotFoundException' });
      await assert.rejects(start(id, { inlineSettings }, { outputUri: '/tmp' }), /is not an S3 URI/);
      await assert.rejects(start(id, { inlineSettings }, { runGroupId: '1' }), /Run group 1 does not exist/);
      await assert.rejects(
        start(id, { inlineSettings: [...inlineSettings, ...inlineSettings] }),
        /runSettingId "a" occurs twice/,
      );
      await assert.rejects(
        start(id, { s3UriSettings: 's3://bucket/no.json' }),
        /s3UriSettings s3:\/\/bucket\/no\.json/,
      );
      const twice = JSON.stringify([...inlineSettings, ...inlineSettings]);
      await room.objects.put(owner, 's3://bucket/twice.json', Buffer.from(twice));
      const batch = await start(id, { s3UriSettings: 's3://bucket/twice.json' });
      const failed = await batchIs(batch.id, 'FAILED');
      assert.equal(failed.failureReason, 'runSettingId "a" occurs twice.');
      assert.ok(failed.failedTime);
    });
  });

describe('a file of run settings', () => {
  const read = async (text: string) => {
    const found = [];
    // In small pieces, as a slow network gives it.
    const chunks = text.match(/.{1,7}/gs)!.map((chunk) => Buffer.from(chunk));
    for await (const setting of readSettings(Readable.from(chunks))) found.push(setting);
    return found;
  };

  test('is read one by one', async () => {
    const settings = [{ runSettingId: 'a', parameters: { list: [1, { deep: [] }] } }, { runSettingId: 'ö' }];
    assert.deepEqual(await read(JSON.stringify(settings, undefined, 2)), settings);
  });

  test('that is cut off, no array, or has a wrong member is refused with the place', async () => {
    await assert.rejects(read('[{"runSettingId": "a"}'), /it ends too early/);
    await assert.rejects(read('{"runSettingId": "a"}'), /it is no JSON array/);
    await assert.rejects(read('[]'), /There are no run settings/);
    await assert.rejects(
      read('[{"runSettingId": "a"}, {"name": "x"}]'),
      /Run setting 2 of the file: runSettingId/,
    );
    await assert.rejects(read('[{"runSettingId": "a", "priority": -1}]'), /priority must be a whole number/);
    await assert.rejects(read('[{"runSettingId": "a", x}]'), /cannot be read/);
  });
});
