/**
 * Events a second from PutEvents (ten a request, eight clients) through ten rules, each of which matches a tenth of them,
 * to an HTTP target: from the first request to the last delivery. Target: 5,000. Beside it what Node's own `fetch` posts
 * to the same target, 32 at a time, with nothing before it.
 *
 *   node_modules/.bin/node bench/event-delivery.ts [EVENTS]
 */
import {
  CreateApiDestinationCommand,
  CreateConnectionCommand,
  EventBridgeClient,
  PutEventsCommand,
  PutRuleCommand,
  PutTargetsCommand,
} from '@aws-sdk/client-eventbridge';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { startServer } from '../packages/cli/demo/server-process.ts';
import { readCredentials } from '../packages/server/index.ts';

const RULES = 10;
const A_REQUEST = 10;
const CLIENTS = 8;
const POSTS_AT_ONCE = 32;
const TARGET = 5_000;

/** The HTTP target, a process of its own: tells how many different events it got when asked. */
async function takeEvents(): Promise<void> {
  let seen = new Set<string>();
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      seen.add((JSON.parse(body) as { id: string }).id);
      response.end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  process.on('message', (message) => {
    if (message === 'forget') seen = new Set();
    process.send!(seen.size);
  });
  process.send!((server.address() as AddressInfo).port);
}

async function addRules(events: EventBridgeClient, InvocationEndpoint: string): Promise<void> {
  const ApiKeyAuthParameters = { ApiKeyName: 'x-key', ApiKeyValue: 'secret' };
  const { ConnectionArn } = await events.send(
    new CreateConnectionCommand({
      ...{ Name: 'key', AuthorizationType: 'API_KEY', AuthParameters: { ApiKeyAuthParameters } },
    }),
  );
  const destination = { Name: 'hook', ConnectionArn, InvocationEndpoint, HttpMethod: 'POST' } as const;
  const { ApiDestinationArn: Arn } = await events.send(new CreateApiDestinationCommand(destination));
  for (let rule = 0; rule < RULES; rule++) {
    const EventPattern = JSON.stringify({ source: ['lab'], detail: { lane: [rule] } });
    await events.send(new PutRuleCommand({ Name: `lane-${rule}`, EventPattern }));
    await events.send(new PutTargetsCommand({ Rule: `lane-${rule}`, Targets: [{ Id: 'hook', Arn }] }));
  }
}

async function putAll(events: EventBridgeClient, count: number): Promise<void> {
  let next = 0;
  const client = async () => {
    while (next < count) {
      const Entries = Array.from({ length: A_REQUEST }, () => ({
        ...{ Source: 'lab', DetailType: 'Lane Done', Detail: JSON.stringify({ lane: next++ % RULES }) },
      }));
      const { FailedEntryCount } = await events.send(new PutEventsCommand({ Entries }));
      if (FailedEntryCount !== 0) throw new Error(`${FailedEntryCount} events were not taken`);
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
}

async function postAll(url: string, count: number): Promise<void> {
  let next = 0;
  const lane = async () => {
    while (next < count) {
      const answer = await fetch(url, { method: 'POST', body: JSON.stringify({ id: String(next++) }) });
      await answer.body?.cancel();
    }
  };
  await Promise.all(Array.from({ length: POSTS_AT_ONCE }, lane));
}

async function measure(folder: string, count: number): Promise<void> {
  const target = fork(import.meta.filename, ['target'], { stdio: 'inherit' });
  const [port] = (await once(target, 'message')) as [number];
  const asked = async (what: 'count' | 'forget') => {
    target.send(what);
    return ((await once(target, 'message')) as [number])[0];
  };
  const url = `http://127.0.0.1:${port}/`;
  const begunPosts = performance.now();
  await postAll(url, count);
  const posts = count / ((performance.now() - begunPosts) / 1000);
  await asked('forget');
  const server = await startServer(join(folder, 'data'), ['--log-level', 'error']);
  try {
    const credentials = readCredentials(join(folder, 'data'))!;
    const { region } = credentials;
    const events = new EventBridgeClient({ endpoint: server.url, region, credentials });
    await addRules(events, url);
    const begun = performance.now();
    await putAll(events, count);
    const put = count / ((performance.now() - begun) / 1000);
    while ((await asked('count')) < count) await new Promise((resolve) => setTimeout(resolve, 20));
    const rate = count / ((performance.now() - begun) / 1000);
    console.log(
      `${count} events through ${RULES} rules: ${rate.toFixed(0)} a second delivered (target: ${TARGET}); ` +
        `PutEvents took ${put.toFixed(0)} a second; fetch alone posts ${posts.toFixed(0)} a second`,
    );
    if (rate < TARGET) process.exitCode = 1;
  } finally {
    await server.stop();
    target.kill();
  }
}

if (process.argv[2] === 'target') await takeEvents();
else {
  const folder = mkdtempSync(join(tmpdir(), 'event-delivery-'));
  try {
    await measure(folder, Number(process.argv[2] ?? 20_000));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
