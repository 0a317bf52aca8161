import {
  CreateReferenceStoreCommand,
  CreateSequenceStoreCommand,
  CreateWorkflowCommand,
  GetReadSetCommand,
  GetReadSetImportJobCommand,
  GetReadSetMetadataCommand,
  GetRunCommand,
  GetWorkflowCommand,
  ListReadSetsCommand,
  ListRunTasksCommand,
  StartReadSetImportJobCommand,
  StartRunCommand,
} from '@aws-sdk/client-omics';
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { zipSync } from 'fflate';
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { readCredentials } from '@helicase/server';
import { awsClients, type Clients } from '../packages/cli/demo/clients.ts';
import { createJobRole } from '../packages/cli/demo/job-role.ts';
import { seededRandom } from '../packages/cli/demo/random.ts';
import { type ServerProcess, startServer } from '../packages/cli/demo/server-process.ts';
import { simulate } from '../packages/cli/demo/simulation.ts';
import { finished, until } from './world.ts';

// kill -9 at seeded moments of an import and of a run. HELICASE_CRASH_MOMENTS sets how many of each (3 in the ordinary
// test run, 20 in `npm run test:crash`).
const MOMENTS = Number(process.env['HELICASE_CRASH_MOMENTS'] ?? 3);
const BUCKET = 'crash';

const WORKFLOW = `version 1.0
workflow Chain {
  input { File text }
  call Shout as first { input: text = text }
  call Shout as second { input: text = first.loud }
  scatter (number in range(4)) { call Shout as third { input: text = second.loud } }
  output { Array[File] loud = third.loud }
}
task Shout {
  input { File text }
  command <<< sleep 0.1; tr a-z A-Z < ~{text} > loud.txt; echo ! >> loud.txt >>>
  output { File loud = "loud.txt" }
  runtime { cpu: 1 memory: "256 MiB" }
}
`;

