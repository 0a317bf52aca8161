import {
  CreateApiDestinationCommand,
  CreateConnectionCommand,
  EventBridgeClient,
  PutRuleCommand,
  PutTargetsCommand,
} from '@aws-sdk/client-eventbridge';
import { CreateRunGroupCommand, DeleteRunGroupCommand, type OmicsClient } from '@aws-sdk/client-omics';
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { text } from 'node:stream/consumers';
import { readCredentials } from '@helicase/server';
import { awsClients } from '../packages/cli/demo/clients.ts';
import { seededRandom } from '../packages/cli/demo/random.ts';
import { type ServerProcess, startServer } from '../packages/cli/demo/server-process.ts';
import { until } from './world.ts';

// Changes by several clients at once, and kill -9 at seeded moments: a target hears of every change that a client got
// an answer for, in the order of its resource, and of none that nobody asked for. `npm run test:events` does 10,000
// changes with 50 kills.
const CHANGES = Number(process.env['HELICASE_EVENT_CHANGES'] ?? 120);
const KILLS = Number(process.env['HELICASE_EVENT_KILLS'] ?? 3);
const CLIENTS = 8;

interface Told {
  readonly id: string;
  readonly group: string;
  readonly status: string;
}

describe('events and kill -9', { timeout: 3_600_000 }, () => {
  let folder: string;
  let data: string;
  let server: ServerProcess;
  let target: Server;
  const { next: random } = seededRandom(20_261_126);
  const told: Told[] = [];
  /** By run group: the statuses whose change was answered. */
  const answered = new Map<string, string[]>();
  /** Deletions that may or may not have happened: their server died before it answered. */
  const unsure = new Set<string>();
  let diedOn = 0;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'helicase-events-'));
    data = join(folder, 'data');
    server = await startServer(data);
    target = createServer((request, response) => {
      void text(request).then((body) => {
        const { detail, id } = JSON.parse(body) as { id: string; detail: { id: string; status: string } };
        told.push({ id, group: detail.id, status: detail.status });
        response.end();
      });
    });
    await new Promise<void>((resolve) => target.listen(0, '127.0.0.1', resolve));
    await tellTarget(`http://127.0.0.1:${(target.address() as AddressInfo).port}/`);
  });
  after(async () => {
    await server.stop();
    target.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test('every change is told, in order for its resource, and none that nobody made', async () => {
    const perKill = Math.ceil(CHANGES / (KILLS + 1));
    for (let kill = 0; kill <= KILLS; kill += 1) {
      await work(perKill, kill < KILLS);
      if (kill < KILLS) server = await startServer(data);
    }
    const missing = () => {
      const heard = Map.groupBy(told, ({ group }) => group);
      return [...answered].flatMap(([group, statuses]) => {
        const of = heard.get(group)?.map(({ status }) => status) ?? [];
        return statuses.filter((status) => !of.includes(status)).map((status) => `${group} ${status}`);
      });
    };
    await until(
      async () => missing(),
      (left) => left.length === 0,
      300,
    );

    for (const [group, of] of Map.groupBy(told, (each) => each.group)) {
      // Once more is allowed, with the same id; by the first telling of each the order is the resource's.
      const statuses = [...new Set(of.map(({ status }) => status))];
      const ids = new Set(of.map(({ id }) => id));
      assert.equal(ids.size, statuses.length, `${group} has two events of one change`);
      const asked = answered.get(group) ?? ['ACTIVE'];
      const possible = unsure.has(group) ? [...asked, 'DELETED'] : asked;
      assert.deepEqual(statuses, possible.slice(0, statuses.length), `the order of ${group}`);
    }
    const unknown = [...new Set(told.map(({ group }) => group))].filter((group) => !answered.has(group));
    assert.ok(unknown.length <= diedOn, `${unknown.length} groups that nobody got an answer for`);
  });

  async function tellTarget(InvocationEndpoint: string): Promise<void> {
    const credentials = readCredentials(data)!;
    const events = new EventBridgeClient({ endpoint: server.url, region: credentials.region, credentials });
    const ApiKeyAuthParameters = { ApiKeyName: 'x-key', ApiKeyValue: 'secret' };
    const { ConnectionArn } = await events.send(
      new CreateConnectionCommand({
        ...{ Name: 'key', AuthorizationType: 'API_KEY', AuthParameters: { ApiKeyAuthParameters } },
      }),
    );
    const { ApiDestinationArn: Arn } = await events.send(
      new CreateApiDestinationCommand({
        Name: 'hook',
        ConnectionArn,
        InvocationEndpoint,
        HttpMethod: 'POST',
      }),
    );
    const pattern = { source: ['aws.omics'], 'detail-type': ['Run Group Status Change'] };
    await events.send(new PutRuleCommand({ Name: 'groups', EventPattern: JSON.stringify(pattern) }));
    await events.send(new PutTargetsCommand({ Rule: 'groups', Targets: [{ Id: 'hook', Arn }] }));
  }

  /** Clients that make and delete run groups until the changes are done, or the server dies at one of them. */
  async function work(changes: number, dies: boolean): Promise<void> {
    const { omics } = awsClients(server.url, { ...readCredentials(data)! });
    omics.config.maxAttempts = async () => 1;
    let left = changes;
    const moment = dies ? Math.floor(random() * changes) : -1;
    const isUp = () => server.process.exitCode === null && server.process.signalCode === null;
    const client = async () => {
      while (left > 0 && isUp()) {
        left -= 1;
        if (left === moment) server.process.kill('SIGKILL');
        await change(omics);
      }
    };
    await Promise.all(Array.from({ length: CLIENTS }, client));
    if (dies && server.process.signalCode === null)
      await new Promise((resolve) => server.process.once('exit', resolve));
  }

  async function change(omics: OmicsClient): Promise<void> {
    let id: string | undefined;
    try {
      id = (await omics.send(new CreateRunGroupCommand({ name: 'group' }))).id!;
      answered.set(id, ['ACTIVE']);
      if (random() < 0.5) return;
      await omics.send(new DeleteRunGroupCommand({ id }));
      answered.get(id)!.push('DELETED');
    } catch {
      diedOn += 1;
      if (id !== undefined) unsure.add(id);
    }
  }
});
