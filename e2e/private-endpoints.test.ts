import {
  CreateReferenceStoreCommand,
  ListReferenceStoresCommand,
  ListRunsCommand,
  OmicsClient,
  StartRunCommand,
  TagResourceCommand,
} from '@aws-sdk/client-omics';
import {
  CreateBucketCommand,
  HeadBucketCommand,
  ListBucketsCommand,
  PutBucketPolicyCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, type AgentOptions } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { openWorld, type World } from './world.ts';

// "AWS HealthOmics and interface VPC endpoints (AWS PrivateLink)": further listeners of the server, each with a policy.

/** The guide's, with its Resource where it belongs and without commas after last elements. */
const LISTS_ONLY = {
  Statement: [{ Principal: '*', Effect: 'Allow', Action: ['omics:List*'], Resource: '*' }],
};

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe('private endpoints', { timeout: 120_000 }, () => {
  let world: World;
  let folder: string;
  let port: number;
  const socket = (name: string) => join(folder, `${name}.sock`);
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'helicase-endpoints-'));
    port = await freePort();
    const endpoints = [
      { id: 'vpce-lists', listen: socket('lists'), policy: LISTS_ONLY },
      {
        id: 'vpce-control',
        listen: socket('control'),
        service: 'com.amazonaws.us-east-1.control-storage-omics',
      },
      { id: 'vpce-runs', listen: `127.0.0.1:${port}`, service: 'workflows-omics' },
      { id: 'vpce-s3', listen: socket('s3'), service: 's3' },
    ];
    world = await openWorld(['--endpoints', JSON.stringify(endpoints)]);
  });
  after(async () => {
    await world.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** The unmodified client, with an agent that goes to the socket. */
  function over(name: string) {
    const options: AgentOptions & { socketPath: string } = { socketPath: socket(name) };
    const { region } = world.credentials;
    const endpoint = 'http://localhost';
    return {
      ...{ endpoint, region, credentials: world.credentials, maxAttempts: 1 },
      requestHandler: { httpAgent: new Agent(options) },
    };
  }
  const omics = (name: string) => new OmicsClient({ ...over(name), disableHostPrefix: true });

  test('the guide’s policy lets lists through and nothing else, whoever asks', async () => {
    const client = omics('lists');
    assert.deepEqual((await client.send(new ListRunsCommand({}))).items, []);
    await assert.rejects(client.send(new CreateReferenceStoreCommand({ name: 'r' })), {
      name: 'AccessDeniedException',
      message: /because no VPC endpoint policy allows the omics:CreateReferenceStore action$/,
    });
  });

  test('an endpoint of one of the five services takes its operations and no other’s', async () => {
    const control = omics('control');
    const { arn } = await control.send(new CreateReferenceStoreCommand({ name: 'mine' }));
    await assert.rejects(control.send(new ListRunsCommand({})), {
      name: 'AccessDenied',
      message: /vpce-control is of control-storage-omics, and this is asked of workflows-omics/,
    });
    await assert.rejects(control.send(new TagResourceCommand({ resourceArn: arn, tags: { a: 'b' } })), {
      message: /asked of tags-omics/,
    });
    const runs = new OmicsClient({
      ...{ endpoint: `http://127.0.0.1:${port}`, region: world.credentials.region },
      ...{ credentials: world.credentials, maxAttempts: 1, disableHostPrefix: true },
    });
    assert.deepEqual((await runs.send(new ListRunsCommand({}))).items, []);
    await assert.rejects(runs.send(new ListReferenceStoresCommand({})), {
      message: /asked of control-storage-omics/,
    });
    await assert.rejects(
      runs.send(new StartRunCommand({ roleArn: 'arn:aws:iam::1:role/r', outputUri: 's3://b/' })),
      (error: Error) => error.name !== 'AccessDenied',
    );
  });

  test('S3 has an endpoint of its own; a bucket may be kept to it', async () => {
    const options = { ...over('s3'), forcePathStyle: true };
    const inside = new S3Client(options);
    await inside.send(new CreateBucketCommand({ Bucket: 'inside' }));
    await assert.rejects(omics('s3').send(new ListRunsCommand({})), { name: 'AccessDenied' });
    const Policy = JSON.stringify({
      Version: '2012-10-17',
      Statement: {
        ...{ Effect: 'Deny', Principal: '*', Action: 's3:*', Resource: 'arn:aws:s3:::inside' },
        Condition: { StringNotEquals: { 'aws:SourceVpce': 'vpce-s3' } },
      },
    });
    await inside.send(new PutBucketPolicyCommand({ Bucket: 'inside', Policy }));
    assert.equal((await inside.send(new ListBucketsCommand({}))).Buckets!.length, 1);
    await inside.send(new HeadBucketCommand({ Bucket: 'inside' }));
    const outside = new S3Client({
      ...{ endpoint: world.server.url, region: world.credentials.region, forcePathStyle: true },
      credentials: world.credentials,
    });
    await assert.rejects(outside.send(new HeadBucketCommand({ Bucket: 'inside' })), (error: Error) => {
      return (error as Error & { $metadata: { httpStatusCode: number } }).$metadata.httpStatusCode === 403;
    });
  });
});
