import type {
  DescribeApiDestinationResponse,
  DescribeEventBusResponse,
  DescribeRuleResponse,
  ListApiDestinationsResponse,
  ListConnectionsResponse,
  ListEventBusesResponse,
  ListRuleNamesByTargetResponse,
  ListRulesResponse,
  ListTargetsByRuleResponse,
  PutEventsResponse,
} from '@aws-sdk/client-eventbridge';
import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { omicsArn, ServiceError } from '@helicase/kernel';
import { dialectsUnderTest, type Records, type ResourceTable, type Transaction } from '@helicase/records';
import type { OperationCaller } from '@helicase/wire';
import { openTestMonitoring, type TestMonitoring } from '../testing.ts';
import type { BusEvent } from './bus-event.ts';
import { DEAD_LETTERS } from './dead-letter.ts';

type Runs = ResourceTable<{ readonly uuid: string }, 'PENDING' | 'RUNNING' | 'COMPLETED', never, Transaction>;

/** A target on this machine: keeps what it was told, answers as it is asked to. */
interface Listener {
  url: string;
  readonly told: BusEvent[];
  readonly requests: IncomingMessage[];
  answer: (event: BusEvent) => number | 'hang';
  close: () => void;
}

for (const { dialect, skip } of dialectsUnderTest()) {
  describe(`events on ${dialect}`, { skip, timeout: 120_000 }, () => {
    let room: TestMonitoring;
    let runs: Runs;
    let listeners: Listener[];
    let called: unknown[];

    beforeEach(async () => {
      listeners = [];
      called = [];
      const caller: OperationCaller = {
        call: async (actor, request) => void called.push({ as: actor.principal.arn, ...request }),
      };
      room = await openTestMonitoring(dialect, {
        caller,
        declare: (records) => (runs = declareRuns(records)),
      });
      await room.call('CreateConnection', {
        ...{ Name: 'key', AuthorizationType: 'API_KEY' },
        AuthParameters: { ApiKeyAuthParameters: { ApiKeyName: 'x-api-key', ApiKeyValue: 'hush' } },
      });
    });
    afterEach(async () => {
      listeners.forEach((one) => one.close());
      await room.close();
    });

    const { scope } = { scope: { account: '111122223333', region: 'us-east-1' } };
    const runLives = async (id: string) => {
      await runs.insert(room.records.direct, { scope, id, status: 'PENDING', doc: { uuid: `uuid-${id}` } });
      await runs.transition(room.records.direct, scope, id, 'RUNNING');
      await runs.transition(room.records.direct, scope, id, 'COMPLETED');
    };
    const listen = async () => {
      const listener = await openListener();
      listeners.push(listener);
      return listener;
    };
    const tell = async (rule: string, pattern: object, target: object = {}, listener?: Listener) => {
      await room.call('PutRule', { Name: rule, EventPattern: JSON.stringify(pattern) });
      const Arn = listener ? await destination(rule, listener) : undefined;
      await room.call('PutTargets', {
        Rule: rule,
        Targets: [{ Id: 'one', ...(Arn ? { Arn } : {}), ...target }],
      });
    };
    const destination = async (name: string, { url }: Listener) => {
      const { ConnectionArn } = await room.call<{ ConnectionArn: string }>('DescribeConnection', {
        Name: 'key',
      });
      const given = { Name: name, ConnectionArn, InvocationEndpoint: url, HttpMethod: 'POST' };
      return (await room.call<{ ApiDestinationArn: string }>('CreateApiDestination', given))
        .ApiDestinationArn;
    };
    const statuses = ({ told }: Listener, id: string) =>
      told
        .filter(({ resources }) => resources[0]!.endsWith(`run/${id}`))
        .map(({ detail }) => (detail as { status: string }).status);

    it('reach a target that has the key, as the guide shows them, in order for each resource', async () => {
      const listener = await listen();
      await tell('all', { source: ['aws.omics'], 'detail-type': ['Run Status Change'] }, {}, listener);
      await Promise.all(Array.from({ length: 20 }, (_, index) => runLives(`${index}`)));
      await until(() => listener.told.length >= 60);
      for (let index = 0; index < 20; index += 1) {
        assert.deepEqual(statuses(listener, `${index}`), ['PENDING', 'RUNNING', 'COMPLETED']);
      }
      const [event] = listener.told;
      const { id, time, ...rest } = event!;
      assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
      assert.match(time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
      const arn = event!.resources[0]!;
      const number = arn.split('/')[1]!;
      assert.deepEqual(rest, {
        ...{ version: '0', 'detail-type': 'Run Status Change', source: 'aws.omics' },
        ...{ account: scope.account, region: scope.region, resources: [arn] },
        detail: { omicsVersion: '1.0.0', arn, status: 'PENDING', uuid: `uuid-${number}` },
      });
      assert.equal(listener.requests[0]!.headers['x-api-key'], 'hush');
    });

    it('are told once more where the target failed, and kept where it refused them', async () => {
      const listener = await listen();
      let failures = 2;
      listener.answer = (event) => {
        if (event.resources[0]!.endsWith('/bad')) return 400;
        return failures-- > 0 ? 503 : 200;
      };
      await tell('all', { detail: { status: ['COMPLETED'] } }, {}, listener);
      await runLives('bad');
      await runLives('good');
      await until(() => statuses(listener, 'good').length === 1);
      const lines = await until(async () => {
        const { events } = await room.call<{ events: { message: string }[] }>('FilterLogEvents', {
          logGroupName: DEAD_LETTERS,
        });
        return events.length > 0 ? events : undefined;
      });
      assert.equal(lines.length, 1);
      const letter = JSON.parse(lines[0]!.message) as { reason: string; event: BusEvent };
      assert.match(letter.reason, /answered 400/);
      assert.match(letter.event.resources[0]!, /run\/bad$/);
    });

    it('that a target refuses go to the bucket of its dead-letter configuration', async () => {
      const listener = await listen();
      listener.answer = () => 400;
      const Arn = 'arn:aws:s3:::trail-bucket/lost/';
      await tell(
        'all',
        { detail: { status: ['COMPLETED'] } },
        { DeadLetterConfig: { Arn }, RetryPolicy: { MaximumRetryAttempts: 0 } },
        listener,
      );
      await runLives('bad');
      const isLetter = (uri: string) => uri.endsWith('.json');
      const uri = await until(() => [...room.kept.keys()].find(isLetter));
      assert.match(
        uri,
        /^s3:\/\/trail-bucket\/lost\/111122223333\/us-east-1\/default\/all\/one\/[0-9a-f-]{36}\.json$/,
      );
      const letter = JSON.parse(Buffer.from(room.kept.get(uri)!.body).toString()) as {
        reason: string;
        event: BusEvent;
      };
      assert.match(letter.reason, /answered 400/);
      assert.match(letter.event.resources[0]!, /run\/bad$/);
      const group = 'arn:aws:logs:us-east-1:111122223333:log-group:/g';
      const put = (arn: string) =>
        tell('other', { source: ['a'] }, { Arn: group, DeadLetterConfig: { Arn: arn } });
      await assert.rejects(put('arn:aws:s3:::no-such-bucket'), /bucket does not exist/);
      await assert.rejects(put('arn:aws:sqs:us-east-1:111122223333:q'), /kept in buckets/);
    });

    it('of one target do not wait for another that hangs', async () => {
      const [hanging, quick] = [await listen(), await listen()];
      hanging.answer = () => 'hang';
      await tell('hangs', { source: ['aws.omics'] }, {}, hanging);
      await tell('quick', { source: ['aws.omics'] }, {}, quick);
      await runLives('1');
      await until(() => quick.told.length === 3);
    });

    it('go to a log group, and start an operation as a role with an input made of the event', async () => {
      const group = `arn:aws:logs:us-east-1:111122223333:log-group:/aws/events/runs`;
      await tell('logs', { detail: { status: ['COMPLETED'] } }, { Arn: group });
      await tell(
        'starts',
        { detail: { status: ['COMPLETED'] } },
        {
          Arn: 'arn:aws:scheduler:::aws-sdk:omics:startRun',
          RoleArn: 'arn:aws:iam::111122223333:role/starter',
          InputTransformer: {
            InputPathsMap: { uuid: '$.detail.uuid' },
            InputTemplate: '{"workflowId": "1", "name": <uuid>}',
          },
        },
      );
      await runLives('7');
      await until(() => called.length === 1);
      assert.deepEqual(called, [
        {
          as: 'arn:aws:iam::111122223333:role/starter',
          ...{ service: 'omics', operation: 'StartRun', input: { workflowId: '1', name: 'uuid-7' } },
          invokedBy: 'events.amazonaws.com',
        },
      ]);
      const events = await until(async () => {
        const found = await room
          .call<{ events: { message: string }[] }>('FilterLogEvents', { logGroupName: '/aws/events/runs' })
          .catch(noGroupYet);
        return found && found.events.length > 0 ? found.events : undefined;
      });
      assert.equal((JSON.parse(events[0]!.message) as BusEvent).resources[0], omicsArn(scope, 'run/7'));
    });

    it('of others go to the bus they name, and what is no event is told for itself', async () => {
      const listener = await listen();
      await room.call('CreateEventBus', { Name: 'mine' });
      await room.call('PutRule', { Name: 'r', EventBusName: 'mine', EventPattern: '{"source": ["my.app"]}' });
      const Arn = await destination('mine', listener);
      await room.call('PutTargets', { Rule: 'r', EventBusName: 'mine', Targets: [{ Id: 'a', Arn }] });
      const entry = { Source: 'my.app', DetailType: 'Sample arrived', Detail: '{"sample": 1}' };
      const { Entries, FailedEntryCount } = await room.call<PutEventsResponse>('PutEvents', {
        Entries: [
          { ...entry, EventBusName: 'mine' },
          entry,
          { ...entry, EventBusName: 'nobody' },
          { ...entry, Detail: '[1]' },
          { ...entry, Source: 'aws.omics' },
        ],
      });
      assert.equal(FailedEntryCount, 3);
      assert.deepEqual(
        Entries!.map(({ ErrorCode }) => ErrorCode),
        [
          ...[
            undefined,
            undefined,
            'ResourceNotFoundException',
            'ValidationException',
            'ValidationException',
          ],
        ],
      );
      await until(() => listener.told.length === 1);
      assert.equal(listener.told[0]!.id, Entries![0]!.EventId);
    });

    it('are not told while a rule is disabled, nor after its target went', async () => {
      const listener = await listen();
      await tell('all', { source: ['aws.omics'] }, {}, listener);
      await room.call('DisableRule', { Name: 'all' });
      await runLives('1');
      await delay(1500);
      await room.call('EnableRule', { Name: 'all' });
      await runLives('2');
      await until(() => statuses(listener, '2').length === 3);
      assert.deepEqual(statuses(listener, '1'), []);
      await assert.rejects(room.call('DeleteRule', { Name: 'all' }), /since it has targets/);
      await room.call('RemoveTargets', { Rule: 'all', Ids: ['one'] });
      const { Targets } = await room.call<ListTargetsByRuleResponse>('ListTargetsByRule', { Rule: 'all' });
      assert.deepEqual(Targets, []);
      await room.call('DeleteRule', { Name: 'all' });
    });

    it('have rules, buses, connections and destinations that are described, listed, and deleted while nothing needs them', async () => {
      const listener = await listen();
      await room.call('CreateEventBus', { Name: 'lab', Tags: [{ Key: 'team', Value: 'a' }] });
      const pattern = JSON.stringify({ source: ['lab.robot'] });
      await room.call('PutRule', {
        Name: 'robots',
        EventBusName: 'lab',
        EventPattern: pattern,
        Description: 'd',
      });
      const Arn = await destination('hook', listener);
      await room.call('PutTargets', { Rule: 'robots', EventBusName: 'lab', Targets: [{ Id: 'hook', Arn }] });

      const rule = await room.call<DescribeRuleResponse>('DescribeRule', {
        Name: 'robots',
        EventBusName: 'lab',
      });
      assert.deepEqual(
        [rule.Name, rule.EventBusName, rule.EventPattern, rule.State, rule.Description],
        ['robots', 'lab', pattern, 'ENABLED', 'd'],
      );
      const names = async (bus: string) =>
        (await room.call<ListRulesResponse>('ListRules', { EventBusName: bus })).Rules!.map(
          ({ Name }) => Name,
        );
      assert.deepEqual([await names('lab'), await names('default')], [['robots'], []]);
      const telling = await room.call<ListRuleNamesByTargetResponse>('ListRuleNamesByTarget', {
        ...{ TargetArn: Arn, EventBusName: 'lab' },
      });
      assert.deepEqual(telling.RuleNames, ['robots']);
      const { EventBuses } = await room.call<ListEventBusesResponse>('ListEventBuses', {});
      assert.deepEqual(EventBuses!.map(({ Name }) => Name).sort(), ['default', 'lab']);
      const bus = await room.call<DescribeEventBusResponse>('DescribeEventBus', { Name: 'lab' });
      assert.equal(bus.Arn, 'arn:aws:events:us-east-1:111122223333:event-bus/lab');

      const { Connections } = await room.call<ListConnectionsResponse>('ListConnections', {});
      assert.deepEqual(
        Connections!.map(({ AuthorizationType, Name }) => [Name, AuthorizationType]),
        [['key', 'API_KEY']],
      );
      const { ApiDestinations } = await room.call<ListApiDestinationsResponse>('ListApiDestinations', {});
      const described = await room.call<DescribeApiDestinationResponse>('DescribeApiDestination', {
        Name: 'hook',
      });
      assert.deepEqual(
        [ApiDestinations![0]!.ApiDestinationArn, described.InvocationEndpoint, described.HttpMethod],
        [Arn, listener.url, 'POST'],
      );
      assert.doesNotMatch(JSON.stringify([Connections, described]), /hush/);

      await assert.rejects(room.call('DeleteEventBus', { Name: 'lab' }), /has 1 rules/);
      await assert.rejects(room.call('DeleteConnection', { Name: 'key' }), /used by API destination hook/);
      await room.call('RemoveTargets', { Rule: 'robots', EventBusName: 'lab', Ids: ['hook'] });
      await room.call('DeleteRule', { Name: 'robots', EventBusName: 'lab' });
      await room.call('DeleteEventBus', { Name: 'lab' });
      await room.call('DeleteApiDestination', { Name: 'hook' });
      await room.call('DeleteConnection', { Name: 'key' });
      for (const [operation, Name] of [
        ['DescribeEventBus', 'lab'],
        ['DescribeApiDestination', 'hook'],
        ['DescribeConnection', 'key'],
      ] as const)
        await assert.rejects(room.call(operation, { Name }), { code: 'ResourceNotFoundException' });
    });

    it('have targets that can be told, or the target is refused', async () => {
      await room.call('PutRule', { Name: 'r', EventPattern: '{"source": ["a"]}' });
      const put = (target: object) =>
        room.call('PutTargets', { Rule: 'r', Targets: [{ Id: 'x', ...target }] });
      await assert.rejects(
        put({ Arn: 'arn:aws:lambda:us-east-1:1:function:f' }),
        /not supported by this server/,
      );
      await assert.rejects(put({ Arn: 'arn:aws:scheduler:::aws-sdk:omics:startRun' }), /needs a RoleArn/);
      await assert.rejects(
        room.call('PutRule', { Name: 's', ScheduleExpression: 'rate(1 hour)' }),
        /EventPattern must be/,
      );
      const url = { InvocationEndpoint: 'http://192.0.2.1/hook', HttpMethod: 'POST', Name: 'd' };
      const { ConnectionArn } = await room.call<{ ConnectionArn: string }>('DescribeConnection', {
        Name: 'key',
      });
      await assert.rejects(room.call('CreateApiDestination', { ...url, ConnectionArn }), /not an HTTPS URL/);
    });
  });
}

function noGroupYet(error: unknown): undefined {
  if (error instanceof ServiceError) return undefined;
  throw error;
}

async function openListener(): Promise<Listener> {
  const told: BusEvent[] = [];
  const requests: IncomingMessage[] = [];
  const listener: Listener = { url: '', told, requests, answer: () => 200, close: () => {} };
  const server: Server = createServer(async (request, response) => {
    const event = JSON.parse(await text(request)) as BusEvent;
    const answer = listener.answer(event);
    if (answer === 'hang') return;
    if (answer === 200) {
      told.push(event);
      requests.push(request);
    }
    response.writeHead(answer).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  listener.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
  listener.close = () => {
    server.closeAllConnections();
    server.close();
  };
  return listener;
}

async function until<T>(ask: () => T | Promise<T>): Promise<NonNullable<T>> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (Date.now() > deadline) throw new Error(`It did not become so: ${ask.toString()}`);
    await delay(50);
  }
}

function declareRuns(records: Records): Runs {
  return records.resource<{ readonly uuid: string }, 'PENDING' | 'RUNNING' | 'COMPLETED'>({
    kind: 'told-run',
    machine: { PENDING: { RUNNING: 'started' }, RUNNING: { COMPLETED: 'done' }, COMPLETED: {} },
    announced: {
      detailType: 'Run Status Change',
      arn: ({ scope, id }) => omicsArn(scope, `run/${id}`),
      detail: ({ doc }) => ({ uuid: doc.uuid }),
    },
  });
}
