import * as schemas from '@aws-sdk/client-cloudwatch-logs';
import type { KeyRing, Objects } from '@helicase/blobs';
import type { Clock, Ids, Log, Roles, Scope } from '@helicase/kernel';
import type { Records } from '@helicase/records';
import type {
  AnyOperation,
  Authorizer,
  CallOutcome,
  ObservedCall,
  OperationCaller,
  PageTokens,
  RequestObserver,
  Service,
} from '@helicase/wire';
import { declareAlarms, declareHistory } from './alarm/alarm.ts';
import { alarmPump, evaluateAlarm, metricSweep } from './alarm/alarm-pump.ts';
import type { AlarmRoom } from './alarm/alarm-room.ts';
import { actionWorker } from './alarm/state.ts';
import { AuditArchive } from './audit/archive.ts';
import { auditEvent } from './audit/audit-event.ts';
import { AuditLog } from './audit/audit-log.ts';
import { cloudTrailService } from './audit/cloudtrail-service.ts';
import { auditMigrations } from './audit/tables.ts';
import { declareConnections, declareDestinations } from './event/destination.ts';
import { deliveryWorker } from './event/dispatch.ts';
import type { EventRoom } from './event/event-room.ts';
import type { BusEvent } from './event/bus-event.ts';
import { eventBridgeService } from './event/eventbridge-service.ts';
import { type EventQuery, followEvents } from './event/follow.ts';
import { Messaging, type MessagingEndpoint } from './event/messaging.ts';
import { outboxSweep } from './event/outbox-sweep.ts';
import { EventPump } from './event/pump.ts';
import { declareBuses, declareRules } from './event/rule.ts';
import { eventMigrations } from './event/tables.ts';
import { logEventOperations } from './log-event/operations.ts';
import { filterPump, filterWorker, type LogFilterRoom } from './log-filter/follow.ts';
import { metricFilterOperations } from './log-filter/metric-filter-operations.ts';
import { subscriptionFilterOperations } from './log-filter/subscription-filter-operations.ts';
import { filterMigrations } from './log-filter/tables.ts';
import { groupOperations } from './log-group/group-operations.ts';
import { logConstraints } from './log-group/log-constraints.ts';
import { logGroupTags } from './log-group/log-group-tags.ts';
import { logGroupOperations } from './log-group/operations.ts';
import { groupTagOperations } from './log-group/tag-operations.ts';
import { declareQueries, queryMigrations } from './log-query/query.ts';
import { lineOperations } from './log-query/line-operations.ts';
import { queryOperations } from './log-query/query-operations.ts';
import { type QueryRoom, querySweep, queryWorker } from './log-query/query-worker.ts';
import { LogKeeper, logSweep } from './log-store/log-keeper.ts';
import { LogReader } from './log-store/log-reader.ts';
import { LogTokens } from './log-store/log-tokens.ts';
import { GroupingLogWriter, type LogWriter } from './log-store/log-writer.ts';
import { migrations } from './log-store/tables.ts';
import { logStreamOperations } from './log-stream/operations.ts';
import { ApiCalls } from './metric/api-calls.ts';
import { cloudWatchService } from './metric/cloudwatch-service.ts';
import { activityFigures, type FigureRoom, storageFigures, type StoredBytes } from './metric/figures.ts';
import { MetricStore } from './metric/metric-store.ts';
import { figureMigrations } from './metric/status-changes.ts';
import { metricMigrations } from './metric/tables.ts';
import { AppliedQuotas } from './quota/applied-quotas.ts';
import { limitNumbers } from './quota/numbers.ts';
import { declareQuotaRequests, quotaIncreases, type QuotaIncreases } from './quota/increases.ts';
import { quotasService } from './quota/quotas-service.ts';
import { quotaMigrations } from './quota/tables.ts';
import { throttle } from './quota/throttle.ts';
import { declareSigningKeys } from './trail/signing-key.ts';
import { declareTrails } from './trail/trail.ts';
import { trailWorker } from './trail/delivery.ts';
import { trailPump } from './trail/trail-pump.ts';
import type { TrailRoom } from './trail/trail-room.ts';
import { tagOperations } from './tag/operations.ts';
import { creationTags } from './tag/tag-rules.ts';
import { taggingService } from './tag/tagging-service.ts';

