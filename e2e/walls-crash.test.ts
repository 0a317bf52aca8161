import {
  CreateSequenceStoreCommand,
  GetReferenceImportJobCommand,
  GetRunCommand,
  GetSequenceStoreCommand,
  GetVariantImportJobCommand,
  GetWorkflowCommand,
  CreateReferenceStoreCommand,
  CreateVariantStoreCommand,
  CreateWorkflowCommand,
  GetVariantStoreCommand,
  StartReferenceImportJobCommand,
  StartVariantImportJobCommand,
} from '@aws-sdk/client-omics';
import { CreateBucketCommand, GetObjectCommand } from '@aws-sdk/client-s3';
import { zipSync } from 'fflate';
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import { readCredentials } from '@helicase/server';
import { awsClients, type Clients } from '../packages/cli/demo/clients.ts';
import { seededRandom } from '../packages/cli/demo/random.ts';
import { startServer } from '../packages/cli/demo/server-process.ts';
import {
  BUCKET,
  createRole,
  fastq,
  helicase,
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

// The main job, killed at a write, fsync, rename or commit of the server; then what was acknowledged is looked for.
// HELICASE_CRASH_STEPS says at how many steps, seeded (4 in the ordinary test run), or `all` (`npm run test:crash-every`,
// which takes half an hour).
const STEPS = process.env['HELICASE_CRASH_STEPS'] ?? '4';
const SEQUENCE = 'GATTACAGGCATCCATGCCAATTGGTTCACGTAGCTAGGA'.repeat(10);
const READS = fastq(50, 'GATTACAGGCATCC');
const WORKFLOW = `version 1.0
workflow Once { input { File text } call Shout { input: text = text } output { File loud = Shout.loud } }
task Shout {
  input { File text }
  command <<< tr a-z A-Z < ~{text} > loud.txt >>>
  output { File loud = "loud.txt" }
  runtime { cpu: 1 memory: "256 MiB" }
}
`;

/** What the server has acknowledged so far: each is looked for after the crash. */
type Acknowledged = { name: string; check: (clients: Clients) => Promise<void> }[];

describe('the server killed at a step of its own', { timeout: 2 * 3_600_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'helicase-walls-crash-'));
  const hook = join(import.meta.dirname, 'walls-crash-hook.ts');
  let steps: readonly number[] = [];
  let total = 0;
  after(() => rmSync(folder, { recursive: true, force: true }));

  before(async () => {
    const count = join(folder, 'count');
    await killedAt(Infinity, count);
    total = Number(readFileSync(count, 'utf8'));
    assert.ok(total > 100, `only ${total} steps were seen`);
    const random = seededRandom(Number(process.env['HELICASE_CRASH_SEED'] ?? 41));
    steps =
      STEPS === 'all'
        ? Array.from({ length: total }, (_, index) => index + 1)
        : Array.from({ length: Number(STEPS) }, () => 1 + random.below(total));
  });

  test(`at ${STEPS} of all steps: it opens, what was acknowledged is there, fsck is clean`, async (t) => {
    for (const step of steps) await t.test(`step ${step}`, () => killedAt(step));
  });

  async function killedAt(step: number, count?: string): Promise<void> {
    const data = join(folder, `data-${step}`);
    mkdirSync(data, { mode: 0o700 });
    const acknowledged: Acknowledged = [];
    const dead = await run(data, step, count, acknowledged);
    // Some steps come or do not come by chance (polling, batches): the last ones may not be reached.
    if (step < 0.8 * total) assert.ok(dead, `step ${step} of ${total} was not reached`);
    const server = await startServer(data);
    try {
      const clients = awsClients(server.url, readCredentials(data)!);
      for (const { name, check } of acknowledged)
        await check(clients).catch((error: unknown) => {
          throw new Error(`${name}, acknowledged before step ${step}`, { cause: error });
        });
    } finally {
      await server.stop();
    }
    const checked = await helicase(['fsck', '--deep', '--data', data]);
    assert.equal(checked.status, 0, checked.stdout + checked.stderr);
    rmSync(data, { recursive: true });
  }

  /** True where the server died on the way. */
  async function run(
    data: string,
    step: number,
    count: string | undefined,
    acknowledged: Acknowledged,
  ): Promise<boolean> {
    const environment = {
      HELICASE_CRASH_STEP: String(step),
      ...(count === undefined ? {} : { HELICASE_CRASH_COUNT: count }),
    };
    const server = await startServer(data, [], { node: ['--import', hook], environment }).catch(
      (error: Error) => {
        assert.match(error.message, /SIGKILL/);
        return undefined;
      },
    );
    if (!server) return true;
    const { process } = server;
    const gone = new Promise<void>((resolve) => process.once('exit', () => resolve()));
    const story = mainJob(awsClients(server.url, readCredentials(data)!), acknowledged).catch(
      async (error: unknown) => {
        // A request fails a moment before the exit is seen.
        await Promise.race([
          gone,
          until(
            async () => process.exitCode,
            () => false,
            2,
          ).catch(() => undefined),
        ]);
        if (process.signalCode !== 'SIGKILL') throw error;
      },
    );
    await Promise.race([story, gone]);
    const died = () => process.signalCode === 'SIGKILL';
    if (!died()) await server.stop();
    await story;
    return died();
  }
});

