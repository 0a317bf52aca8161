import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, test } from 'node:test';
import {
  CloudWatchLogsClient,
  type LiveTailSessionLogEvent,
  StartLiveTailCommand,
  type StartLiveTailCommandInput,
} from '@aws-sdk/client-cloudwatch-logs';
import { Ids, rootPrincipal, silentLog, systemClock, systemRandom } from '@helicase/kernel';
import { createGateway } from '@helicase/wire';
import { openTestMonitoring, type TestMonitoring } from '../testing.ts';

const ACCOUNT = '111122223333';
const GROUP = '/aws/omics/WorkflowLog';
const ARN = `arn:aws:logs:us-east-1:${ACCOUNT}:log-group:${GROUP}`;
const KEY = {
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
};

describe('StartLiveTail, as the unmodified SDK reads it', { timeout: 60_000 }, () => {
  let room: TestMonitoring;
  let client: CloudWatchLogsClient;
  let close: () => void;

  before(async () => {
    room = await openTestMonitoring('sqlite');
    const principal = rootPrincipal(ACCOUNT);
    const gateway = createGateway({
      services: [room.logs],
      raw: [],
      credentials: { find: async () => ({ secretAccessKey: KEY.secretAccessKey, principal }) },
      authorizer: { authorize: async () => ({ allowed: true }) },
      regions: ['us-east-1'],
      clock: systemClock,
      ids: new Ids(systemClock, systemRandom),
      log: silentLog,
    });
    const server = createServer((request, response) => void gateway.handle(request, response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    client = new CloudWatchLogsClient({
      ...{ endpoint, region: 'us-east-1', credentials: KEY, disableHostPrefix: true, maxAttempts: 1 },
    });
    close = () => {
      client.destroy();
      server.closeAllConnections();
      server.close();
    };
    await write('run/1', 'before the session');
  });
  after(async () => {
    close();
    await room.close();
  });

  const write = async (stream: string, ...messages: string[]) => {
    const events = messages.map((message) => ({ timestamp: Date.now(), message }));
    await room.writer.append(room.context, GROUP, stream, events);
    await room.writer.flush();
  };

  /**
   * Opens a session, writes once it has begun, and gives what it showed until `count` lines were there, with the update
   * after that: what was shown already would be in it.
   */
  const tail = async (
    input: Omit<StartLiveTailCommandInput, 'logGroupIdentifiers'>,
    count: number,
    lines: () => Promise<void>,
  ): Promise<readonly LiveTailSessionLogEvent[]> => {
    const abort = new AbortController();
    const command = new StartLiveTailCommand({ logGroupIdentifiers: [ARN], ...input });
    const { responseStream } = await client.send(command, { abortSignal: abort.signal });
    const found: LiveTailSessionLogEvent[] = [];
    let enough = false;
    for await (const event of responseStream!) {
      if (event.sessionStart) {
        assert.deepEqual(event.sessionStart.logGroupIdentifiers, [ARN]);
        await lines();
      }
      found.push(...(event.sessionUpdate?.sessionResults ?? []));
      if (enough) break;
      enough = found.length >= count;
    }
    abort.abort();
    return found;
  };

  test('shows what is written from its beginning on, each line once', async () => {
    const found = await tail({}, 3, async () => {
      await write('run/1', 'one', 'two');
      await write('run/2', 'three');
    });
    assert.deepEqual(
      found.map(({ logStreamName, message }) => `${logStreamName}: ${message}`),
      ['run/1: one', 'run/1: two', 'run/2: three'],
    );
    assert.equal(found[0]!.logGroupIdentifier, ARN);
    assert.ok(found[0]!.ingestionTime! >= found[0]!.timestamp!);
  });

  test('of some streams and by a pattern', async () => {
    const input = { logStreamNamePrefixes: ['run/1', 'run/3'], logEventFilterPattern: 'ERROR' };
    const found = await tail(input, 2, async () => {
      await write('run/2', 'ERROR of another stream');
      await write('run/1', 'fine', 'ERROR 1');
      await write('run/3', 'ERROR 3');
    });
    assert.deepEqual(found.map(({ message }) => message).sort(), ['ERROR 1', 'ERROR 3']);
  });

  test('is refused for groups that are not there, and for streams of several groups', async () => {
    const start = (input: StartLiveTailCommandInput) => client.send(new StartLiveTailCommand(input));
    const other = ARN.replace(ACCOUNT, '444455556666');
    for (const identifier of [`${ARN}-none`, other])
      await assert.rejects(start({ logGroupIdentifiers: [identifier] }), {
        name: 'ResourceNotFoundException',
      });
    await assert.rejects(start({ logGroupIdentifiers: [ARN, ARN], logStreamNames: ['run/1'] }), {
      name: 'InvalidParameterException',
    });
    await assert.rejects(start({ logGroupIdentifiers: [ARN], logEventFilterPattern: '"open' }), {
      name: 'InvalidParameterException',
    });
  });
});
