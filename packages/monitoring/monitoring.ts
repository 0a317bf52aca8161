import * as schemas from '@aws-sdk/client-cloudwatch-logs';
import type { KeyRing, Objects } from '@helicase/blobs';
import type { Clock, Ids, Log, Roles } from '@helicase/kernel';
import type { Records } from '@helicase/records';
import type {
  AnyOperation,
  Authorizer,
  OperationCaller,
  PageTokens,
  RequestObserver,
  Service,
} from '@helicase/wire';
import { AuditArchive } from './audit/archive.ts';
import { AuditLog } from './audit/audit-log.ts';
import { cloudTrailService } from './audit/cloudtrail-service.ts';
import { auditMigrations } from './audit/tables.ts';
import { declareConnections, declareDestinations } from './event/destination.ts';
import { deliveryWorker } from './event/dispatch.ts';
import type { EventRoom } from './event/event-room.ts';
import { eventBridgeService } from './event/eventbridge-service.ts';
import { EventPump } from './event/pump.ts';
import { declareBuses, declareRules } from './event/rule.ts';
import { eventMigrations } from './event/tables.ts';
import { logEventOperations } from './log-event/operations.ts';
import { logGroupOperations } from './log-group/operations.ts';
import { LogReader } from './log-store/log-reader.ts';
import { LogTokens } from './log-store/log-tokens.ts';
import { GroupingLogWriter, type LogWriter } from './log-store/log-writer.ts';
import { migrations } from './log-store/tables.ts';
import { logStreamOperations } from './log-stream/operations.ts';
import { type Quota, QUOTAS } from './quota/quota-table.ts';
import { declareQuotaRequests, quotasService } from './quota/quotas-service.ts';
import { quotaMigrations } from './quota/tables.ts';
import { throttle } from './quota/throttle.ts';
import { declareSigningKeys } from './trail/signing-key.ts';
import { declareTrails } from './trail/trail.ts';
import { trailWorker } from './trail/delivery.ts';
import { TrailPump } from './trail/trail-pump.ts';
import type { TrailRoom } from './trail/trail-room.ts';
import { tagOperations } from './tag/operations.ts';
import { creationTags } from './tag/tag-rules.ts';
import { taggingService } from './tag/tagging-service.ts';

export interface MonitoringOptions {
  readonly records: Records;
  readonly keyring: KeyRing;
  readonly pageTokens: PageTokens;
  /** Where trails deliver. */
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
  /** `aws`: the guide's rates hold. */
  readonly quotaProfile: 'aws' | 'own';
  /** Values that the operator raised, by code; those of quotas that are not adjustable count for nothing. */
  readonly quotas: Readonly<Record<string, number>>;
}

export interface Monitoring {
  /** Entries of the omics service: tags of whatever room's resources. */
  readonly operations: readonly AnyOperation[];
  /** CloudWatch Logs. */
  readonly logs: Service;
  /** The Resource Groups Tagging API. */
  readonly tagging: Service;
  readonly cloudTrail: Service;
  readonly eventBridge: Service;
  readonly serviceQuotas: Service;
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
  /** The quota of this name in the guide's tables, as the operator has it. */
  quota(name: string): number;
}

/** Declares the room's tables: call it before `records.open()`. */
export function createMonitoring(options: MonitoringOptions): Monitoring {
  options.records.migrations([...migrations, ...auditMigrations, ...eventMigrations, ...quotaMigrations]);
  const audit = new AuditLog({ ...options, directory: options.auditDirectory, held: options.auditHeld });
  const reader = new LogReader(options.records, options.keyring);
  const tokens = new LogTokens(options.pageTokens);
  const { tagged } = options.records;
  const writer = new GroupingLogWriter(options);
  const events = openEvents(options, writer);
  const pump = new EventPump(events);
  const trails = openTrails(options, audit);
  const trailPump = new TrailPump(trails);
  const valueOf = ({ adjustable, code, value }: Quota) =>
    adjustable ? (options.quotas[code] ?? value) : value;
  const quota = (name: string): number => {
    const found = QUOTAS.find((one) => one.name === name);
    if (!found) throw new Error(`The guide has no quota ${name}`);
    return valueOf(found);
  };
  return {
    quota,
    operations: tagOperations(tagged),
    logs: {
      name: 'logs',
      protocol: 'awsJson1_1',
      schemas,
      operations: [
        ...logGroupOperations(reader, tokens),
        ...logStreamOperations(reader, tokens),
        ...logEventOperations(reader, tokens),
      ],
    },
    tagging: taggingService({ ...options, tagged }),
    cloudTrail: cloudTrailService(trails),
    // Audit comes first: what another observer refuses is recorded too.
    observers: [
      audit.observer,
      ...(options.quotaProfile === 'aws' ? [throttle({ ...options, valueOf })] : []),
      creationTags,
    ],
    eventBridge: eventBridgeService(events),
    serviceQuotas: quotasService({ ...options, requests: declareQuotaRequests(options.records), valueOf }),
    async start() {
      await audit.start();
      pump.start();
      trailPump.start();
    },
    async stop() {
      await pump.stop();
      await trailPump.stop();
      await writer.flush();
      await audit.stop();
    },
    auditFaults: () => new AuditArchive(options.records, options.keyring, '').faults(),
    writer,
  };
}

function openEvents(options: MonitoringOptions, writer: LogWriter): EventRoom {
  const { records } = options;
  const room = {
    ...options,
    writer,
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
