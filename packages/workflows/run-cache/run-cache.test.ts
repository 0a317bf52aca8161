import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { after, before, describe, test } from 'node:test';
import type {
  CreateRunCacheResponse,
  GetConfigurationResponse,
  GetRunCacheResponse,
  GetRunResponse,
  GetRunTaskResponse,
  ListConfigurationsResponse,
  ListRunCachesResponse,
  ListRunTasksResponse,
  StartRunResponse,
} from '@aws-sdk/client-omics';
import { ended, register } from '../testing-runs.ts';
import { owner, ROLE, temporaryFolder } from '../testing.ts';
import { openTestRoom, type TestRoom } from '../testing-room.ts';

/** The second task reads what the first wrote. */
const CHAIN = (second: string) => `version 1.0
workflow Chain {
  input { File input_file }
  call first { input: text = input_file }
  call second { input: text = first.upper }
  output { File both = second.both }
}
task first {
  input { File text }
  command { tr a-z A-Z < ~{text} > upper.txt; ln -s upper.txt link.txt; ln -s ~{text} input.txt; mkdir empty; : > nothing }
  output { File upper = "upper.txt" }
}
task second {
  input { File text }
  command { ( ${second} ) > both.txt }
  output { File both = "both.txt" }
}
`;

describe('run caches and configurations', { timeout: 60_000 }, () => {
  let folder: string;
  let room: TestRoom;
  before(async () => {
    folder = await temporaryFolder();
    room = await openTestRoom({ folder, owner: `run-cache-test-${process.pid}` });
    await room.objects.makeBucket('bucket');
  });
  after(async () => {
    await room.close();
    await rm(folder, { recursive: true, force: true });
  });

  const createCache = (members = {}) =>
    room.call<CreateRunCacheResponse>('CreateRunCache', {
      cacheS3Location: 's3://bucket/cache/',
      ...members,
    });
  const getCache = (id: string | undefined) => room.call<GetRunCacheResponse>('GetRunCache', { id });
  const startEmpty = async (members: object) => {
    const { id: workflowId } = await register(room, { 'main.wdl': 'version 1.0\nworkflow Empty {}\n' });
    const request = { workflowId, roleArn: ROLE, outputUri: 's3://bucket/out', ...members };
    return room.call<StartRunResponse>('StartRun', request);
  };

  test('a cache is made, changed, listed and deleted', async () => {
    const { arn, id, status } = await createCache({ name: 'c', tags: { team: 'a' } });
    assert.equal(arn, `arn:aws:omics:us-east-1:111122223333:runCache/${id}`);
    assert.equal(status, 'ACTIVE');
    const made = await getCache(id);
    // "If you don't specify a value, the default behavior is CACHE_ON_FAILURE."
    assert.equal(made.cacheBehavior, 'CACHE_ON_FAILURE');
    assert.equal(made.cacheS3Uri, 's3://bucket/cache');
    // "If not provided, your account ID is set as the owner of the bucket."
    assert.equal(made.cacheBucketOwnerId, '111122223333');
    await room.call('UpdateRunCache', { id, cacheBehavior: 'CACHE_ALWAYS', description: 'all' });
    const { cacheBehavior, description, name } = await getCache(id);
    assert.deepEqual([name, description, cacheBehavior], ['c', 'all', 'CACHE_ALWAYS']);
    const { items } = await room.call<ListRunCachesResponse>('ListRunCaches', {});
    assert.deepEqual(
      items!.map((item) => item.id),
      [id],
    );
    await room.call('DeleteRunCache', { id });
    await assert.rejects(getCache(id), { code: 'ResourceNotFoundException' });
  });

  test('its bucket must be there', async () => {
    const none = createCache({ cacheS3Location: 's3://no-such-bucket/cache' });
    await assert.rejects(none, { code: 'ValidationException', message: /no-such-bucket/ });
    await assert.rejects(createCache({ cacheBucketOwnerId: '444455556666' }), /account 444455556666/);
  });

  test('a run has the cache’s behavior unless it names another, and a repeated run has both', async () => {
    const { id: cacheId } = await createCache({ cacheBehavior: 'CACHE_ALWAYS' });
    await assert.rejects(
      startEmpty({ cacheBehavior: 'CACHE_ALWAYS' }),
      /cacheBehavior is given, but no cacheId/,
    );
    await assert.rejects(startEmpty({ cacheId: '1' }), { code: 'ResourceNotFoundException' });
    const behaviorOf = async (members: object) => {
      const { id } = await startEmpty(members);
      const run = await ended(room, id);
      return [run.cacheId, run.cacheBehavior];
    };
    assert.deepEqual(await behaviorOf({ cacheId }), [cacheId, 'CACHE_ALWAYS']);
    const { id: runId } = await startEmpty({ cacheId, cacheBehavior: 'CACHE_ON_FAILURE' });
    await ended(room, runId);
    const again = await behaviorOf({ workflowId: undefined, runId });
    assert.deepEqual(again, [cacheId, 'CACHE_ON_FAILURE']);
  });

  const startWorkflow = async (source: string, members: object) => {
    const { id: workflowId } = await register(room, { 'main.wdl': source });
    const request = { workflowId, roleArn: ROLE, outputUri: 's3://bucket/out', ...members };
    const { id } = await room.call<StartRunResponse>('StartRun', request);
    const run = await ended(room, id);
    const { items } = await room.call<ListRunTasksResponse>('ListRunTasks', { id });
    const hits = Object.fromEntries(items!.map(({ cacheHit, name }) => [name, cacheHit]));
    return { run, items: items!, hits };
  };

  test('CACHE_ON_FAILURE keeps what finished in a run that fails, and a change is told by what differs', async () => {
    const { id: cacheId } = await createCache();
    await room.objects.put(owner, 's3://bucket/in.txt', Buffer.from('one\n'));
    const parameters = { input_file: 's3://bucket/in.txt' };
    const broken = await startWorkflow(CHAIN('exit 7'), { cacheId, parameters });
    assert.equal(broken.run.status, 'FAILED');
    const mended = await startWorkflow(CHAIN('cat ~{text}'), { cacheId, parameters });
    assert.equal(mended.run.status, 'COMPLETED', mended.run.statusMessage);
    assert.deepEqual(mended.hits, { first: true, second: false });
    const [first, second] = mended.items.toSorted((a, b) => (a.name! < b.name! ? -1 : 1));
    const [kept] = broken.items.filter(({ name }) => name === 'first');
    assert.equal(first!.cacheS3Uri, `s3://bucket/cache/${broken.run.id}/${kept!.taskId}`);
    assert.equal(first!.startTime, undefined, 'nothing ran');
    const { body } = await room.objects.open(owner, `${first!.cacheS3Uri}/files/upper.txt`);
    assert.equal((await buffer(body)).toString(), 'ONE\n');
    const output = await room.objects.open(owner, `${mended.run.runOutputUri}/out/both/both.txt`);
    assert.equal((await buffer(output.body)).toString(), 'ONE\n', 'the kept file was read by the next task');
    const why = (taskId: string | undefined, id: string | undefined) =>
      room.call<GetRunTaskResponse>('GetRunTask', { id, taskId });
    const ran = await why(second!.taskId, mended.run.id);
    assert.match(ran.statusMessage!, /^Not cached: run cache \d+ had nothing of .*second/);

    // A run that completes adds nothing, and the input's bytes count, not its name.
    await room.objects.put(owner, 's3://bucket/in.txt', Buffer.from('two\n'));
    const changed = await startWorkflow(CHAIN('cat ~{text}'), { cacheId, parameters });
    assert.deepEqual(changed.hits, { first: false, second: false });
    const again = changed.items.find(({ name }) => name === 'first');
    const { statusMessage } = await why(again!.taskId, changed.run.id);
    assert.match(
      statusMessage!,
      /these differ from what run cache \d+ had: input \S*in\.txt: before etag \w+, now etag \w+\.$/,
    );
  });

  test('CACHE_ALWAYS keeps every finished task; what was removed from the bucket runs again', async () => {
    const { id: cacheId } = await createCache({ cacheBehavior: 'CACHE_ALWAYS' });
    await room.objects.put(owner, 's3://bucket/in.txt', Buffer.from('three\n'));
    const members = { cacheId, parameters: { input_file: 's3://bucket/in.txt' } };
    const source = CHAIN('cat ~{text}');
    assert.deepEqual((await startWorkflow(source, members)).hits, { first: false, second: false });
    const rerun = await startWorkflow(source, members);
    assert.deepEqual(rerun.hits, { first: true, second: true });
    assert.equal(rerun.run.status, 'COMPLETED');
    const ids = rerun.items.map(({ taskId }) => taskId);
    const events = (await room.records.events(0, 10_000)).filter(({ id }) => ids.includes(id));
    const writes = events.map(({ to, type }) => `${type} ${to}`);
    assert.deepEqual(writes, ['created COMPLETED', 'created COMPLETED'], 'a row begins with its end');
    const { cacheS3Uri } = rerun.items.find(({ name }) => name === 'first')!;
    await room.objects.remove(owner, `${cacheS3Uri}/files/upper.txt`);
    const after = await startWorkflow(source, members);
    assert.equal(after.run.status, 'COMPLETED', after.run.statusMessage);
    assert.deepEqual(after.hits, { first: false, second: true });
    const engine = room.logs.streams.get(`run/${after.run.id}/engine`)!.join('\n');
    assert.match(engine, /what the run cache has at s3:\S+ cannot be read/);
  });

  test('a configuration is named by runs, and stays while one needs it', async () => {
    const vpcConfig = { securityGroupIds: ['sg-0a'], subnetIds: ['subnet-00000001'] };
    const create = () => room.call('CreateConfiguration', { name: 'lab', runConfigurations: { vpcConfig } });
    await create();
    await assert.rejects(create(), { code: 'ConflictException' });
    const made = await room.call<GetConfigurationResponse>('GetConfiguration', { name: 'lab' });
    assert.deepEqual(made.runConfigurations, { vpcConfig });
    assert.equal(made.arn, 'arn:aws:omics:us-east-1:111122223333:configuration/lab');
    const { items } = await room.call<ListConfigurationsResponse>('ListConfigurations', {});
    assert.equal(items![0]!.name, 'lab');
    const { configuration, id } = await startEmpty({ configurationName: 'lab' });
    assert.deepEqual(configuration, { name: 'lab', arn: made.arn, uuid: made.uuid });
    await ended(room, id);
    const run = await room.call<GetRunResponse>('GetRun', { id });
    assert.deepEqual(run.configuration, configuration);
    await assert.rejects(
      startEmpty({ configurationName: 'lab', networkingMode: 'VPC' }),
      /names a subnet that this server offers the account/,
    );
    await room.call('DeleteConfiguration', { name: 'lab' });
    await assert.rejects(startEmpty({ configurationName: 'lab' }), { code: 'ResourceNotFoundException' });
  });
});
