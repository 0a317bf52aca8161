import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { Readable } from 'node:stream';
import { after, before, beforeEach, describe, test } from 'node:test';
import * as omics from '@aws-sdk/client-omics';
import { type Log, ServiceError } from '@helicase/kernel';
import {
  type AnyOperation,
  type Authorizer,
  defineOperation,
  type IdempotencyStore,
  type OperationContext,
  type RequestObserver,
  type Service,
} from './operation.ts';
import { ask, type Asked } from './testing/sign.ts';
import { ACCOUNTS, startGateway, type TestGateway } from './testing/start-gateway.ts';

type Input = Record<string, unknown>;
let handle: (input: Input, context: OperationContext) => Promise<unknown> = async () => ({});

function entry(name: string): AnyOperation {
  return defineOperation<Input, unknown>({
    name,
    action: `omics:${name}`,
    resources: (input, { scope }) => [
      `arn:aws:omics:${scope.region}:${scope.account}:run/${String(input['id'])}`,
    ],
    readOnly: false,
    quota: name,
    handler: (input, context) => handle(input, context),
  });
}
const service: Service = {
  name: 'omics',
  protocol: 'restJson1',
  schemas: omics,
  operations: ['GetRun', 'StartRun', 'GetReadSet', 'ListRuns'].map(entry),
  constraints: { GetRun: { id: { min: 1, max: 18, pattern: '[0-9]+' } } },
};

/** As the records' store behaves, for one process. */
class Answers implements IdempotencyStore {
  readonly known = new Map<string, { fingerprint: string; output: unknown }>();
  readonly transactions: (object | undefined)[] = [];
  /** A dead server abandons nothing. */
  dead = false;
  async recall(
    ...[scope, operation, token, fingerprint]: Parameters<IdempotencyStore['recall']>
  ): Promise<unknown> {
    const found = this.known.get(`${scope.account} ${operation} ${token}`);
    if (found && found.fingerprint !== fingerprint)
      throw new ServiceError('k', 'ConflictException', 409, 'reused');
    return found?.output;
  }
  async remember(
    ...[scope, operation, token, fingerprint, output, transaction]: Parameters<IdempotencyStore['remember']>
  ) {
    this.transactions.push(transaction);
    this.known.set(`${scope.account} ${operation} ${token}`, {
      fingerprint,
      output: structuredClone(output),
    });
  }
  async abandon(...[scope, operation, token]: Parameters<NonNullable<IdempotencyStore['abandon']>>) {
    if (!this.dead) this.known.delete(`${scope.account} ${operation} ${token}`);
  }
}