export interface MonitoringOptions {
  readonly records: Records;
  readonly keyring: KeyRing;
  readonly pageTokens: PageTokens;
  /** Where trails and dead letters go. */
  readonly objects: Objects;
  readonly regions: readonly string[];
  /** Asked for each resource that the Tagging API is told to tag. */
  readonly authorizer: Authorizer;
  /** Assumed by targets of events that start an operation, through `caller`. */
  readonly roles: Roles;
  readonly caller: OperationCaller;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  /** Where audit records are written before they reach the database; this server's alone. */
  readonly auditDirectory: string;
  /** True while a backup copies that directory: nothing in it is deleted then. */
  readonly auditHeld: () => boolean;
  /** Servers of queues and topics that rules, alarms and subscriptions can tell. */
  readonly messaging: readonly MessagingEndpoint[];
  /** `aws`: the guide's rates hold. */
  readonly quotaProfile: 'aws' | 'own';
  /** Values that the operator set for all accounts, by code; those of quotas that are not adjustable count for nothing. */
  readonly quotas: Readonly<Record<string, number>>;
  /** Everything that the rooms store, for figures of storage. */
  readonly stored: () => AsyncIterable<StoredBytes>;
}

export interface Monitoring {
  /** Entries of the omics service: tags of whatever room's resources. */
  readonly operations: readonly AnyOperation[];
  /** CloudWatch Logs. */
  readonly logs: Service;
  /** The Resource Groups Tagging API. */
  readonly tagging: Service;
  readonly cloudTrail: Service;
  /** CloudWatch's metrics and alarms. */
  readonly cloudWatch: Service;
  /** Counts of API calls, also as a page for Prometheus. */
  readonly apiCalls: Pick<ApiCalls, 'page' | 'counts' | 'flush'>;
  /** Now, and not when its turn comes. */
  evaluateAlarm(scope: Scope, name: string): Promise<void>;
  readonly eventBridge: Service;
  /** Events of all accounts and buses, for who operates the server. */
  follow(query: EventQuery): AsyncIterable<BusEvent>;
  readonly serviceQuotas: Service;
  /** Operations of omics, kept to the guide's numbers of things (`ceiling`). */
  limited(operations: readonly AnyOperation[]): readonly AnyOperation[];
  /** This room's places in every request's path. */
  readonly observers: readonly RequestObserver[];
  /** `flush` it before the records close. */
  readonly writer: LogWriter;
  /** After the records are open, before the first request. */
  start(): Promise<void>;
  /** After the last request. */
  stop(): Promise<void>;
  /** What is missing from the audit records or was changed, in words, for fsck. */
  auditFaults(): Promise<readonly string[]>;
  /** Keeps the record of what an operator did beside the server. */
  recordOperator(call: ObservedCall, outcome: CallOutcome): Promise<void>;
  /** Keeps the record of a service's use of a customer's key, by the server or by an operator beside it. */
  recordKeyUse(call: ObservedCall, outcome: CallOutcome): Promise<void>;
  /** As they hold at the moment, by their names in the guide's tables. */
  readonly quotas: Pick<AppliedQuotas, 'named' | 'ceiling'>;
  /** What accounts asked for, for the operator to decide. */
  readonly increases: QuotaIncreases;
}

