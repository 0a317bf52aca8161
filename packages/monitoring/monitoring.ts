import * as schemas from '@aws-sdk/client-cloudwatch-logs';
import type { KeyRing } from '@helicase/blobs';
import type { Clock, Ids, Log } from '@helicase/kernel';
import type { Records } from '@helicase/records';
import type { AnyOperation, Authorizer, PageTokens, RequestObserver, Service } from '@helicase/wire';
import { logEventOperations } from './log-event/operations.ts';
import { logGroupOperations } from './log-group/operations.ts';
import { LogReader } from './log-store/log-reader.ts';
import { LogTokens } from './log-store/log-tokens.ts';
import { GroupingLogWriter, type LogWriter } from './log-store/log-writer.ts';
import { migrations } from './log-store/tables.ts';
import { logStreamOperations } from './log-stream/operations.ts';
import { tagOperations } from './tag/operations.ts';
import { creationTags } from './tag/tag-rules.ts';
import { taggingService } from './tag/tagging-service.ts';

export interface MonitoringOptions {
  readonly records: Records;
  readonly keyring: KeyRing;
  readonly pageTokens: PageTokens;
  /** Asked for each resource that the Tagging API is told to tag. */
  readonly authorizer: Authorizer;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
}

export interface Monitoring {
  /** Entries of the omics service: tags of whatever room's resources. */
  readonly operations: readonly AnyOperation[];
  /** CloudWatch Logs. */
  readonly logs: Service;
  /** The Resource Groups Tagging API. */
  readonly tagging: Service;
  /** This room's places in every request's path. */
  readonly observers: readonly RequestObserver[];
  /** `flush` it before the records close. */
  readonly writer: LogWriter;
}

/** Declares the room's tables: call it before `records.open()`. */
export function createMonitoring(options: MonitoringOptions): Monitoring {
  options.records.migrations(migrations);
  const reader = new LogReader(options.records, options.keyring);
  const tokens = new LogTokens(options.pageTokens);
  const { tagged } = options.records;
  return {
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
    observers: [creationTags],
    writer: new GroupingLogWriter(options),
  };
}
