import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { awsCli, type AwsCommand, awsCommand, openWorld, type World } from './world.ts';

// The guide's chapter "Tagging resources in AWS HealthOmics", with the unmodified aws CLI.

describe('tagging resources', { skip: awsCli.skip, timeout: 120_000 }, () => {
  let world: World;
  let aws: AwsCommand;
  let arn: string;

  before(async () => {
    world = await openWorld();
    aws = awsCommand(world);
    const store = await aws.json<{
      arn: string;
      tags?: object;
      id: string;
    }>`omics create-sequence-store --name MySequenceStore
      --tags key1=value1,key2=value2`;
    assert.equal(store.tags, undefined, '"The output does not list the tags"');
    assert.match(store.id, /^[0-9]{10,36}$/);
    ({ arn } = store);
  });
  after(() => world?.close());

  const tagsOf = async (resource: string) =>
    (await aws.json<{ tags: object }>`omics list-tags-for-resource --resource-arn ${resource}`).tags;

  test('tags given at creation are listed', async () => {
    assert.deepEqual(await tagsOf(arn), { key1: 'value1', key2: 'value2' });
  });

  test('tags are added to and removed from a resource that is there', async () => {
    const added = await aws.raw`omics tag-resource --resource-arn ${arn} --tags key2=changed,key3=value3`;
    assert.deepEqual(
      [added.status, added.stdout],
      [0, ''],
      '"If successful, this command returns no response"',
    );
    assert.deepEqual(await tagsOf(arn), { key1: 'value1', key2: 'changed', key3: 'value3' });
    const removed = await aws.raw`omics untag-resource --resource-arn ${arn} --tag-keys key1 key2`;
    assert.deepEqual([removed.status, removed.stdout], [0, '']);
    assert.deepEqual(await tagsOf(arn), { key3: 'value3' });
  });

  test('reserved keys are refused, when a resource is made as well', async () => {
    const { status, stderr } = await aws.raw`omics create-run-group --name g --tags aws:team=x`;
    assert.notEqual(status, 0);
    assert.match(stderr, /ValidationException.*aws:team begins with aws:, which is reserved/s);
    const { items } = await aws.json<{ items: object[] }>`omics list-run-groups`;
    assert.deepEqual(items, []);
  });

  test('resources are found by their tags', async () => {
    const group = await aws.json<{ arn: string }>`omics create-run-group --name g --tags key3=other`;
    const byKey = await aws.json<{ ResourceTagMappingList: { ResourceARN: string }[] }>`
      resourcegroupstaggingapi get-resources --tag-filters Key=key3`;
    const arns = byKey.ResourceTagMappingList.map(({ ResourceARN }) => ResourceARN);
    assert.deepEqual(arns, [group.arn, arn].sort());
    const values = await aws.json<{ TagValues: string[] }>`
      resourcegroupstaggingapi get-tag-values --key key3`;
    assert.deepEqual(values.TagValues, ['other', 'value3']);
    await aws.json`resourcegroupstaggingapi untag-resources --resource-arn-list ${arn} --tag-keys key3`;
    assert.deepEqual(await tagsOf(arn), {});
  });

  test('a resource that is not there has none', async () => {
    const { stderr } =
      await aws.raw`omics list-tags-for-resource --resource-arn ${arn.replace(/[0-9]+$/, '1234567890')}`;
    assert.match(stderr, /ResourceNotFoundException/);
  });
});
