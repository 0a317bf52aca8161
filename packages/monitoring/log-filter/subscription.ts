import { gzipSync } from 'node:zlib';
import type { Distribution } from '@aws-sdk/client-cloudwatch-logs';
import type { Target } from '@aws-sdk/client-eventbridge';
import { eventId } from '../log-event/filter-log-events.ts';
import type { StoredLogEvent } from '../log-store/log-event.ts';
import type { LogFilter } from './filter-store.ts';

export interface SubscriptionDoc {
  readonly pattern: string;
  readonly destinationArn: string;
  readonly roleArn?: string;
  /** Kept and told: every target here gets a stream's lines in their order. */
  readonly distribution: Distribution;
}

/** Where its lines go, as a rule names a target. */
export function subscriptionTarget({ destinationArn, roleArn }: SubscriptionDoc): Target {
  return { Id: 'subscription', Arn: destinationArn, ...(roleArn === undefined ? {} : { RoleArn: roleArn }) };
}

/** Lines of one stream as a subscriber gets them: the user guide, "Using CloudWatch Logs subscription filters", AWS Lambda. */
export function envelope(filter: LogFilter<SubscriptionDoc>, events: readonly StoredLogEvent[]): string {
  const data = {
    ...{ messageType: 'DATA_MESSAGE', owner: filter.scope.account, logGroup: filter.group },
    ...{ logStream: events[0]!.stream, subscriptionFilters: [filter.name] },
    logEvents: events.map((event) => ({
      ...{ id: eventId(event), timestamp: event.timestamp, message: event.message },
    })),
  };
  return JSON.stringify({ awslogs: { data: gzipSync(JSON.stringify(data)).toString('base64') } });
}
