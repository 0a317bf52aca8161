import {
  CreateWorkflowCommand,
  GetReadSetImportJobCommand,
  GetRunCommand,
  ListRunTasksCommand,
  paginateListReadSets,
  paginateListWorkflows,
  StartReadSetImportJobCommand,
} from '@aws-sdk/client-omics';
import { zipSync } from 'fflate';
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { gunzipSync, gzipSync } from 'node:zlib';
import pg from 'pg';
import { readCredentials } from '@helicase/server';
import { awsClients, type Clients } from '../packages/cli/demo/clients.ts';
import { seededRandom } from '../packages/cli/demo/random.ts';
import { type ServerProcess, startServer } from '../packages/cli/demo/server-process.ts';
import { openSharedGround, type SharedGround, withoutPostgres } from './walls-shared.ts';
import {
  createWorkflow,
  fastq,
  type Ground,
  helicase,
  layGround,
  put,
  readReads,
  startRun,
  uri,
} from './walls-story.ts';
import { finished, until } from './world.ts';

// Two servers on one PostgreSQL and one S3. One of them is killed at seeded moments: HELICASE_WALLS_KILLS of them (2 in
// the ordinary test run, 20 in `npm run test:walls`).
const KILLS = Number(process.env['HELICASE_WALLS_KILLS'] ?? 2);
const JOBS = 200;
/** One import among so many registrations. */
const IMPORT_EACH = 5;
const SUBMITTED_AT_ONCE = 6;

const WORKFLOW = zipSync({
  'main.wdl': new TextEncoder().encode(
    'version 1.0\nworkflow Nothing { input { String name } output { String told = name } }\n',
  ),
});

const RUN = `version 1.0
workflow Slow {
  input { File text }
  call Shout as first { input: text = text, seconds = 0 }
  call Shout as second { input: text = first.loud, seconds = 3 }
  output { File loud = second.loud }
}
task Shout {
  input { File text Int seconds }
  command <<< sleep ~{seconds}; tr a-z A-Z < ~{text} > loud.txt >>>
  output { File loud = "loud.txt" }
  runtime { cpu: 1 memory: "256 MiB" }
}
`;

