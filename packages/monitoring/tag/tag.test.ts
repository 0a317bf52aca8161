import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { ListTagsForResourceResponse } from '@aws-sdk/client-omics';
import type { GetResourcesOutput, TagResourcesOutput } from '@aws-sdk/client-resource-groups-tagging-api';
import { omicsArn, type Scope } from '@helicase/kernel';
import {
  amongIds,
  dialectsUnderTest,
  type Records,
  type ResourceTable,
  type Transaction,
} from '@helicase/records';
import { contextOf, observedCall, openTestMonitoring, type TestMonitoring } from '../testing.ts';
import { creationTags } from './tag-rules.ts';

interface StoreDoc {
  readonly tags: Readonly<Record<string, string>>;
}
type Stores = ResourceTable<StoreDoc, 'ACTIVE', never, Transaction>;

const SCOPE: Scope = { account: '111122223333', region: 'us-east-1' };
const arnOf = (id: string) => omicsArn(SCOPE, `sequenceStore/${id}`);

for (const { dialect, skip } of dialectsUnderTest()) {
  describe(`tags on ${dialect}`, { skip }, () => {
    let room: TestMonitoring;
    let stores: Stores;

    beforeEach(async () => {
      const authorizer: Parameters<typeof openTestMonitoring>[1] = {
        declare: (records) => (stores = declareStores(records)),
        authorizer: {
          authorize: async ({ resources }) =>
            resources[0]!.endsWith('/999') ? { allowed: false, message: 'not yours' } : { allowed: true },
        },
      };
      room = await openTestMonitoring(dialect, authorizer);
      for (const id of ['1', '2', '3']) await addStore(id, {});
    });
    afterEach(() => room.close());

    const addStore = (id: string, tags: StoreDoc['tags']) =>
      stores.insert(room.records.direct, { scope: SCOPE, id, status: 'ACTIVE', doc: { tags } });

    it('are added, listed and removed as the guide shows', async () => {
      const resourceArn = arnOf('1');
      const list = () => room.call<ListTagsForResourceResponse>('ListTagsForResource', { resourceArn });
      assert.deepEqual(await list(), { tags: {} });
      await room.call('TagResource', { resourceArn, tags: { key1: 'value1', key2: 'value2' } });
      assert.deepEqual(await list(), { tags: { key1: 'value1', key2: 'value2' } });
      await room.call('UntagResource', { resourceArn, tagKeys: ['key1', 'key9'] });
      assert.deepEqual(await list(), { tags: { key2: 'value2' } });
    });

    it('of a resource that is not there, or of another account, are not found', async () => {
      const ask = (account: string, id: string) =>
        room.call('ListTagsForResource', { resourceArn: arnOf(id) }, contextOf(account, 'us-east-1'));
      await assert.rejects(ask('111122223333', '7'), { name: 'ResourceNotFoundException', status: 404 });
      await assert.rejects(ask('444455556666', '1'), { name: 'ResourceNotFoundException' });
    });

    it('obey the requirements of the guide, and a refused change changes nothing', async () => {
      const resourceArn = arnOf('1');
      const tag = (tags: Record<string, string>) => room.call('TagResource', { resourceArn, tags });
      const many = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`k${index}`, '']));
      await tag(many);
      await assert.rejects(tag({ another: 'x' }), /51 tags; at most 50/);
      await assert.rejects(tag({ 'aws:x': '1' }), /aws:x begins with aws:/);
      await assert.rejects(tag({ k1: 'semi;colon' }), /value of tag k1 has a character that is not allowed/);
      await assert.rejects(tag({ k1: 'x'.repeat(257) }), /257 characters; at most 256/);
      await assert.rejects(tag({ ['k'.repeat(129)]: '' }), /129 characters; it must have between 1 and 128/);
      await tag({ k1: 'Grüße: a+b=c @ /x-y_z.' });
      const { tags } = await room.call<ListTagsForResourceResponse>('ListTagsForResource', { resourceArn });
      assert.deepEqual(tags, { ...many, k1: 'Grüße: a+b=c @ /x-y_z.' });
    });

    it('given at creation obey them too, those of each source of an import as well', async () => {
      const admit = (input: object) =>
        creationTags.admit!(observedCall('CreateSequenceStore', input, room.context));
      await admit({ tags: { fine: 'x' }, sources: [{ tags: { fine: 'y' } }, {}] });
      await assert.rejects(admit({ tags: { 'AWS:x': 'y' } }), { name: 'ValidationException' });
      await assert.rejects(admit({ sources: [{}, { tags: { a: '*' } }] }), { name: 'ValidationException' });
    });

    describe('by the Resource Groups Tagging API', () => {
      const get = async (input: object) => {
        const answer = await room.call<GetResourcesOutput>('GetResources', input);
        return answer.ResourceTagMappingList!.map(({ ResourceARN }) => ResourceARN);
      };

      beforeEach(async () => {
        await room.call('TagResource', { resourceArn: arnOf('1'), tags: { team: 'a', stage: 'test' } });
        await room.call('TagResource', { resourceArn: arnOf('2'), tags: { team: 'b', stage: 'test' } });
      });

      it('are found by key, by any of several values, and by all of several keys', async () => {
        assert.deepEqual(await get({}), [arnOf('1'), arnOf('2')], 'store 3 has none');
        assert.deepEqual(await get({ TagFilters: [{ Key: 'team' }] }), [arnOf('1'), arnOf('2')]);
        const either = [{ Key: 'team', Values: ['b', 'c'] }];
        assert.deepEqual(await get({ TagFilters: either }), [arnOf('2')]);
        const both = [...either, { Key: 'stage', Values: ['live'] }];
        assert.deepEqual(await get({ TagFilters: both }), []);
        assert.deepEqual(await get({ ResourceTypeFilters: ['omics'] }), [arnOf('1'), arnOf('2')]);
        assert.deepEqual(await get({ ResourceTypeFilters: ['omics:run'] }), []);
        assert.deepEqual(await get({ ResourceARNList: [arnOf('2'), arnOf('8')] }), [arnOf('2')]);
        await assert.rejects(get({ ResourceARNList: [arnOf('2')], TagFilters: [] }), {
          name: 'InvalidParameterException',
        });
      });

      it('are listed page by page', async () => {
        const first = await room.call<GetResourcesOutput>('GetResources', { ResourcesPerPage: 1 });
        assert.deepEqual(first.ResourceTagMappingList, [
          {
            ResourceARN: arnOf('1'),
            Tags: [
              { Key: 'team', Value: 'a' },
              { Key: 'stage', Value: 'test' },
            ],
          },
        ]);
        const { PaginationToken } = first;
        assert.deepEqual(await get({ ResourcesPerPage: 1, PaginationToken }), [arnOf('2')]);
        assert.deepEqual(await room.call('GetTagKeys', {}), {
          TagKeys: ['stage', 'team'],
          PaginationToken: '',
        });
        const values = await room.call('GetTagValues', { Key: 'team' });
        assert.deepEqual(values, { TagValues: ['a', 'b'], PaginationToken: '' });
      });

      it('are put on many at once, and those that fail are named', async () => {
        await addStore('999', {});
        const arns = [arnOf('1'), arnOf('3'), arnOf('4'), arnOf('999')];
        const { FailedResourcesMap } = await room.call<TagResourcesOutput>('TagResources', {
          ResourceARNList: arns,
          Tags: { owner: 'x' },
        });
        assert.deepEqual(Object.keys(FailedResourcesMap!), [arnOf('4'), arnOf('999')]);
        assert.equal(FailedResourcesMap![arnOf('999')]!.StatusCode, 403);
        assert.deepEqual(await get({ TagFilters: [{ Key: 'owner' }] }), [arnOf('1'), arnOf('3')]);
      });
    });
  });
}