/** From an empty server to a table and a run; notes what is acknowledged as it goes. */
async function mainJob(clients: Clients, acknowledged: Acknowledged): Promise<void> {
  const { omics, s3 } = clients;
  const note = (name: string, check: (clients: Clients) => Promise<void>) =>
    acknowledged.push({ name, check });
  const roleArn = await createRole(clients);
  await s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
  for (const [key, body] of [
    ['reads.fastq.gz', gzipSync(READS)],
    ['reference.fasta', Buffer.from(`>walls\n${SEQUENCE}\n`)],
    ['calls.vcf', Buffer.from(vcf('walls', SEQUENCE, 3))],
    ['text.txt', Buffer.from('quiet\n')],
  ] as const) {
    await put(clients, key, body);
    note(`object ${key}`, (now) => objectIs(now, key, body));
  }
  const { id: sequenceStoreId } = await omics.send(new CreateSequenceStoreCommand({ name: 'crash' }));
  note('sequence store', async (now) => {
    await now.omics.send(new GetSequenceStoreCommand({ id: sequenceStoreId }));
  });
  const ground = { sequenceStoreId: sequenceStoreId!, roleArn };
  const job = await startReads(clients, ground, 'reads.fastq.gz', 'reads');
  note('read set import', async (now) => {
    const bytes = await readReads(now, ground, await readsImported(now, ground, job));
    assert.equal(gunzipSync(bytes).toString(), READS);
  });
  await readsImported(clients, ground, job);
  const referenceArn = await reference(clients, roleArn, note);
  await variants(clients, { roleArn, referenceArn }, note);
  await workflowAndRun(clients, roleArn, note);
}

type Note = (name: string, check: (clients: Clients) => Promise<void>) => void;

async function reference({ omics }: Clients, roleArn: string, note: Note): Promise<string> {
  const { id, arn } = await omics.send(new CreateReferenceStoreCommand({ name: 'crash' }));
  const sources = [{ sourceFile: uri('reference.fasta'), name: 'reference' }];
  const job = await omics.send(
    new StartReferenceImportJobCommand({ referenceStoreId: id, roleArn, sources }),
  );
  const done = async (now: Clients) => {
    const request = new GetReferenceImportJobCommand({ referenceStoreId: id, id: job.id });
    const ended = await until(() => now.omics.send(request), finished);
    assert.equal(ended.status, 'COMPLETED', JSON.stringify(ended.sources));
    return ended.sources![0]!.referenceId!;
  };
  note('reference import', async (now) => void (await done(now)));
  return `${arn}/reference/${await done({ omics } as Clients)}`;
}

async function variants(
  clients: Clients,
  { roleArn, referenceArn }: { readonly roleArn: string; readonly referenceArn: string },
  note: Note,
): Promise<void> {
  const name = 'crash_variants';
  await clients.omics.send(new CreateVariantStoreCommand({ name, reference: { referenceArn } }));
  const active = async (now: Clients) => {
    const store = await until(() => now.omics.send(new GetVariantStoreCommand({ name })), finished);
    assert.equal(store.status, 'ACTIVE', store.statusMessage);
  };
  note('variant store', active);
  await active(clients);
  const items = [{ source: uri('calls.vcf') }];
  const { jobId } = await clients.omics.send(
    new StartVariantImportJobCommand({ destinationName: name, roleArn, items }),
  );
  const done = async (now: Clients) => {
    const job = await until(() => now.omics.send(new GetVariantImportJobCommand({ jobId })), finished);
    assert.equal(job.status, 'COMPLETED', JSON.stringify(job));
  };
  note('variant import', async (now) => {
    await done(now);
    assert.deepEqual(await query(now, `SELECT count(*) FROM ${name}`), [['3']]);
  });
  await done(clients);
}

async function workflowAndRun(clients: Clients, roleArn: string, note: Note): Promise<void> {
  const definitionZip = zipSync({ 'main.wdl': new TextEncoder().encode(WORKFLOW) });
  const { id } = await clients.omics.send(
    new CreateWorkflowCommand({ name: 'crash', engine: 'WDL', definitionZip }),
  );
  const active = async (now: Clients) => {
    const workflow = await until(() => now.omics.send(new GetWorkflowCommand({ id })), finished);
    assert.equal(workflow.status, 'ACTIVE', workflow.statusMessage);
  };
  note('workflow', active);
  await active(clients);
  const runId = await startRun(clients, { roleArn }, id!, { text: uri('text.txt') });
  const done = async (now: Clients) => {
    const run = await until(() => now.omics.send(new GetRunCommand({ id: runId })), finished);
    assert.equal(run.status, 'COMPLETED', `${run.failureReason} ${run.statusMessage}`);
  };
  note('run', done);
  await done(clients);
}

async function objectIs({ s3 }: Clients, Key: string, body: Uint8Array): Promise<void> {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: BUCKET, Key }));
  assert.ok(Buffer.from(await Body!.transformToByteArray()).equals(body));
}
