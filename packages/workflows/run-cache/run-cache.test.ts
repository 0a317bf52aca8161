import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import type {
  CreateRunCacheResponse,
  GetConfigurationResponse,
  GetRunCacheResponse,
  GetRunResponse,
  ListConfigurationsResponse,
  ListRunCachesResponse,
  StartRunResponse,
} from '@aws-sdk/client-omics';
import { ended, register } from '../testing-runs.ts';
import { ROLE, temporaryFolder } from '../testing.ts';
import { openTestRoom, type TestRoom } from '../testing-room.ts';

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
      /there is no VPC here/,
    );
    await room.call('DeleteConfiguration', { name: 'lab' });
    await assert.rejects(startEmpty({ configurationName: 'lab' }), { code: 'ResourceNotFoundException' });
  });
});