function declareStores(records: Records): Stores {
  return records.resource<StoreDoc, 'ACTIVE'>({
    kind: 'tagged-store',
    machine: { ACTIVE: {} },
    tagged: {
      type: 'omics:sequenceStore',
      arn: ({ scope, id }) => omicsArn(scope, `sequenceStore/${id}`),
      among: amongIds(/^sequenceStore\/([0-9]+)$/),
    },
  });
}

describe('rules, alarms and trails', () => {
  it('have tags by their own services’ operations, under the same rules', async (t) => {
    const room = await openTestMonitoring('sqlite');
    t.after(() => room.close());
    const stage = { Key: 'stage', Value: 'test' };
    const team = { Key: 'team', Value: 'a' };
    const forbidden = { Key: 'aws:x', Value: 'y' };
    const home = (service: string) => `arn:aws:${service}:us-east-1:111122223333`;
    await room.call('PutRule', { Name: 'all', EventPattern: '{"source": ["aws.omics"]}', Tags: [team] });
    await room.call('PutMetricAlarm', {
      ...{ AlarmName: 'deep', Namespace: 'Lab', MetricName: 'Depth', Statistic: 'Sum', Period: 60 },
      ...{ EvaluationPeriods: 1, Threshold: 4, ComparisonOperator: 'GreaterThanThreshold', Tags: [team] },
    });
    for (const [service, ResourceARN] of [
      ['events', `${home('events')}:rule/all`],
      ['cloudwatch', `${home('cloudwatch')}:alarm:deep`],
    ] as const) {
      const tags = async () =>
        (await room.call<{ Tags: object[] }>(`${service}:ListTagsForResource`, { ResourceARN })).Tags;
      assert.deepEqual(await tags(), [team]);
      await room.call(`${service}:TagResource`, { ResourceARN, Tags: [stage] });
      await room.call(`${service}:UntagResource`, { ResourceARN, TagKeys: ['team'] });
      assert.deepEqual(await tags(), [stage]);
      const wrong = room.call(`${service}:TagResource`, { ResourceARN, Tags: [forbidden] });
      await assert.rejects(wrong, { code: 'ValidationException', message: /reserved/ });
      const strange = { ResourceARN: `${home('logs')}:log-group:/x` };
      await assert.rejects(room.call(`${service}:ListTagsForResource`, strange), {
        code: 'ResourceNotFoundException',
      });
    }
    const trail = { Name: 'all', S3BucketName: 'trail-bucket' };
    const { TrailARN: ResourceId } = await room.call<{ TrailARN: string }>('CreateTrail', {
      ...{ ...trail, TagsList: [team] },
    });
    await room.call('AddTags', { ResourceId, TagsList: [stage] });
    await room.call('RemoveTags', { ResourceId, TagsList: [{ Key: 'team' }] });
    const { ResourceTagList } = await room.call<{ ResourceTagList: object[] }>('ListTags', {
      ResourceIdList: [ResourceId],
    });
    assert.deepEqual(ResourceTagList, [{ ResourceId, TagsList: [stage] }]);
    const invalid = { code: 'InvalidTagParameterException', message: /reserved/ };
    await assert.rejects(room.call('AddTags', { ResourceId, TagsList: [forbidden] }), invalid);
    await assert.rejects(room.call('CreateTrail', { ...trail, Name: 'two', TagsList: [forbidden] }), invalid);
  });
});
