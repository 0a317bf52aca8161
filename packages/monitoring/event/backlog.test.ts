import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type Clock, systemClock } from '@helicase/kernel';
import { openTestMonitoring, type TestMonitoring } from '../testing.ts';
import type { BusEvent } from './bus-event.ts';

// Targets that do not take what they are told. `npm run test:events` has them out for an hour of the clock, and a
// million events waiting for one.
const MINUTES = Number(process.env['HELICASE_EVENT_OUTAGE_MINUTES'] ?? 10);
const QUEUE = Number(process.env['HELICASE_EVENT_QUEUE'] ?? 2_000);
/** Milliseconds of the clock that pass in one. */
const HASTE = 600;
/** Bytes that memory may grow by while nine tenths of the queue are added. */
const GROWTH = 48 * 1024 * 1024;
const MINUTE = 60_000;

describe('events that targets do not take', { timeout: 3_000_000 }, () => {
  let room: TestMonitoring;
  let targets: Target[];
  const begun = Date.now();
  const clock: Clock = {
    now: () => begun + (Date.now() - begun) * HASTE,
    sleep: (milliseconds, signal) => systemClock.sleep(milliseconds / HASTE, signal),
  };

  beforeEach(async () => {
    targets = [];
    room = await openTestMonitoring('sqlite', { clock });
    await room.call('CreateConnection', {
      ...{ Name: 'key', AuthorizationType: 'API_KEY' },
      AuthParameters: { ApiKeyAuthParameters: { ApiKeyName: 'x-api-key', ApiKeyValue: 'hush' } },
    });
  });
  afterEach(async () => {
    targets.forEach(({ close }) => close());
    await room.close();
  });

  const target = async (name: string): Promise<Target> => {
    const opened = await openTarget();
    targets.push(opened);
    const connection = await room.call<{ ConnectionArn: string }>('DescribeConnection', { Name: 'key' });
    const { ApiDestinationArn: Arn } = await room.call<{ ApiDestinationArn: string }>(
      'CreateApiDestination',
      {
        ...{ Name: name, ConnectionArn: connection.ConnectionArn },
        ...{ InvocationEndpoint: opened.url, HttpMethod: 'POST' },
      },
    );
    await room.call('PutRule', { Name: name, EventPattern: '{"source": ["lab"]}' });
    await room.call('PutTargets', { Rule: name, Targets: [{ Id: 'one', Arn }] });
    return opened;
  };
  let told = 0;
  const tell = async (count: number) => {
    const { records, context } = room;
    for (let left = count; left > 0; left -= 1000)
      await records.transaction(async (tx) => {
        for (let at = 0; at < Math.min(left, 1000); at += 1) {
          const id = `00000000-0000-4000-8000-${String(told).padStart(12, '0')}`;
          const notice = { source: 'lab', detailType: 'Sample', resources: [], detail: { number: told++ } };
          await records.announce(tx, context.scope, [{ id, notice }]);
        }
      });
  };
  const heard = ({ events }: Target) => new Set(events.map(({ detail }) => detail.number)).size;

  it(`for ${MINUTES} minutes delay no other target, and reach each of them once it takes them again`, async () => {
    const [hanging, refusing, slow, quick] = (await Promise.all(
      ['hanging', 'refusing', 'slow', 'quick'].map(target),
    )) as [Target, Target, Target, Target];
    hanging.answer = () => 'never';
    refusing.answer = () => 503;
    slow.answer = () => delay(1000, 200);
    told = 0;
    const end = clock.now() + MINUTES * MINUTE;
    do {
      await tell(20);
      // Another target's trouble must not keep the quick one from these: it hears them before more are told.
      await until(() => heard(quick) === told);
    } while (clock.now() < end);
    assert.equal(heard(hanging) + heard(refusing), 0);
    for (const each of [hanging, refusing, slow]) each.recover();
    for (const each of [hanging, refusing, slow]) await until(() => heard(each) === told);
    const letters = await room
      .call('FilterLogEvents', { logGroupName: '/aws/events/dead-letters' })
      .catch(({ code }: { code: string }) => code);
    assert.equal(letters, 'ResourceNotFoundException', 'none was given up');
  });

  it(`as many as ${QUEUE} that wait take no memory`, async (test) => {
    const hanging = await target('hanging');
    hanging.answer = () => 'never';
    told = 0;
    await tell(QUEUE / 10);
    const before = memory();
    await tell((QUEUE * 9) / 10);
    await delay(1000);
    const growth = memory() - before;
    test.diagnostic(
      `memory grew by ${(growth / 1024 / 1024).toFixed(1)} MiB while ${QUEUE} events came to wait`,
    );
    assert.ok(growth < GROWTH, `memory grew by ${growth} bytes`);
    hanging.recover();
    const first = Math.min(QUEUE, 20_000);
    await until(() => heard(hanging) >= first);
    assert.deepEqual(
      hanging.events.map(({ detail }) => detail.number).filter((number) => number >= told),
      [],
      'none was invented',
    );
  });
});

/** After what nobody holds any more was let go. */
function memory(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage().heapUsed;
}

interface Target {
  url: string;
  readonly events: (BusEvent & { readonly detail: { readonly number: number } })[];
  answer: () => number | 'never' | Promise<number>;
  /** Takes everything from now on; who still waits for an answer is cut off. */
  recover: () => void;
  close: () => void;
}

async function openTarget(): Promise<Target> {
  const events: Target['events'] = [];
  const server: Server = createServer((request, response) => {
    void text(request).then(async (body) => {
      const status = await opened.answer();
      if (status === 'never') return;
      if (status === 200) events.push(JSON.parse(body) as Target['events'][number]);
      response.writeHead(status).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const opened: Target = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    events,
    answer: () => 200,
    recover() {
      opened.answer = () => 200;
      server.closeAllConnections();
    },
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
  return opened;
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await delay(20);
}