describe('the steps of a request', () => {
  let gateway: TestGateway;
  const logged: object[] = [];
  const log: Log = { debug() {}, info() {}, warn() {}, error: (facts) => logged.push(facts) };
  const observed: { operation: string; status: number; code?: string; account: string }[] = [];
  let admit: RequestObserver['admit'];
  let authorizer: Authorizer['authorize'] = async () => ({ allowed: true });
  const answers = new Answers();
  before(async () => {
    gateway = await startGateway(
      {
        services: [service],
        authorizer: { authorize: (question) => authorizer(question) },
        idempotency: answers,
        observers: [
          {
            admit: async (call) => admit?.(call),
            record: ({ operation, context }, { code, status }) =>
              void observed.push({
                operation: operation.name,
                account: context.scope.account,
                status,
                ...(code ? { code } : {}),
              }),
          },
        ],
      },
      log,
    );
  });
  beforeEach(() => {
    admit = undefined;
    authorizer = async () => ({ allowed: true });
    handle = async () => ({});
    observed.length = 0;
    logged.length = 0;
  });
  after(() => gateway.close());

  const getRun: Asked = { target: '/run/1234567' };
  const startRun = (token: string, more = ''): Asked => ({
    method: 'POST',
    target: '/run',
    body: `{"workflowId":"1","roleArn":"arn:aws:iam::1:role/r","outputUri":"s3://b/o","requestId":"${token}"${more}}`,
  });
  const message = (text: string) => (JSON.parse(text) as { message: string }).message;

  test('an error of the catalogue answers its code, status and message', async () => {
    handle = async () => {
      throw new ServiceError('k', 'ResourceNotFoundException', 404, 'Run 1234567 does not exist.');
    };
    const answer = await ask(gateway.port, getRun);
    assert.equal(answer.status, 404);
    assert.equal(answer.headers['x-amzn-errortype'], 'ResourceNotFoundException');
    assert.deepEqual(JSON.parse(answer.text), { message: 'Run 1234567 does not exist.' });
    assert.deepEqual(observed, [
      { operation: 'GetRun', account: ACCOUNTS.first, status: 404, code: 'ResourceNotFoundException' },
    ]);
  });

  test('a fault of ours answers 500 and says nothing of its inside, which the log has under the request id', async () => {
    const fault = new Error('SELECT secret FROM table');
    handle = async () => {
      throw fault;
    };
    const answer = await ask(gateway.port, getRun);
    assert.equal(answer.status, 500);
    assert.equal(answer.headers['x-amzn-errortype'], 'InternalServerException');
    assert.ok(!answer.text.includes('SELECT'));
    const requestId = answer.headers['x-amzn-requestid'];
    assert.ok(message(answer.text).includes(String(requestId)));
    assert.deepEqual(logged, [{ requestId, error: fault }]);
  });

  test('violated constraints come before authorization, all in one message', async () => {
    let asked = false;
    authorizer = async () => {
      asked = true;
      return { allowed: false, message: 'no' };
    };
    const answer = await ask(gateway.port, { target: '/run/abcdefghijklmnopqrstuvwxyz' });
    assert.equal(answer.status, 400);
    assert.equal(answer.headers['x-amzn-errortype'], 'ValidationException');
    assert.match(
      message(answer.text),
      /^2 validation errors detected: Value 'abc.*length less than or equal to 18; Value/,
    );
    assert.equal(asked, false);
  });

  test('an operation without handler is refused after validation', async () => {
    const invalid = await ask(gateway.port, { method: 'POST', target: '/sequencestore', body: '{}' });
    assert.equal(invalid.headers['x-amzn-errortype'], 'ValidationException');
    assert.match(message(invalid.text), /'name' failed to satisfy constraint: Member must not be null/);
    const answer = await ask(gateway.port, {
      method: 'POST',
      target: '/sequencestore',
      body: '{"name":"x"}',
    });
    assert.equal(answer.status, 405);
    assert.equal(answer.headers['x-amzn-errortype'], 'NotSupportedOperationException');
    assert.equal(observed.at(-1)!.operation, 'CreateSequenceStore');
  });

  for (const [method, target] of [
    ['GET', '/nothing/here'],
    ['DELETE', '/run'],
    ['GET', '/run/1/2/3/4'],
    ['GET', '//run'],
  ] as const) {
    test(`${method} ${target} is no operation`, async () => {
      const answer = await ask(gateway.port, { method, target });
      assert.equal(answer.status, 404);
      assert.equal(answer.headers['x-amzn-errortype'], 'UnknownOperationException');
    });
  }

  test('who may not is told which action on which resource', async () => {
    authorizer = async ({ principal, action, resources }) => ({
      allowed: false,
      message: `User: ${principal.arn} is not authorized to perform: ${action} on resource: ${resources.join()}`,
    });
    const answer = await ask(gateway.port, getRun);
    assert.equal(answer.status, 403);
    assert.equal(answer.headers['x-amzn-errortype'], 'AccessDeniedException');
    assert.equal(
      message(answer.text),
      `User: arn:aws:iam::${ACCOUNTS.first}:root is not authorized to perform: omics:GetRun on resource: arn:aws:omics:us-east-1:${ACCOUNTS.first}:run/1234567`,
    );
    assert.equal(observed[0]!.code, 'AccessDeniedException');
  });

  test('an observer may refuse, after authorization and before the handler', async () => {
    let handled = false;
    handle = async () => {
      handled = true;
      return {};
    };
    admit = async ({ operation }) => {
      throw new ServiceError('k', 'ThrottlingException', 429, `Rate of ${operation.name} exceeded`);
    };
    const answer = await ask(gateway.port, getRun);
    assert.equal(answer.status, 429);
    assert.equal(handled, false);
  });

  describe('idempotency tokens', () => {
    test('a repetition gets the first answer, the handler runs once', async () => {
      let runs = 0;
      handle = async () => ({ id: String(++runs), creationTime: new Date() });
      const first = await ask(gateway.port, startRun('t1'));
      const second = await ask(gateway.port, startRun('t1'));
      assert.equal(first.status, 201);
      assert.deepEqual([second.status, second.text], [first.status, first.text]);
      assert.equal(runs, 1);
      await ask(gateway.port, startRun('t2'));
      assert.equal(runs, 2);
    });

    test('another request with the same token is a conflict, the order of its members no other request', async () => {
      await ask(gateway.port, startRun('t3', ',"name":"a","tags":{"x":"1","y":"2"}'));
      assert.equal(
        (await ask(gateway.port, startRun('t3', ',"tags":{"y":"2","x":"1"},"name":"a"'))).status,
        201,
      );
      const other = await ask(gateway.port, startRun('t3', ',"name":"b"'));
      assert.equal(other.status, 409);
    });

    test('an answer that the handler kept in its transaction is given again, though the handler then died', async () => {
      const transaction = {};
      handle = async (_, { remember }) => {
        await remember!(transaction, { id: '7' });
        throw new Error('the server dies here');
      };
      answers.dead = true;
      await ask(gateway.port, startRun('kept'));
      answers.dead = false;
      handle = async () => ({ id: '8' });
      const again = await ask(gateway.port, startRun('kept'));
      assert.deepEqual([again.status, JSON.parse(again.text)], [201, { id: '7' }]);
      assert.equal(answers.transactions.at(-1), transaction);
    });

    test('a failure is not remembered', async () => {
      handle = async () => {
        throw new ServiceError('k', 'ServiceQuotaExceededException', 402, 'full');
      };
      assert.equal((await ask(gateway.port, startRun('t4'))).status, 402);
      handle = async () => ({ id: '9' });
      assert.equal((await ask(gateway.port, startRun('t4'))).status, 201);
    });
  });

  describe('requests that no client sends', () => {
    const malformed: readonly (readonly [string, Asked, RegExp])[] = [
      ['JSON that is cut', { method: 'POST', target: '/run', body: '{"workflowId":"1' }, /not JSON/],
      ['JSON that is no object', { method: 'POST', target: '/run', body: '[1]' }, /not a JSON object/],
      [
        'bytes that are not UTF-8',
        { method: 'POST', target: '/run', body: Buffer.from([0x7b, 0xff, 0x7d]) },
        /UTF-8/,
      ],
      [
        'JSON that nests without end',
        { method: 'POST', target: '/run', body: '{"parameters":'.repeat(50_000) },
        /deeper/,
      ],
      [
        'members of other types, all named',
        { method: 'POST', target: '/run', body: '{"workflowId":1,"priority":"high","tags":[]}' },
        /'1' at 'workflowId' is a number; expected a string.*'priority' is a string; expected a number.*'tags' is a list/,
      ],
      ['a number in the query that is none', { target: '/run?maxResults=many' }, /'many' at 'maxResults'/],
      ['percent signs that encode nothing', { target: '/run/%zz' }, /percent-encoded/],
      ['bytes in the query that are not UTF-8', { target: '/run?name=%ff' }, /percent-encoded/],
    ];
    for (const [what, asked, expected] of malformed) {
      test(`${what}: SerializationException`, async () => {
        const { signMalformed } = await import('./testing/sign-raw.ts');
        const answer = await signMalformed(gateway.port, asked);
        assert.equal(answer.status, 400, answer.text);
        assert.equal(answer.headers['x-amzn-errortype'], 'SerializationException');
        assert.match(message(answer.text), expected);
      });
    }

    test('a body larger than any operation takes is refused without being read to its end', async () => {
      const answer = await ask(gateway.port, {
        method: 'POST',
        target: '/run',
        body: Buffer.alloc(17 * 1024 * 1024),
      });
      assert.equal(answer.status, 413);
    });

    test('a member named __proto__ is a key like others', async () => {
      let tags: object = {};
      handle = async (input) => {
        tags = input['tags'] as object;
        return { id: '1' };
      };
      await ask(gateway.port, startRun('t5', ',"tags":{"__proto__":"x"}'));
      assert.deepEqual(Object.entries(tags), [['__proto__', 'x']]);
    });

    test('absolute-form targets and prefixed hosts name the same operation', async () => {
      const { signRaw } = await import('./testing/sign-raw.ts');
      const headers = await signRaw(gateway.port, 'workflows-example.test');
      const text = await raw(gateway.port, 'GET http://workflows-example.test/run/1234567 HTTP/1.1', headers);
      assert.match(text, /^HTTP\/1.1 200/);
    });

    for (const lines of [
      ['GET /run HTTP/1.1', 'Host: x', 'Authorization: a', 'Authorization: b'],
      ['GET /run HTTP/1.1', 'Host: x', 'Host: y', 'X-Amz-Date: 1', 'X-Amz-Date: 2'],
      ['GET ? HTTP/1.1', 'Host: x'],
      ['OPTIONS * HTTP/1.1', 'Host: x'],
      ['GET http:// HTTP/1.1', 'Host: x'],
      [`GET /run?${'a=b&'.repeat(5000)} HTTP/1.1`, 'Host: x'],
      ['GET /run HTTP/1.1', 'Host: x', `X-Amz-Meta: ${'a'.repeat(60_000)}`],
      ['GET /run HTTP/1.1', 'Host: x', `Authorization: AWS4-HMAC-SHA256 ${'Credential=,'.repeat(3000)}`],
    ]) {
      test(`${lines.join(' ').slice(0, 60)} gets an answer`, async () => {
        const text = await raw(gateway.port, lines[0]!, lines.slice(1));
        assert.match(text, /^HTTP\/1.1 4\d\d/);
        assert.equal((await ask(gateway.port, getRun)).status, 200);
      });
    }
  });

  test('a client that goes away aborts its handler', async () => {
    const aborted = new Promise<void>((resolve) => {
      handle = (_, { signal }) => new Promise(() => signal.addEventListener('abort', () => resolve()));
    });
    const started = new Promise<void>((resolve) => {
      const before = handle;
      handle = (input, context) => {
        resolve();
        return before(input, context);
      };
    });
    const { Agent } = await import('node:http');
    const agent = new Agent();
    const answer = ask(gateway.port, { ...getRun, agent }).catch(() => 'gone');
    await started;
    agent.destroy();
    await aborted;
    assert.equal(await answer, 'gone');
  });

  test('an answer that fails midway is cut, so that nobody takes it for whole', async () => {
    handle = async () => {
      const stream = Readable.from(
        (async function* () {
          yield Buffer.alloc(1000);
          throw new Error('disk');
        })(),
      );
      return { payload: { stream, length: 5000 } };
    };
    await assert.rejects(
      ask(gateway.port, { target: '/sequencestore/1234567890/readset/1234567890?partNumber=1' }),
      /aborted|hang up|ECONNRESET/,
    );
    assert.equal(logged.length, 1);
  });

  test('a stream is let go of when the client goes away', async () => {
    let stream: Readable | undefined;
    handle = async () => {
      stream = new Readable({
        read() {
          this.push(Buffer.alloc(65_536));
        },
      });
      return { payload: { stream, length: 1_000_000_000 } };
    };
    const { Agent } = await import('node:http');
    const agent = new Agent();
    const answer = ask(gateway.port, {
      target: '/sequencestore/1234567890/readset/1234567890?partNumber=1',
      agent,
    });
    const ended = answer.catch(() => 'gone');
    while (!stream) await new Promise((resolve) => setTimeout(resolve, 5));
    const closed = new Promise<void>((resolve) => stream!.on('close', () => resolve()));
    agent.destroy();
    await closed;
    assert.equal(await ended, 'gone');
  });
});

/** Sends these lines and gives what comes back until the server closes. */
function raw(port: number, line: string, headers: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.write(`${[line, ...headers, 'Connection: close'].join('\r\n')}\r\n\r\n`);
    });
    let text = '';
    socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
    socket.on('close', () => resolve(text));
    socket.on('error', reject);
  });
}