describe('kill -9 of the server', { timeout: 900_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'helicase-crash-'));
  const data = join(folder, 'data');
  const random = seededRandom(5);
  let server: ServerProcess;
  let clients: Clients;
  let roleArn: string;

  const start = async () => {
    server = await startServer(data);
    clients = awsClients(server.url, readCredentials(data)!);
  };
  const crash = async () => {
    const gone = new Promise((resolve) => server.process.once('exit', resolve));
    server.process.kill('SIGKILL');
    await gone;
  };
  const put = (key: string, body: Uint8Array) =>
    clients.s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: key, Body: body }));

  before(async () => {
    await start();
    simulate(join(folder, 'sample'), 11);
    roleArn = await createJobRole(clients.iam, 'Crash', BUCKET);
    await clients.s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
    for (const name of ['sample_R1.fastq.gz', 'sample_R2.fastq.gz'])
      await put(name, readFileSync(join(folder, 'sample', name)));
    await put('text.txt', Buffer.from('a quiet word\n'));
    await clients.omics.send(new CreateReferenceStoreCommand({ name: 'kept' }));
  });
  after(async () => {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  test(`at ${MOMENTS} moments of an import: what was acknowledged is there, and the import finishes`, async () => {
    const store = await clients.omics.send(new CreateSequenceStoreCommand({ name: 'crash' }));
    const digest = (name: string) => md5(gunzipSync(readFileSync(join(folder, 'sample', name))));
    const expected = { source1: digest('sample_R1.fastq.gz'), source2: digest('sample_R2.fastq.gz') };
    for (let moment = 1; moment <= MOMENTS; moment++) {
      const sourceFiles = {
        source1: `s3://${BUCKET}/sample_R1.fastq.gz`,
        source2: `s3://${BUCKET}/sample_R2.fastq.gz`,
      };
      const sources = [
        {
          sourceFiles,
          sourceFileType: 'FASTQ' as const,
          subjectId: 's',
          sampleId: 's',
          name: `moment ${moment}`,
        },
      ];
      const job = await clients.omics.send(
        new StartReadSetImportJobCommand({ sequenceStoreId: store.id, roleArn, sources }),
      );
      await delay(random.below(400));
      await crash();
      await start();
      const request = { sequenceStoreId: store.id, id: job.id };
      const done = await until(() => clients.omics.send(new GetReadSetImportJobCommand(request)), finished);
      assert.equal(done.status, 'COMPLETED', JSON.stringify(done));
      const readSet = { sequenceStoreId: store.id, id: done.sources![0]!.readSetId };
      const { etag } = await clients.omics.send(new GetReadSetMetadataCommand(readSet));
      assert.equal(etag!.source1, expected.source1);
      assert.equal(etag!.source2, expected.source2);
      const part = await clients.omics.send(
        new GetReadSetCommand({ ...readSet, partNumber: 1, file: 'SOURCE1' }),
      );
      assert.equal(md5(gunzipSync(await part.payload!.transformToByteArray())), expected.source1);
      const { readSets } = await clients.omics.send(new ListReadSetsCommand({ sequenceStoreId: store.id }));
      assert.equal(readSets!.length, moment, 'one read set per acknowledged import, no more');
    }
  });

  test(`at ${MOMENTS} moments of a run: the run finishes with the outputs it would have had`, async () => {
    const definitionZip = zipSync({ 'main.wdl': new TextEncoder().encode(WORKFLOW) });
    const workflow = await clients.omics.send(
      new CreateWorkflowCommand({ name: 'chain', engine: 'WDL', definitionZip }),
    );
    await until(() => clients.omics.send(new GetWorkflowCommand({ id: workflow.id })), finished);
    for (let moment = 1; moment <= MOMENTS; moment++) {
      const run = await clients.omics.send(
        new StartRunCommand({
          workflowId: workflow.id,
          roleArn,
          outputUri: `s3://${BUCKET}/runs`,
          parameters: { text: `s3://${BUCKET}/text.txt` },
        }),
      );
      await delay(random.below(1_500));
      await crash();
      await start();
      const done = await until(() => clients.omics.send(new GetRunCommand({ id: run.id })), finished, 120);
      assert.equal(done.status, 'COMPLETED', `${done.failureReason} ${done.statusMessage}`);
      const { items } = await clients.omics.send(new ListRunTasksCommand({ id: run.id }));
      assert.equal(items!.filter((task) => task.status === 'COMPLETED').length, 6);
      for (const text of await outputs(clients, run.id!)) assert.equal(text, 'A QUIET WORD\n!\n!\n!\n');
    }
  });

  test('leaves no orphan bytes: helicase fsck says so', async () => {
    await server.stop();
    const entry = join(import.meta.dirname, '..', 'packages', 'cli', 'helicase.ts');
    const fsck = spawnSync(process.execPath, [entry, 'fsck', '--data', data], { encoding: 'utf8' });
    assert.equal(fsck.status, 0, fsck.stdout + fsck.stderr);
  });

  test('told to stop while it starts, it ends in order', async () => {
    await start(); // it listens, and clears up what the last one left
    await server.stop();
    assert.equal(server.process.exitCode, 0);
  });
});

async function outputs({ s3 }: Clients, runId: string): Promise<readonly string[]> {
  const { Contents } = await s3.send(
    new ListObjectsV2Command({ Bucket: BUCKET, Prefix: `runs/${runId}/out/` }),
  );
  const texts = (Contents ?? []).filter((object) => object.Key!.endsWith('.txt'));
  assert.equal(texts.length, 4);
  return Promise.all(
    texts.map(async (object) => {
      const answer = await s3.send(new GetObjectCommand({ Bucket: BUCKET, Key: object.Key }));
      return answer.Body!.transformToString();
    }),
  );
}

function md5(bytes: Uint8Array): string {
  return createHash('md5').update(bytes).digest('hex');
}
