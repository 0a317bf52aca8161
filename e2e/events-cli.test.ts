import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, describe, test } from 'node:test';
import { awsCli, type AwsCommand, awsCommand, openWorld, until, type World } from './world.ts';

// The guide's chapter on EventBridge, and its example of a CloudTrail entry, with the unmodified aws CLI.

describe('events and audit records', { skip: awsCli.skip, timeout: 120_000 }, () => {
  let world: World;
  let aws: AwsCommand;

  before(async () => {
    world = await openWorld();
    aws = awsCommand(world);
  });
  after(() => world?.close());

  const file = (name: string, content: object) => {
    const path = join(world.folder, name);
    writeFileSync(path, JSON.stringify(content));
    return `file://${path}`;
  };

  test("the guide's read set event matches a pattern on its status", async () => {
    const arn = 'arn:aws:omics:us-west-2:123456789012:sequenceStore/1234567890/readSet/3456789012';
    const event = file('event.json', {
      ...{
        version: '0',
        id: '64ca0eda-9751-dc55-c41a-1bd50b4fc9b7',
        'detail-type': 'Read Set Status Change',
      },
      ...{ source: 'aws.omics', account: '123456789012', time: '2023-04-04T17:53:06Z', region: 'us-west-2' },
      resources: [arn],
      detail: {
        ...{ omicsVersion: '1.0.0', arn, sequenceStoreId: '1234567890' },
        ...{ id: '3456789012', status: 'PROCESSING_UPLOAD' },
      },
    });
    const test = async (pattern: object) =>
      (
        await aws.json<{ Result: boolean }>`events test-event-pattern
          --event-pattern ${file('pattern.json', pattern)} --event ${event}`
      ).Result;
    assert.equal(await test({ source: ['aws.omics'], detail: { status: [{ prefix: 'PROCESSING' }] } }), true);
    assert.equal(await test({ source: ['aws.omics'], detail: { status: ['ACTIVE'] } }), false);
  });

  test('a rule brings what happens to stores into a log group', async () => {
    await aws.json`events put-rule --name stores --event-pattern ${file('p.json', { source: ['aws.omics'] })}`;
    const group = `arn:aws:logs:us-east-1:${world.credentials.accountId}:log-group:/aws/events/stores`;
    await aws.json`events put-targets --rule stores --targets Id=logs,Arn=${group}`;
    const store = await aws.json<{
      arn: string;
      id: string;
    }>`omics create-sequence-store --name MySequenceStore`;
    await aws.json`omics delete-sequence-store --id ${store.id}`;
    const told = await until(
      async () => {
        const { stdout } = await aws.raw`logs filter-log-events --log-group-name /aws/events/stores`;
        const { events } = JSON.parse(stdout || '{"events":[]}') as { events: { message: string }[] };
        return events.map(
          ({ message }) => JSON.parse(message) as { 'detail-type': string; detail: { status: string } },
        );
      },
      (events) => events.length === 2,
    );
    assert.deepEqual(
      told.map((event) => [event['detail-type'], event.detail.status]),
      [
        ['Sequence Store Status Change', 'CREATED'],
        ['Sequence Store Status Change', 'DELETED'],
      ],
    );
  });

  test('helicase events follows what matches a pattern, and tells what is kept', async (t) => {
    const helicase = join(import.meta.dirname, '..', 'packages', 'cli', 'helicase.ts');
    const asked = [helicase, 'events', '--data', world.data, '--since', new Date().toISOString()];
    const pattern = (value: object) => ['--pattern', JSON.stringify(value)];
    const stores = pattern({ 'detail-type': [{ prefix: 'Sequence Store' }] });
    const following = spawn(process.execPath, [...asked, ...stores, '--follow'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    t.after(() => following.kill('SIGKILL'));
    const ended = once(following, 'close');
    const lines = createInterface({ input: following.stdout })[Symbol.asyncIterator]();
    const next = async () => {
      const { value } = await lines.next();
      return JSON.parse(value as string) as { 'detail-type': string; detail: object };
    };
    const { id } = await aws.json<{ id: string }>`omics create-sequence-store --name FollowedStore`;
    const created = await next();
    assert.equal(created['detail-type'], 'Sequence Store Status Change');
    assert.partialDeepStrictEqual(created.detail, { id, status: 'CREATED' });
    await aws.json`omics delete-sequence-store --id ${id}`;
    assert.partialDeepStrictEqual((await next()).detail, { id, status: 'DELETED' });
    following.kill('SIGINT');
    assert.deepEqual(await ended, [0, null]);
    const kept = spawnSync(process.execPath, [...asked, ...stores], { encoding: 'utf8' });
    assert.equal(kept.stdout.trim().split('\n').length, 2);
    const wrong = spawnSync(process.execPath, [...asked, ...pattern({ detail: 'x' })], { encoding: 'utf8' });
    assert.equal(wrong.status, 1);
    assert.match(wrong.stderr, /"detail" must be an object or an array/);
  });

  test('every call has its CloudTrail record, a refused one with its code', async () => {
    await aws.raw`omics get-run-group --id 1234567`;
    const { Events } = await aws.json<{ Events: { EventName: string; CloudTrailEvent: string }[] }>`
      cloudtrail lookup-events --lookup-attributes AttributeKey=EventName,AttributeValue=GetRunGroup`;
    const record = JSON.parse(Events[0]!.CloudTrailEvent) as Record<string, unknown>;
    assert.equal(Events.length, 1);
    assert.equal(record['errorCode'], 'ResourceNotFoundException');
    assert.equal(record['eventSource'], 'omics.amazonaws.com');
    assert.deepEqual(record['requestParameters'], { id: '1234567' });
    assert.match(String(record['userAgent']), /^aws-cli\//);
    assert.equal(record['sourceIPAddress'], '127.0.0.1');
  });
});
