import type {
  DescribeLogStreamsRequest,
  DescribeLogStreamsResponse,
  LogStream,
} from '@aws-sdk/client-cloudwatch-logs';
import type { Scope } from '@helicase/kernel';
import { type AnyOperation, defineOperation, type OperationContext } from '@helicase/wire';
import { errors } from '../errors.ts';
import { logGroupResource, logGroupName, logStreamArn } from '../log-group/log-group-name.ts';
import type { LogReader } from '../log-store/log-reader.ts';
import type { LogTokens } from '../log-store/log-tokens.ts';
import type { LogStreamRow } from '../log-store/tables.ts';

const PAGE = 50;

export function logStreamOperations(reader: LogReader, tokens: LogTokens): readonly AnyOperation[] {
  return [
    defineOperation<DescribeLogStreamsRequest, DescribeLogStreamsResponse>({
      name: 'DescribeLogStreams',
      action: 'logs:DescribeLogStreams',
      resources: (input, { scope }) => [logGroupResource(scope, logGroupName(input))],
      readOnly: true,
      quota: 'logs-describe',
      handler: (input, context) => describe(reader, tokens, input, context),
    }),
  ];
}

async function describe(
  reader: LogReader,
  tokens: LogTokens,
  input: DescribeLogStreamsRequest,
  { scope }: OperationContext,
): Promise<DescribeLogStreamsResponse> {
  const group = logGroupName(input);
  const byLastEvent = input.orderBy === 'LastEventTime';
  if (byLastEvent && input.logStreamNamePrefix) throw errors.prefixWithLastEventTime({});
  if (!(await reader.group(scope, group))) throw errors.groupNotFound({});
  const descending = input.descending ?? false;
  const filter = [group, input.logStreamNamePrefix, byLastEvent, descending];
  const binding = { scope, operation: 'DescribeLogStreams', filter };
  const position = input.nextToken === undefined ? undefined : tokens.read(binding, input.nextToken);
  const limit = input.limit ?? PAGE;
  const rows = byLastEvent
    ? await reader.streamsByLastEvent(scope, group, {
        descending,
        limit: limit + 1,
        ...(position ? { after: [Number(position[0]), String(position[1])] as const } : {}),
      })
    : await reader.streamsByName(scope, group, {
        descending,
        limit: limit + 1,
        ...(input.logStreamNamePrefix ? { prefix: input.logStreamNamePrefix } : {}),
        ...(position ? { after: String(position[1]) } : {}),
      });
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return {
    logStreams: page.map((row) => toLogStream(scope, row)),
    nextToken:
      last && rows.length > limit ? tokens.issue(binding, [last.last_event_at, last.name]) : undefined,
  };
}

function toLogStream(scope: Scope, row: LogStreamRow): LogStream {
  return {
    logStreamName: row.name,
    creationTime: row.created_at,
    firstEventTimestamp: row.first_event_at,
    lastEventTimestamp: row.last_event_at,
    lastIngestionTime: row.last_ingestion_at,
    arn: logStreamArn(scope, row.group_name, row.name),
    storedBytes: 0, // deprecated by AWS: always zero for streams
  };
}
