import { CreateAccessKeyCommand, CreateUserCommand, PutUserPolicyCommand } from '@aws-sdk/client-iam';
import {
  CreateSequenceStoreCommand,
  type CreateSequenceStoreResponse,
  OmicsClient,
} from '@aws-sdk/client-omics';
import {
  CopyObjectCommand,
  CreateBucketCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { readCredentials } from '@helicase/server';
import { awsClients, type Clients } from '../packages/cli/demo/clients.ts';
import { createJobRole } from '../packages/cli/demo/job-role.ts';
import { startServer } from '../packages/cli/demo/server-process.ts';
import { helicase } from './walls-story.ts';
import { openWorld, until, type World } from './world.ts';

const FASTQ = gzipSync('@read:1\nGATTACA\n+\nIIIIIII\n');

describe('access logs of a sequence store', { timeout: 120_000 }, () => {
  let world: World;
  let clients: Clients;
  let store: CreateSequenceStoreResponse;
  let alias: string;
  let key: string;

  before(async () => {
    world = await openWorld();
    clients = awsClients(world.server.url, world.credentials);
    const { iam, omics, s3 } = clients;
    for (const Bucket of ['reads', 'logs']) await s3.send(new CreateBucketCommand({ Bucket }));
    await s3.send(new PutObjectCommand({ Bucket: 'reads', Key: 'a.fastq.gz', Body: FASTQ }));
    const role = await createJobRole(iam, 'OmicsImport', 'reads');
    const s3AccessConfig = { accessLogLocation: 's3://logs/store/' };
    store = await omics.send(new CreateSequenceStoreCommand({ name: 'store', s3AccessConfig }));
    const sourceFiles = { source1: 's3://reads/a.fastq.gz' };
    const ids = { subjectId: 'subject', sampleId: 'sample', name: 'reads' };
    const manifest = join(world.folder, 'reads.json');
    writeFileSync(manifest, JSON.stringify([{ sourceFiles, sourceFileType: 'FASTQ', ...ids }]));
    const flags = ['--store', store.id!, '--role', role, '--data', world.data];
    const imported = await helicase(['import', manifest, ...flags]);
    assert.equal(imported.status, 0, imported.stdout + imported.stderr);
    [, alias] = /^s3:\/\/([^/]+)\//.exec(store.s3Access!.s3Uri!) as unknown as [string, string];
    const { Contents } = await s3.send(new ListObjectsV2Command({ Bucket: alias }));
    key = Contents![0]!.Key!;
  });
  after(() => world.close());

  test('tell each S3 request, refused ones too, and lose none to a kill of the server', async () => {
    const { s3 } = clients;
    const range = { Bucket: alias, Key: key, Range: 'bytes=0-3' };
    const got = await s3.send(new GetObjectCommand(range));
    await got.Body!.transformToByteArray();
    await assert.rejects(s3.send(new GetObjectCommand({ Bucket: alias, Key: 'nothing' })), /NoSuchKey|key/);
    // By its ARN it is the same access point: the line names the alias.
    const source = `${store.s3Access!.s3AccessPointArn}/object/${key}`;
    const copy = { Bucket: 'reads', Key: 'copy', CopySource: source };
    await s3.send(new CopyObjectCommand(copy));
    // A list, a read, a refusal and a copy. A line is written when its answer has ended, so it may come a moment later.
    await until(
      async () => waitingLines(world.data),
      (count) => count === 4,
    );

    const { process: server } = world.server;
    server.kill('SIGKILL');
    await once(server, 'exit');
    const again = await startServer(world.data);
    try {
      const lines = await logLines(awsClients(again.url, readCredentials(world.data)!).s3);
      const told = lines.map((line) => {
        const [, owner, rest] = /^(\w{64}) (.*)$/.exec(line)!;
        assert.ok(owner && rest!.startsWith(`${alias} [`), line);
        assert.ok(rest!.includes(` ${store.s3Access!.s3AccessPointArn} -`), line);
        const [, operation, name, status, code, sent, size] =
          / (REST\S+) (\S+) "[^"]*" (\d+) (\S+) (\S+) (\S+) /.exec(line)!;
        return [operation, name, status, code, ...(operation === 'REST.GET.OBJECT' ? [sent, size] : [])];
      });
      const refusal = told.find(([, name]) => name === 'nothing')!;
      assert.deepEqual(refusal.slice(0, 4), ['REST.GET.OBJECT', 'nothing', '404', 'NoSuchKey']);
      assert.deepEqual(told.filter((line) => line !== refusal).sort(), [
        ['REST.COPY.OBJECT_GET', key, '200', '-'],
        ['REST.GET.BUCKET', '-', '200', '-'],
        ['REST.GET.OBJECT', key, '206', '-', '4', String(FASTQ.length)],
      ]);
    } finally {
      await again.stop();
    }
  });

  test('go nowhere where the one who names the place may not write', async () => {
    const again = await startServer(world.data);
    try {
      const { iam } = awsClients(again.url, world.credentials);
      await iam.send(new CreateUserCommand({ UserName: 'omics' }));
      const Statement = [{ Effect: 'Allow', Action: 'omics:*', Resource: '*' }];
      const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement });
      await iam.send(new PutUserPolicyCommand({ UserName: 'omics', PolicyName: 'omics', PolicyDocument }));
      const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'omics' }));
      const credentials = {
        accessKeyId: AccessKey!.AccessKeyId!,
        secretAccessKey: AccessKey!.SecretAccessKey!,
      };
      const { region } = world.credentials;
      const omics = new OmicsClient({ endpoint: again.url, region, credentials, disableHostPrefix: true });
      const named = (accessLogLocation: string) =>
        omics.send(new CreateSequenceStoreCommand({ name: 'x', s3AccessConfig: { accessLogLocation } }));
      await assert.rejects(named('s3://logs/'), /Access logs cannot be written to s3:\/\/logs\/: /);
      await assert.rejects(named('s3://nobodys-bucket/'), /Access logs cannot be written/);
      await omics.send(new CreateSequenceStoreCommand({ name: 'without logs' }));
    } finally {
      await again.stop();
    }
  });
});

/** Lines that wait in the data directory. */
function waitingLines(data: string): number {
  const folder = join(data, 'access-logs');
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.log')) : [];
  return names
    .map((name) => readFileSync(join(folder, name), 'utf8').split('\n').length - 1)
    .reduce((a, b) => a + b, 0);
}

/** What was delivered to the location; the next start of a server writes what the last one left. */
async function logLines(s3: S3Client): Promise<readonly string[]> {
  const list = () => s3.send(new ListObjectsV2Command({ Bucket: 'logs', Prefix: 'store/2' }));
  const { Contents = [] } = await until(list, ({ KeyCount = 0 }) => KeyCount > 0);
  const texts = Contents.map(async ({ Key }) =>
    (await s3.send(new GetObjectCommand({ Bucket: 'logs', Key }))).Body!.transformToString(),
  );
  return (await Promise.all(texts)).join('').trimEnd().split('\n');
}
