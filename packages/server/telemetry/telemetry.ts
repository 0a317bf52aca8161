import { type Context, defaultTextMapGetter, ROOT_CONTEXT, type Tracer } from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import type { Clock, Log, Scope } from '@helicase/kernel';
import type { CallCount } from '@helicase/monitoring';
import type { Records } from '@helicase/records';
import type { ObservedCall, RequestObserver } from '@helicase/wire';
import type { RunTimes } from '@helicase/workflows';
import { tellRequest } from './request-span.ts';
import { tellRun } from './run-spans.ts';

export interface TelemetryOptions {
  /** Of an OTLP collector that takes JSON over HTTP: `http://127.0.0.1:4318`. */
  readonly endpoint: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly records: Pick<Records, 'events' | 'lastPosition'>;
  /** API calls since the start. */
  calls(): readonly CallCount[];
  times(scope: Scope, runId: string): Promise<RunTimes | undefined>;
}

/** Milliseconds between looks at the outbox. */
const LOOK_INTERVAL = 1_000;
const EVENTS_AT_ONCE = 500;
/** Milliseconds that the last figures may take while the server stops. */
const STOP_PATIENCE = 5_000;

/**
 * Traces and metrics for an OpenTelemetry collector: a span for each request, a trace for each finished run with a span
 * for each task, and counts of API calls. What the collector does not take is dropped: this is for looking at, the
 * audit records are what is kept. Headers, time-outs and sampling by OpenTelemetry's own environment variables.
 */
export class Telemetry {
  readonly observer: RequestObserver;
  readonly #options: TelemetryOptions;
  readonly #tracers: BasicTracerProvider;
  readonly #meters: MeterProvider;
  readonly #tracer: Tracer;
  readonly #stopping = new AbortController();
  #loop: Promise<void> | undefined;

  constructor(options: TelemetryOptions) {
    this.#options = options;
    const resource = resourceFromAttributes({ 'service.name': 'helicase' });
    const traces = new OTLPTraceExporter({ url: `${options.endpoint}/v1/traces` });
    const metrics = new OTLPMetricExporter({ url: `${options.endpoint}/v1/metrics` });
    this.#tracers = new BasicTracerProvider({ resource, spanProcessors: [new BatchSpanProcessor(traces)] });
    this.#meters = new MeterProvider({
      resource,
      readers: [new PeriodicExportingMetricReader({ exporter: metrics })],
    });
    this.#tracer = this.#tracers.getTracer('helicase');
    this.#count();
    const { clock } = options;
    this.observer = {
      record: (call, outcome) => tellRequest(this.#tracer, clientOf(call), call, outcome, clock.now()),
    };
  }

  start(): void {
    this.#loop = this.#follow();
  }

  async stop(): Promise<void> {
    const { clock, log } = this.#options;
    this.#stopping.abort();
    await this.#loop;
    const told = Promise.all([this.#tracers.shutdown(), this.#meters.shutdown()]).catch((error: unknown) =>
      log.warn({ error: String(error) }, 'the last traces and metrics were not taken'),
    );
    const late = new AbortController();
    await Promise.race([told, clock.sleep(STOP_PATIENCE, late.signal).catch(() => {})]);
    late.abort();
  }

  #count(): void {
    const counter = this.#meters.getMeter('helicase').createObservableCounter('helicase.api.calls', {
      description: 'API calls since the server started',
      unit: '{call}',
    });
    counter.addCallback((result) => {
      for (const { count, operation, service, status } of this.#options.calls())
        result.observe(count, {
          ...{ 'rpc.service': service, 'rpc.method': operation, 'http.response.status_code': status },
        });
    });
  }

  /** Runs that end from now on. */
  async #follow(): Promise<void> {
    const { clock, log, records } = this.#options;
    let seen: number | undefined;
    while (!this.#stopping.signal.aborted) {
      try {
        seen = seen === undefined ? await records.lastPosition() : await this.#look(seen);
      } catch (error) {
        log.warn({ error: String(error) }, 'traces of runs wait: the outbox cannot be read');
      }
      await clock.sleep(LOOK_INTERVAL, this.#stopping.signal).catch(() => {});
    }
  }

  async #look(seen: number): Promise<number> {
    const events = await this.#options.records.events(seen, EVENTS_AT_ONCE);
    for (const { id, kind, scope, to } of events) {
      if (kind !== 'run' || (to !== 'COMPLETED' && to !== 'FAILED' && to !== 'CANCELLED')) continue;
      const run = await this.#options.times(scope, id);
      if (run) tellRun(this.#tracer, ROOT_CONTEXT, run);
    }
    return events.at(-1)?.position ?? seen;
  }
}

/** The client's span, where it told of one: ours becomes part of its trace. */
function clientOf({ origin: { traceParent } }: ObservedCall): Context {
  return new W3CTraceContextPropagator().extract(
    ROOT_CONTEXT,
    { traceparent: traceParent },
    defaultTextMapGetter,
  );
}
