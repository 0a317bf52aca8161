import { CloudTrailClient, paginateLookupEvents } from '@aws-sdk/client-cloudtrail';
import {
  CreateSequenceStoreCommand,
  GetRunCommand,
  ListReadSetsCommand,
  ListRunTasksCommand,
  paginateListSequenceStores,
} from '@aws-sdk/client-omics';
import { GetObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { gunzipSync, gzipSync } from 'node:zlib';
import { readCredentials } from '@helicase/server';
import { awsClients, type Clients } from '../packages/cli/demo/clients.ts';
import { seededRandom } from '../packages/cli/demo/random.ts';
import { type ServerProcess, startServer } from '../packages/cli/demo/server-process.ts';
import {
  BUCKET,
  createWorkflow,
  fastq,
  type Ground,
  helicase,
  importVariants,
  layGround,
  put,
  query,
  readReads,
  readsImported,
  startReads,
  startRun,
  uri,
  vcf,
} from './walls-story.ts';
import { finished, until } from './world.ts';

const WORKFLOW = `version 1.0
workflow Slow {
  input { File text }
  call Shout as first { input: text = text, seconds = 1 }
  call Shout as second { input: text = first.loud, seconds = 8 }
  output { File loud = second.loud }
}
task Shout {
  input { File text Int seconds }
  command <<< sleep ~{seconds}; tr a-z A-Z < ~{text} > loud.txt; echo ! >> loud.txt >>>
  output { File loud = "loud.txt" }
  runtime { cpu: 1 memory: "256 MiB" }
}
`;
const IMPORTS = 6;

describe('helicase backup while imports and a run are under way', { timeout: 300_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'helicase-backup-'));
  const data = join(folder, 'data');
  const target = join(folder, 'backup');
  const restored = join(folder, 'restored');
  const reads = fastq(4_000, 'GATTACAGATTACAGGCATCCATG'.repeat(5));
  const sequence = contig(5_000);
  let server: ServerProcess;
  let clients: Clients;
  let ground: Ground;
  let runId: string;
  let imported: string;

  before(async () => {
    server = await startServer(data);
    clients = awsClients(server.url, readCredentials(data)!);
    ground = await layGround(clients, `>walls\n${sequence}\n`);
    await put(clients, 'reads.fastq.gz', gzipSync(reads));
    await put(clients, 'calls.vcf.gz', gzipSync(vcf('walls', sequence, 200)));
    await put(clients, 'text.txt', 'a quiet word\n');
    imported = await readsImported(
      clients,
      ground,
      await startReads(clients, ground, 'reads.fastq.gz', 'first'),
    );
    await importVariants(clients, ground, 'walls_variants', 'calls.vcf.gz');
    const workflowId = await createWorkflow(clients, WORKFLOW);
    runId = await startRun(clients, ground, workflowId, { text: uri('text.txt') });
  });
  after(async () => {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  test('copies, and disturbs neither', async () => {
    await until(
      () => clients.omics.send(new ListRunTasksCommand({ id: runId })),
      ({ items }) => items!.some(({ status }) => status === 'COMPLETED'),
    );
    const jobs = Array.from({ length: IMPORTS }, (_, index) =>
      startReads(clients, ground, 'reads.fastq.gz', `during ${index}`),
    );
    const backup = { done: false };
    const changes = changeUntil(clients, backup);
    const taken = await helicase(['backup', '--data', data, '--to', target]);
    backup.done = true;
    await changes;
    assert.equal(taken.status, 0, taken.stdout + taken.stderr);
    assert.match(taken.stdout, /✓ .*backup: \d+ blobs, \d+ bytes/);
    const run = await clients.omics.send(new GetRunCommand({ id: runId }));
    assert.equal(run.status, 'RUNNING', 'the run was under way all the time');
    await Promise.all(jobs);
  });

  test('restored into an empty folder is clean, every byte of it', async () => {
    const filled = await helicase(['restore', '--from', target, '--data', restored]);
    assert.equal(filled.status, 0, filled.stdout + filled.stderr);
    assert.match(filled.stdout, /clean: \d+ blobs/);
    const checked = await helicase(['fsck', '--deep', '--data', restored]);
    assert.equal(checked.status, 0, checked.stdout + checked.stderr);
  });

  test('and served: read sets and tables are readable, imports and the run go on to their end', async () => {
    await server.stop();
    server = await startServer(restored);
    clients = awsClients(server.url, readCredentials(restored)!);
    const run = await until(() => clients.omics.send(new GetRunCommand({ id: runId })), finished, 60);
    assert.equal(run.status, 'COMPLETED', `${run.failureReason} ${run.statusMessage}`);
    assert.equal(await outputText(clients, runId), 'A QUIET WORD\n!\n!\n');
    const all = await clients.omics.send(
      new ListReadSetsCommand({ sequenceStoreId: ground.sequenceStoreId }),
    );
    assert.ok(all.readSets!.some(({ id }) => id === imported));
    for (const { id } of all.readSets!)
      assert.ok(gunzipSync(await readReads(clients, ground, id!)).equals(Buffer.from(reads)));
    assert.deepEqual(await query(clients, 'SELECT count(*) FROM walls_variants'), [['200']]);
    const again = await startReads(clients, ground, 'reads.fastq.gz', 'after');
    assert.ok(await readsImported(clients, ground, again));
  });

  test('every change that it shows has its audit record', async () => {
    const created: string[] = [];
    for await (const { sequenceStores } of paginateListSequenceStores({ client: clients.omics }, {}))
      created.push(...sequenceStores!.map(({ id }) => id!));
    // The last one may have been copied before its caller had an answer.
    const answered = created.toSorted((a, b) => Number(BigInt(a) - BigInt(b))).slice(0, -1);
    assert.ok(answered.length > 1);
    const recorded = await recordedStores(restored, server.url);
    assert.deepEqual(
      answered.filter((id) => !recorded.has(id)),
      [],
    );
  });

  test('is refused into a folder that holds something, and a half backup is not restored', async () => {
    const occupied = join(folder, 'occupied');
    mkdirSync(occupied);
    writeFileSync(join(occupied, 'mine.txt'), 'mine');
    const taken = await helicase(['backup', '--data', restored, '--to', occupied]);
    assert.equal(taken.status, 2);
    assert.match(taken.stderr, /is not empty: name an empty folder/);
    assert.deepEqual(readdirSync(occupied), ['mine.txt']);
    const filled = await helicase(['restore', '--from', target, '--data', occupied]);
    assert.equal(filled.status, 2);
    rmSync(join(target, 'backup.json'));
    const half = await helicase(['restore', '--from', target, '--data', join(folder, 'never')]);
    assert.equal(half.status, 2);
    assert.match(half.stderr, /no complete backup.*Take the backup again/);
  });

  test('with records in PostgreSQL says which tools to use, in which order', async () => {
    const args = ['backup', '--data', data, '--to', join(folder, 'no'), '--database', 'postgres://x/y'];
    const refused = await helicase(args);
    assert.equal(refused.status, 2);
    assert.match(refused.stderr, /versioning.*pg_dump.*bucket.*root key/s);
  });
});

async function changeUntil({ omics }: Clients, backup: { readonly done: boolean }): Promise<void> {
  for (let n = 0; !backup.done; n++) {
    await omics.send(new CreateSequenceStoreCommand({ name: `while it is copied ${n}` }));
    await delay(20);
  }
}

/** Ids of the stores whose creation is in the audit records. */
async function recordedStores(data: string, endpoint: string): Promise<ReadonlySet<string>> {
  const { accessKeyId, secretAccessKey } = readCredentials(data)!;
  const credentials = { accessKeyId, secretAccessKey };
  const client = new CloudTrailClient({ endpoint, region: 'us-east-1', credentials, maxAttempts: 10 });
  const ids = new Set<string>();
  const LookupAttributes = [{ AttributeKey: 'EventName' as const, AttributeValue: 'CreateSequenceStore' }];
  for await (const { Events } of paginateLookupEvents({ client }, { LookupAttributes })) {
    for (const { CloudTrailEvent } of Events!) {
      const { responseElements } = JSON.parse(CloudTrailEvent!) as { responseElements?: { id: string } };
      if (responseElements) ids.add(responseElements.id);
    }
  }
  client.destroy();
  return ids;
}

async function outputText({ s3 }: Clients, runId: string): Promise<string> {
  const { Contents } = await s3.send(
    new ListObjectsV2Command({ Bucket: BUCKET, Prefix: `runs/${runId}/out/` }),
  );
  const found = Contents!.find(({ Key }) => Key!.endsWith('.txt'))!;
  const answer = await s3.send(new GetObjectCommand({ Bucket: BUCKET, Key: found.Key }));
  return answer.Body!.transformToString();
}

function contig(length: number): string {
  const random = seededRandom(3);
  return Array.from({ length }, () => 'ACGT'[random.below(4)]).join('');
}
