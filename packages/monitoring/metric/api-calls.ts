import type { Clock, Log, Scope } from '@helicase/kernel';
import type { CallOutcome, ObservedCall, RequestObserver } from '@helicase/wire';
import type { Measurement } from './metric.ts';
import type { MetricStore } from './metric-store.ts';

/** The APIs whose calls the guide counts in AWS/Omics: "Monitoring HealthOmics with Amazon CloudWatch". */
const COUNTED = new Set([
  ...['CreateReferenceStore', 'DeleteReferenceStore', 'StartReferenceImportJob'],
  ...['CreateSequenceStore', 'DeleteSequenceStore', 'StartReadSetImportJob'],
  ...['StartReadSetActivationJob', 'StartReadSetExportJob'],
  ...['CreateVariantStore', 'DeleteVariantStore', 'StartVariantImportJob', 'CancelVariantImportJob'],
  ...['CreateAnnotationStore', 'DeleteAnnotationStore'],
  ...['StartAnnotationImportJob', 'CancelAnnotationImportJob'],
  ...['CreateWorkflow', 'DeleteWorkflow', 'StartRun', 'CancelRun', 'DeleteRun'],
  ...['CreateRunGroup', 'DeleteRunGroup'],
]);

/** Milliseconds that counts wait for company. */
const INTERVAL = 5_000;

export interface ApiCallsOptions {
  readonly metrics: MetricStore;
  readonly clock: Clock;
  readonly log: Log;
}

/** Calls of one operation that ended with one status, since the server started. */
export interface CallCount {
  readonly service: string;
  readonly operation: string;
  readonly status: number;
  readonly count: number;
}

/** Calls of one operation within a minute that are not in the metrics yet. */
interface WaitingCalls {
  readonly scope: Scope;
  readonly operation: string;
  readonly minute: number;
  count: number;
}

/** Counts API calls: into the accounts' metrics, and for the Prometheus page. */
export class ApiCalls {
  readonly observer: RequestObserver = { record: (call, outcome) => this.#count(call, outcome) };
  readonly #options: ApiCallsOptions;
  readonly #stopping = new AbortController();
  #waiting = new Map<string, WaitingCalls>();
  /** By service, operation and status, since the start. */
  readonly #totals = new Map<string, { -readonly [Member in keyof CallCount]: CallCount[Member] }>();
  #loop: Promise<void> | undefined;

  constructor(options: ApiCallsOptions) {
    this.#options = options;
  }

  start(): void {
    this.#loop = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#loop;
    await this.flush();
  }

  /** In Prometheus' text format, without accounts: anybody who reaches the page may read it. */
  page(): string {
    const name = 'helicase_api_calls_total';
    const lines = this.counts().map((call) => `${name}{${labelsOf(call)}} ${call.count}\n`);
    return `# HELP ${name} API calls since the server started.\n# TYPE ${name} counter\n${lines.join('')}`;
  }

  counts(): readonly CallCount[] {
    return [...this.#totals.values()];
  }

  async flush(): Promise<void> {
    const waiting = this.#waiting;
    if (waiting.size === 0) return;
    this.#waiting = new Map();
    try {
      await this.#options.metrics.add([...waiting.values()].flatMap(measurementsOf));
    } catch (error) {
      this.#options.log.warn({ error }, 'counts of API calls wait: the database does not take them');
      for (const calls of waiting.values()) this.#add(calls);
    }
  }

  #count({ context, operation, service }: ObservedCall, { status }: CallOutcome): void {
    const { name } = operation;
    const key = `${service} ${name} ${status}`;
    const total = this.#totals.get(key);
    if (total) total.count += 1;
    else this.#totals.set(key, { service, operation: name, status, count: 1 });
    if (service !== 'omics') return;
    const minute = Math.floor(this.#options.clock.now() / 60_000) * 60_000;
    this.#add({ scope: context.scope, operation: name, minute, count: 1 });
  }

  #add(calls: WaitingCalls): void {
    const { count, minute, operation, scope } = calls;
    const key = `${scope.account} ${scope.region} ${operation} ${minute}`;
    const before = this.#waiting.get(key);
    if (before) before.count += count;
    else this.#waiting.set(key, calls);
  }

  async #run(): Promise<void> {
    const { clock } = this.#options;
    while (!this.#stopping.signal.aborted) {
      await clock.sleep(INTERVAL, this.#stopping.signal).catch(() => {});
      await this.flush();
    }
  }
}

function measurementsOf({ count, minute, operation, scope }: WaitingCalls): readonly Measurement[] {
  const calls = { unit: 'None', resolution: 60, count, sum: count, min: 1, max: 1 } as const;
  const of = { ...calls, scope, at: minute };
  const used = { Type: 'API', Resource: operation, Service: 'HealthOmics', Class: 'None' };
  const measured = [{ ...of, namespace: 'AWS/Usage', name: 'CallCount', dimensions: used }];
  if (!COUNTED.has(operation)) return measured;
  const counted = { namespace: 'AWS/Omics', name: 'APICallCount', dimensions: { Operation: operation } };
  return [...measured, { ...of, ...counted }];
}

function labelsOf({ operation, service, status }: CallCount): string {
  return `service="${service}",operation="${operation}",status="${status}"`;
}
