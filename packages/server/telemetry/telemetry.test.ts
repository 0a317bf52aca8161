import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import { rootPrincipal, silentLog, systemClock } from '@helicase/kernel';
import type { OutboxEvent } from '@helicase/records';
import type { ObservedCall } from '@helicase/wire';
import type { RunTimes } from '@helicase/workflows';
import { Telemetry } from './telemetry.ts';

// Values and names as OpenTelemetry's OTLP specification has them in JSON: times in nanoseconds as texts, kind 2 for a
// server's span, status code 2 for an error, and absent where unset.

const SCOPE = { account: '123456789012', region: 'us-east-1' };
const BEGUN = Date.UTC(2026, 10, 25, 12);

interface Span {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly { readonly key: string; readonly value: object }[];
  readonly status: { readonly code?: number; readonly message?: string };
}

const call: ObservedCall = {
  service: 'omics',
  operation: { name: 'StartRun', action: 'omics:StartRun', readOnly: false, quota: 'StartRun' },
  resources: [],
  input: { parameters: { patient: 'Ada' } },
  context: {
    ...{ scope: SCOPE, principal: rootPrincipal(SCOPE.account), requestId: 'request-1' },
    ...{ signal: new AbortController().signal, endpoint: 'http://127.0.0.1' },
  },
  origin: {
    ...{ address: '127.0.0.1', userAgent: 'aws-cli', secure: false, receivedAt: BEGUN },
    traceParent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  },
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
};

const run: RunTimes = {
  ...{ id: '1234567', uuid: '8b3e5a0e-31b8-4b6b-a33f-0e2f3a1c9f6b', name: 'trio', workflowId: '7654321' },
  ...{ status: 'FAILED', message: 'WORKFLOW_RUN_FAILED', createdAt: BEGUN, startedAt: BEGUN + 1_000 },
  stoppedAt: BEGUN + 9_000,
  tasks: [
    {
      ...{ id: '1', name: 'align', status: 'COMPLETED', createdAt: BEGUN + 2_000, startedAt: BEGUN + 3_000 },
      ...{ stoppedAt: BEGUN + 8_000, cpus: 2, memoryGiB: 4, gpus: 0, instanceType: 'omics.c.large' },
      cached: false,
    },
  ],
};

const ended: OutboxEvent = {
  ...{
    position: 2,
    scope: SCOPE,
    kind: 'run',
    id: run.id,
    type: 'transition',
    from: 'RUNNING',
    to: 'FAILED',
  },
  ...{ why: undefined, message: undefined, at: BEGUN + 9_000, revision: 5, notice: undefined },
};

describe('telemetry, as a collector gets it', () => {
  const bodies: { readonly path: string; readonly body: Record<string, unknown> }[] = [];
  const collector = createServer((request, response) => {
    void json(request).then((body) => {
      bodies.push({ path: request.url!, body: body as Record<string, unknown> });
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  });
  let telemetry: Telemetry;
  before(async () => {
    collector.listen(0, '127.0.0.1');
    await once(collector, 'listening');
    const told = Promise.withResolvers<void>();
    telemetry = new Telemetry({
      endpoint: `http://127.0.0.1:${(collector.address() as AddressInfo).port}`,
      ...{ clock: { ...systemClock, now: () => BEGUN + 40 }, log: silentLog },
      records: {
        lastPosition: async () => 1,
        events: async (position) => (position < 2 ? [ended] : []),
      },
      calls: () => [{ service: 'omics', operation: 'StartRun', status: 201, count: 3 }],
      times: async () => {
        told.resolve();
        return run;
      },
    });
    telemetry.start();
    await telemetry.observer.record!(call, { status: 201, output: { id: '1234567' } });
    await telemetry.observer.record!(call, { status: 402, code: 'ServiceQuotaExceededException' });
    await telemetry.observer.record!(call, { status: 500, code: 'InternalServerException' });
    await told.promise;
    await telemetry.stop();
  });
  after(() => collector.close());

  const spans = (): readonly Span[] =>
    bodies
      .filter(({ path }) => path === '/v1/traces')
      .flatMap(({ body }) => body['resourceSpans'] as { scopeSpans: { spans: Span[] }[] }[])
      .flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans));
  const of = (span: Span, key: string) => span.attributes.find((each) => each.key === key)?.value;

  it('a request is a span of the client’s own trace, from its arrival to its answer', () => {
    const [span] = spans().filter(({ name }) => name === 'omics/StartRun');
    assert.equal(span!.traceId, '0af7651916cd43dd8448eb211c80319c');
    assert.equal(span!.parentSpanId, 'b7ad6b7169203331');
    assert.equal(span!.kind, 2);
    assert.equal(span!.startTimeUnixNano, `${BEGUN}000000`);
    assert.equal(span!.endTimeUnixNano, `${BEGUN + 40}000000`);
    assert.deepEqual(of(span!, 'http.response.status_code'), { intValue: 201 });
    assert.deepEqual(of(span!, 'aws.request_id'), { stringValue: 'request-1' });
  });

  it('a client’s fault is no error of the server’s, and is named; a server’s is one', () => {
    const [, refused, failed] = spans().filter(({ name }) => name === 'omics/StartRun');
    assert.equal(refused!.status.code ?? 0, 0);
    assert.deepEqual(of(refused!, 'error.type'), { stringValue: 'ServiceQuotaExceededException' });
    assert.equal(failed!.status.code, 2);
  });

  it('a finished run is a trace, its tasks are spans in it', () => {
    const whole = spans().find(({ name }) => name === 'run trio')!;
    const task = spans().find(({ name }) => name === 'task align')!;
    assert.equal(whole.startTimeUnixNano, `${BEGUN}000000`);
    assert.equal(whole.endTimeUnixNano, `${BEGUN + 9_000}000000`);
    assert.deepEqual({ ...whole.status }, { code: 2, message: 'WORKFLOW_RUN_FAILED' });
    assert.equal(task.traceId, whole.traceId);
    assert.equal(task.parentSpanId, whole.spanId);
    assert.equal(task.startTimeUnixNano, `${BEGUN + 3_000}000000`);
    assert.equal(task.endTimeUnixNano, `${BEGUN + 8_000}000000`);
  });

  it('API calls are counted as the Prometheus page counts them', () => {
    const metrics = bodies.filter(({ path }) => path === '/v1/metrics').at(-1)!;
    const text = JSON.stringify(metrics.body);
    assert.match(text, /"name":"helicase\.api\.calls"/);
    assert.match(text, /"asInt":3|"asDouble":3/);
  });

  it('nothing of what was asked or answered leaves', () => {
    assert.doesNotMatch(JSON.stringify(bodies), /Ada|parameters|AKIAIOSFODNN7EXAMPLE/);
  });
});