describe('two servers on one PostgreSQL and one S3', { timeout: 1_200_000, skip: withoutPostgres }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'helicase-two-servers-'));
  const reads = fastq(200, 'GATTACAGATTACA');
  const random = seededRandom(17);
  let shared: SharedGround;
  let mortal: ServerProcess;
  let survivor: ServerProcess;
  let ground: Ground;
  const imports = new Map<string, string>();

  const dataOf = (name: string) => join(folder, name);
  const start = (name: string) => startServer(dataOf(name), shared.flags);
  const clientsOf = (server: ServerProcess): Clients =>
    awsClients(server.url, readCredentials(dataOf('survivor'))!);

  before(async () => {
    shared = await openSharedGround(folder);
    Object.assign(process.env, shared.environment);
    [mortal, survivor] = await Promise.all([start('mortal'), start('survivor')]);
    ground = await layGround(clientsOf(survivor), `>walls\n${'ACGT'.repeat(100)}\n`);
    await put(clientsOf(survivor), 'reads.fastq.gz', gzipSync(reads));
  });
  after(async () => {
    await Promise.all([mortal.stop(), survivor.stop()]);
    await shared.close();
    delete process.env['HELICASE_ROOT_KEY'];
    rmSync(folder, { recursive: true, force: true });
  });

  async function submit(number: number): Promise<void> {
    const name = `job ${number}`;
    const requestId = `request ${number}`;
    const request = (clients: Clients) =>
      number % IMPORT_EACH === 0
        ? startImport(clients, name, requestId)
        : clients.omics.send(
            new CreateWorkflowCommand({ name, engine: 'WDL', definitionZip: WORKFLOW, requestId }),
          );
    const first = number % 2 === 0 ? mortal : survivor;
    try {
      await request(clientsOf(first));
    } catch (error) {
      // The server died under the request: whether it had happened, only the token tells the other server.
      assert.notEqual(first, survivor, String(error));
      await request(clientsOf(survivor));
    }
  }

  async function startImport(clients: Clients, name: string, clientToken: string): Promise<void> {
    const sources = [
      {
        sourceFiles: { source1: uri('reads.fastq.gz') },
        sourceFileType: 'FASTQ' as const,
        subjectId: 'subject',
        sampleId: 'sample',
        name,
      },
    ];
    const { sequenceStoreId, roleArn } = ground;
    const job = await clients.omics.send(
      new StartReadSetImportJobCommand({ sequenceStoreId, roleArn, sources, clientToken }),
    );
    imports.set(name, job.id!);
  }

  /** Each name once, whether its request was answered by the server that died or by the other; no other name. */
  function assertOnce(found: readonly { name?: string | undefined }[], submitted: readonly string[]): void {
    assert.deepEqual(found.map(({ name }) => name!).sort(), [...submitted].sort());
  }

  async function killAndStart(): Promise<void> {
    const { exitCode, signalCode } = mortal.process;
    assert.deepEqual({ exitCode, signalCode }, { exitCode: null, signalCode: null }, 'it died by itself');
    const gone = new Promise((resolve) => mortal.process.once('exit', resolve));
    mortal.process.kill('SIGKILL');
    await gone;
    mortal = await start('mortal');
  }

  test('started at the same moment on an empty database agree on account and root key', () => {
    assert.deepEqual(readCredentials(dataOf('mortal')), readCredentials(dataOf('survivor')));
  });

  test(`${JOBS} jobs are each done once, though one server is killed ${KILLS} times`, async () => {
    const numbers = Array.from({ length: JOBS }, (_, index) => index + 1);
    const round = Math.ceil(JOBS / KILLS);
    for (let kill = 0; kill < KILLS; kill++) {
      const batch = numbers.slice(kill * round, (kill + 1) * round);
      const submitted = inParallel(batch, submit);
      await delay(random.below(200 + round * 15));
      await killAndStart();
      await submitted;
    }
    const { omics } = clientsOf(survivor);
    const registered = numbers
      .filter((number) => number % IMPORT_EACH !== 0)
      .map((number) => `job ${number}`);
    const workflows = await until(
      () => listWorkflows(clientsOf(survivor)),
      (found) => found.every(finished),
      180,
    );
    assertOnce(workflows, registered);
    assert.ok(workflows.every(({ status }) => status === 'ACTIVE'));
    for (const id of imports.values()) {
      const { sequenceStoreId } = ground;
      const get = () => omics.send(new GetReadSetImportJobCommand({ sequenceStoreId, id }));
      const done = await until(get, finished, 180);
      assert.equal(done.status, 'COMPLETED', JSON.stringify(done.sources));
    }
    const readSets = await listReadSets(clientsOf(survivor), ground);
    const imported = numbers.filter((number) => number % IMPORT_EACH === 0).map((number) => `job ${number}`);
    assertOnce(readSets, imported);
    for (const { id } of readSets.slice(0, 5)) {
      const bytes = await readReads(clientsOf(survivor), ground, id!);
      assert.equal(gunzipSync(bytes).toString(), reads);
    }
  });

  test('a run whose server dies is finished by the other', async () => {
    await survivor.stop(); // so that the run is the mortal one's
    const workflowId = await createWorkflow(clientsOf(mortal), RUN);
    await put(clientsOf(mortal), 'text.txt', 'a quiet word\n');
    const id = await startRun(clientsOf(mortal), ground, workflowId, { text: uri('text.txt') });
    await until(
      () => clientsOf(mortal).omics.send(new ListRunTasksCommand({ id })),
      ({ items }) => items!.some(({ status }) => status === 'COMPLETED'),
    );
    survivor = await start('survivor');
    await killAndStart();
    const ended = await until(() => clientsOf(survivor).omics.send(new GetRunCommand({ id })), finished, 120);
    assert.equal(ended.status, 'COMPLETED', `${ended.failureReason} ${ended.statusMessage}`);
    const { items } = await clientsOf(survivor).omics.send(new ListRunTasksCommand({ id }));
    assert.equal(items!.filter(({ status }) => status === 'COMPLETED').length, 2);
  });

  test('no resource changed twice to the same status, and no job is left', async () => {
    const client = new pg.Client({ connectionString: shared.database });
    await client.connect();
    // A task that was in a sandbox of the dead server is run again, as a new attempt.
    const twice = await client.query(
      `select kind, id, to_status from outbox where type = 'transition' and kind <> 'task'
       group by 1, 2, 3 having count(*) > 1`,
    );
    // A job ends a little later than what it tells of, once it has cleared up.
    await until(
      () => client.query("select kind, subject, status from job where status not in ('done', 'cancelled')"),
      ({ rows }) => rows.length === 0,
    );
    await client.end();
    assert.deepEqual(twice.rows, []);
  });

  test('records and bytes agree: helicase fsck says so', async () => {
    await Promise.all([mortal.stop(), survivor.stop()]);
    const args = ['fsck', '--deep', '--data', dataOf('survivor'), ...shared.flags];
    // What the killed server was writing is buried once its lease is over.
    const checked = await until(
      () => helicase(args, shared.environment),
      ({ stdout }) => !stdout.includes('other server processes'),
      30,
    );
    assert.equal(checked.status, 0, checked.stdout + checked.stderr);
  });
});

async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const waiting = [...items];
  const worker = async () => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: SUBMITTED_AT_ONCE }, worker));
}

async function listWorkflows({ omics }: Clients) {
  const found = [];
  for await (const { items } of paginateListWorkflows({ client: omics }, {})) found.push(...(items ?? []));
  return found;
}

async function listReadSets({ omics }: Clients, { sequenceStoreId }: Ground) {
  const found = [];
  for await (const { readSets } of paginateListReadSets({ client: omics }, { sequenceStoreId }))
    found.push(...(readSets ?? []));
  return found;
}
