import type {
  DescribeLogGroupsRequest,
  DescribeLogGroupsResponse,
  LogGroup,
} from '@aws-sdk/client-cloudwatch-logs';
import type { Scope } from '@helicase/kernel';
import { type AnyOperation, defineOperation, type OperationContext } from '@helicase/wire';
import type { LogReader } from '../log-store/log-reader.ts';
import type { LogGroupRow } from '../log-store/tables.ts';
import type { LogTokens } from '../log-store/log-tokens.ts';
import { logGroupResource, logGroupArn } from './log-group-name.ts';

const PAGE = 50;

export function logGroupOperations(reader: LogReader, tokens: LogTokens): readonly AnyOperation[] {
  return [
    defineOperation<DescribeLogGroupsRequest, DescribeLogGroupsResponse>({
      name: 'DescribeLogGroups',
      action: 'logs:DescribeLogGroups',
      resources: (_, { scope }) => [logGroupResource(scope, '*')],
      readOnly: true,
      quota: 'logs-describe',
      handler: (input, context) => describe(reader, tokens, input, context),
    }),
  ];
}

async function describe(
  reader: LogReader,
  tokens: LogTokens,
  input: DescribeLogGroupsRequest,
  { scope }: OperationContext,
): Promise<DescribeLogGroupsResponse> {
  const prefix = input.logGroupNamePrefix;
  const binding = { scope, operation: 'DescribeLogGroups', filter: [prefix, input.logGroupNamePattern] };
  const after = input.nextToken === undefined ? undefined : String(tokens.read(binding, input.nextToken)[0]);
  const limit = input.limit ?? PAGE;
  const rows = await reader.groups(scope, {
    limit: limit + 1,
    ...(prefix === undefined ? {} : { prefix }),
    ...(after === undefined ? {} : { after }),
  });
  const page = rows.slice(0, limit);
  const pattern = input.logGroupNamePattern;
  return {
    logGroups: await Promise.all(
      page
        .filter(({ name }) => !pattern || name.includes(pattern))
        .map(async (row) => toLogGroup(scope, row, await reader.metricFilters(scope, row.name))),
    ),
    nextToken: rows.length > limit ? tokens.issue(binding, [page.at(-1)!.name]) : undefined,
  };
}

function toLogGroup(scope: Scope, row: LogGroupRow, metricFilterCount: number): LogGroup {
  const arn = logGroupArn(scope, row.name);
  return {
    logGroupName: row.name,
    creationTime: row.created_at,
    ...(row.retention_days === null ? {} : { retentionInDays: row.retention_days }),
    metricFilterCount,
    arn: `${arn}:*`,
    logGroupArn: arn,
    logGroupClass: 'STANDARD',
  };
}
