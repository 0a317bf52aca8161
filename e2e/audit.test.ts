import { CloudTrailClient, type Event, paginateLookupEvents } from '@aws-sdk/client-cloudtrail';
import {
  CreateRunGroupCommand,
  DeleteRunGroupCommand,
  GetRunGroupCommand,
  ListRunGroupsCommand,
  type OmicsClient,
} from '@aws-sdk/client-omics';
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { readCredentials } from '@helicase/server';
import { awsClients } from '../packages/cli/demo/clients.ts';
import { seededRandom } from '../packages/cli/demo/random.ts';
import { type ServerProcess, startServer } from '../packages/cli/demo/server-process.ts';

// Random operations by several clients at once, and kill -9 at seeded moments: every answer that a client got has
// exactly one audit record. `npm run test:audit` does 10,000 operations with 50 kills.
const OPERATIONS = Number(process.env['HELICASE_AUDIT_OPERATIONS'] ?? 300);
const KILLS = Number(process.env['HELICASE_AUDIT_KILLS'] ?? 3);
const CLIENTS = 8;

describe('audit records and kill -9', { timeout: 1_800_000 }, () => {
  let folder: string;
  let data: string;
  let server: ServerProcess;
  const { next: random } = seededRandom(20_261_125);
  /** Request ids of answers, errors included. */
  const answered: string[] = [];

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'helicase-audit-'));
    data = join(folder, 'data');
    server = await startServer(data);
  });
  after(async () => {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  test('every answer has exactly one record, whenever the server died', async () => {
    const perKill = Math.ceil(OPERATIONS / (KILLS + 1));
    for (let kill = 0; kill <= KILLS; kill += 1) {
      await work(perKill, kill < KILLS);
      if (kill < KILLS) server = await startServer(data);
    }
    const { events } = await recorded();
    const records = Map.groupBy(events, (event) => requestId(event));
    const lost = answered.filter((id) => !records.has(id));
    const twice = [...records.values()].filter((of) => of.length > 1);
    assert.deepEqual({ lost, twice }, { lost: [], twice: [] });
    // The last stretch is answered whole; how much of the others is, the moments of the kills decide.
    assert.ok(answered.length >= perKill, `${answered.length} operations were answered`);
    // Beyond the answers there are records of requests whose answer the dying server could not send any more.
    const unknown = events.length - answered.length;
    assert.ok(unknown >= 0 && unknown <= CLIENTS * KILLS, `${unknown} records without an answer`);
  });

  test('the chain of records is whole', async () => {
    await server.stop();
    const helicase = join(import.meta.dirname, '..', 'packages', 'cli', 'helicase.ts');
    const fsck = spawnSync(process.execPath, [helicase, 'fsck', '--data', data], { encoding: 'utf8' });
    assert.equal(fsck.status, 0, fsck.stdout + fsck.stderr);
    server = await startServer(data);
  });

  /** Clients that ask at random until the operations are done, or the server dies at one of them. */
  async function work(operations: number, dies: boolean): Promise<void> {
    const { omics } = awsClients(server.url, { ...readCredentials(data)! });
    omics.config.maxAttempts = async () => 1;
    let left = operations;
    const moment = dies ? Math.floor(random() * operations) : -1;
    const client = async () => {
      while (left > 0 && server.process.exitCode === null && server.process.signalCode === null) {
        left -= 1;
        if (left === moment) server.process.kill('SIGKILL');
        await ask(omics);
      }
    };
    await Promise.all(Array.from({ length: CLIENTS }, client));
    if (dies && server.process.signalCode === null)
      await new Promise((resolve) => server.process.once('exit', resolve));
  }

  /** One of: create, get, list, delete, and a get of what is not there. */
  async function ask(omics: OmicsClient): Promise<void> {
    const choice = random();
    try {
      const answer =
        choice < 0.3
          ? await omics.send(new CreateRunGroupCommand({ name: 'group' }))
          : choice < 0.6
            ? await omics.send(new GetRunGroupCommand({ id: '1234567' }))
            : choice < 0.9
              ? await omics.send(new ListRunGroupsCommand({ maxResults: 1 }))
              : await omics.send(new DeleteRunGroupCommand({ id: '1234567' }));
      answered.push(answer.$metadata.requestId!);
    } catch (error) {
      const { requestId } = (error as { $metadata?: { requestId?: string } }).$metadata ?? {};
      if (requestId) answered.push(requestId);
    }
  }

  async function recorded(): Promise<{ readonly events: readonly Event[] }> {
    const credentials = readCredentials(data)!;
    const client = new CloudTrailClient({ endpoint: server.url, region: credentials.region, credentials });
    const events: Event[] = [];
    for await (const page of paginateLookupEvents({ client }, {})) events.push(...page.Events!);
    return { events: events.filter(({ EventName }) => EventName !== 'LookupEvents') };
  }
});

function requestId({ CloudTrailEvent }: Event): string {
  return (JSON.parse(CloudTrailEvent!) as { requestID: string }).requestID;
}
