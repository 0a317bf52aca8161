/**
 * What audit and metrics cost: requests a second of GetReadSetMetadata and of ListReadSets (100 of 1,000 read sets) that
 * a server answers on 32 connections, through a front door with all its observers and, in turn, through another of the
 * same process without those of monitoring. Target: at most 5 % fewer.
 *
 *   node_modules/.bin/node bench/audit-cost.ts [SECONDS-A-ROUND]
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateSequenceStoreCommand, OmicsClient } from '@aws-sdk/client-omics';
import { Ids, silentLog, systemClock, systemRandom } from '../packages/kernel/index.ts';
import { readConfiguration } from '../packages/server/configuration.ts';
import { dataDirectory, prepareDataDirectory } from '../packages/server/data-directory.ts';
import { makeRooms } from '../packages/server/rooms.ts';
import { createGateway, type RequestObserver } from '../packages/wire/index.ts';
import { type Asked, send, sign } from '../packages/wire/testing/sign.ts';
import { fillReadSets } from './read-set-rows.ts';

const REGION = 'us-east-1';
const CONNECTIONS = 32;
const ROUNDS = 9;
const READ_SETS = 1_000;
const TARGET = 0.95;

interface Opened {
  readonly watched: string;
  readonly bare: string;
  readonly key: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly accountId: string;
}

/** The server's side: one set of rooms behind two doors. */
async function serve(folder: string): Promise<void> {
  const configuration = readConfiguration({ data: folder, regions: REGION }, {});
  const directory = dataDirectory(folder);
  prepareDataDirectory(directory);
  const ids = new Ids(systemClock, systemRandom);
  const effects = { clock: systemClock, random: systemRandom, ids, log: silentLog };
  const rooms = await makeRooms(configuration, directory, effects);
  await rooms.records.open();
  await rooms.monitoring.start();
  const key = await rooms.access.ensureAccount(undefined);
  const door = async (observers: readonly RequestObserver[]) => {
    const gateway = createGateway({
      ...{ ...effects, services: rooms.services, raw: rooms.raw, observers, regions: configuration.regions },
      ...{ credentials: rooms.access.credentials, authorizer: rooms.access.authorizer },
      idempotency: rooms.records.idempotency,
    });
    const server = createServer((request, response) => void gateway.handle(request, response));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  };
  const watched = await door([...rooms.monitoring.observers, rooms.access.observer]);
  const bare = await door([rooms.access.observer]);
  process.on('message', ({ store }: { readonly store: string }) => {
    const scope = { account: key.accountId, region: REGION };
    void fillReadSets(rooms.records, scope, store, READ_SETS).then(() => process.send!('filled'));
  });
  process.send!({ watched, bare, key, accountId: key.accountId });
}

/** Answered requests a second, each signed once before. */
async function rate(url: string, keys: Opened['key'], asked: Asked, seconds: number): Promise<number> {
  const port = Number(new URL(url).port);
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const request = { ...asked, agent, headers: await sign(port, asked, { keys }) };
  const end = performance.now() + seconds * 1000;
  let answers = 0;
  const client = async () => {
    for (; performance.now() < end; answers++) {
      const { status, text } = await send(port, request);
      if (status !== 200) throw new Error(`${status}: ${text}`);
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, client));
  agent.destroy();
  return answers / seconds;
}

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1]!;

async function measure(folder: string, seconds: number): Promise<void> {
  const child = fork(import.meta.filename, ['serve', folder], { stdio: 'inherit' });
  try {
    const [opened] = (await once(child, 'message')) as [Opened];
    const credentials = opened.key;
    const client = new OmicsClient({
      endpoint: opened.bare,
      region: REGION,
      credentials,
      disableHostPrefix: true,
    });
    const { id: store } = await client.send(new CreateSequenceStoreCommand({ name: 'bench' }));
    child.send({ store });
    await once(child, 'message');
    const readSet = BigInt(store!) + 5n;
    const requests: Readonly<Record<string, Asked>> = {
      GetReadSetMetadata: { target: `/sequencestore/${store}/readset/${readSet}/metadata` },
      ListReadSets: {
        ...{ method: 'POST', target: `/sequencestore/${store}/readsets?maxResults=100`, body: '{}' },
        headers: { 'content-type': 'application/json' },
      },
    };
    for (const [name, asked] of Object.entries(requests)) {
      const rates = { watched: [] as number[], bare: [] as number[] };
      for (let round = 0; round < ROUNDS; round++)
        for (const door of ['bare', 'watched'] as const)
          rates[door].push(await rate(opened[door], credentials, asked, seconds));
      const ratio = median(rates.watched) / median(rates.bare);
      console.log(
        `${name}: ${median(rates.watched).toFixed(0)} requests a second, without audit and metrics ` +
          `${median(rates.bare).toFixed(0)}: ${ratio.toFixed(3)} (target: at least ${TARGET})`,
      );
      if (ratio < TARGET) process.exitCode = 1;
    }
  } finally {
    child.kill('SIGKILL');
  }
}

if (process.argv[2] === 'serve') await serve(process.argv[3]!);
else {
  const folder = mkdtempSync(join(tmpdir(), 'audit-cost-'));
  try {
    await measure(folder, Number(process.argv[2] ?? 3));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