/** Declares the room's tables: call it before `records.open()`. */
export function createMonitoring(options: MonitoringOptions): Monitoring {
  options.records.migrations([
    ...migrations,
    ...auditMigrations,
    ...metricMigrations,
    ...figureMigrations,
    ...eventMigrations,
    ...quotaMigrations,
    ...filterMigrations,
    ...queryMigrations,
  ]);
  const audit = new AuditLog({ ...options, directory: options.auditDirectory, held: options.auditHeld });
  const reader = new LogReader(options.records, options.keyring);
  const tokens = new LogTokens(options.pageTokens);
  const { tagged } = options.records;
  options.records.taggedSource(logGroupTags(options.records));
  const writer = new GroupingLogWriter(options);
  const events = openEvents(options, writer);
  const pump = new EventPump(events);
  const trails = openTrails(options, audit);
  const metrics = new MetricStore(options.records);
  const apiCalls = new ApiCalls({ ...options, metrics });
  const alarms = openAlarms(options, events, metrics);
  const filters: LogFilterRoom = { ...events, reader, metrics };
  options.records.jobs.register(filterWorker(filters));
  const queries: QueryRoom = { ...options, reader, queries: declareQueries(options.records) };
  options.records.jobs.register(queryWorker(queries));
  const figures: FigureRoom = { ...options, metrics };
  const keeper = new LogKeeper(options.records);
  const { clock, log } = options;
  const housekeeping = [
    outboxSweep(events),
    trailPump(trails),
    alarmPump(alarms),
    metricSweep(alarms),
    logSweep(keeper, clock, log),
    filterPump(filters),
    querySweep(queries),
    activityFigures(figures),
    storageFigures(figures),
  ];
  const recordOperator = async (call: ObservedCall, outcome: CallOutcome) => {
    const { ids, keyring, records } = options;
    const record = JSON.stringify(auditEvent(call, outcome, ids.uuid(), clock.now()));
    const archive = new AuditArchive(records, keyring, `operator ${ids.uuid()}`);
    await archive.keepAlone(call.context.scope, record);
  };
  const quotas = new AppliedQuotas(options);
  housekeeping.push(quotas.housekeeping());
  const quotaRoom = { ...options, quotas, requests: declareQuotaRequests(options.records) };
  return {
    quotas,
    increases: quotaIncreases(quotaRoom),
    limited: (operations) => limitNumbers(operations, { records: options.records, quotas }),
    operations: tagOperations(tagged),
    logs: {
      name: 'logs',
      protocol: 'awsJson1_1',
      schemas,
      constraints: logConstraints,
      operations: [
        ...logGroupOperations(reader, tokens),
        ...groupOperations({ reader, keeper, writer, clock }),
        ...logStreamOperations(reader, tokens),
        ...groupTagOperations(tagged),
        ...queryOperations(queries, tokens),
        ...lineOperations({ reader, clock }),
        ...metricFilterOperations(filters),
        ...subscriptionFilterOperations(filters),
        ...logEventOperations({ reader, receiver: writer, clock }, tokens),
      ],
    },
    tagging: taggingService({ ...options, tagged }),
    cloudWatch: cloudWatchService(alarms),
    apiCalls,
    evaluateAlarm: (scope, name) => evaluateAlarm(alarms, scope, name),
    cloudTrail: cloudTrailService(trails),
    // Audit comes first: what another observer refuses is recorded too.
    observers: [
      audit.observer,
      apiCalls.observer,
      ...(options.quotaProfile === 'aws' ? [throttle({ ...options, quotas })] : []),
      creationTags,
    ],
    eventBridge: eventBridgeService(events),
    follow: (query) => followEvents(events, query),
    serviceQuotas: quotasService(quotaRoom),
    async start() {
      await audit.start();
      await quotas.refresh();
      pump.start();
      apiCalls.start();
      for (const each of housekeeping) each.start();
    },
    async stop() {
      await pump.stop();
      await events.messaging.close();
      for (const each of housekeeping) await each.stop();
      await apiCalls.stop();
      await writer.flush();
      await audit.stop();
    },
    auditFaults: () => new AuditArchive(options.records, options.keyring, '').faults(),
    recordOperator,
    recordKeyUse: (call, outcome) =>
      audit.isOpen ? audit.record(call, outcome) : recordOperator(call, outcome),
    writer,
  };
}

function openEvents(options: MonitoringOptions, writer: LogWriter): EventRoom {
  const { records } = options;
  const room = {
    ...options,
    writer,
    messaging: new Messaging(options.messaging),
    rules: declareRules(records),
    buses: declareBuses(records),
    connections: declareConnections(records),
    destinations: declareDestinations(records),
  };
  records.jobs.register(deliveryWorker(room));
  return room;
}

function openTrails(options: MonitoringOptions, audit: AuditLog): TrailRoom {
  const { records } = options;
  const room = {
    ...options,
    audit,
    trails: declareTrails(records),
    signingKeys: declareSigningKeys(records),
  };
  records.jobs.register(trailWorker(room));
  return room;
}

function openAlarms(options: MonitoringOptions, events: EventRoom, metrics: MetricStore): AlarmRoom {
  const { records } = options;
  const room = { ...events, metrics, alarms: declareAlarms(records), history: declareHistory(records) };
  records.jobs.register(actionWorker(room));
  return room;
}
