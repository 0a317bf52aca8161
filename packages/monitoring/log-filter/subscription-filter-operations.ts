import type {
  DeleteSubscriptionFilterRequest,
  DescribeSubscriptionFiltersRequest,
  DescribeSubscriptionFiltersResponse,
  PutSubscriptionFilterRequest,
  SubscriptionFilter,
} from '@aws-sdk/client-cloudwatch-logs';
import { ServiceError } from '@helicase/kernel';
import { type AnyOperation, defineOperation, type OperationContext } from '@helicase/wire';
import { errors } from '../errors.ts';
import { teller } from '../event/delivery.ts';
import { Undeliverable } from '../event/undeliverable.ts';
import { targetKind } from '../event/target-kind.ts';
import { filterPattern } from '../log-event/filter-pattern.ts';
import { logGroupResource } from '../log-group/log-group-name.ts';
import type { LogFilterRoom } from './follow.ts';
import { deleteFilter, type LogFilter, listFilters, putFilter } from './filter-store.ts';
import { subscriptionTarget, type SubscriptionDoc } from './subscription.ts';

/** CloudWatch Logs' quota of a group, and its page. */
const MOST = 2;
const PAGE = 50;

export function subscriptionFilterOperations(room: LogFilterRoom): readonly AnyOperation[] {
  const resources = ({ logGroupName }: { logGroupName?: string }, { scope }: OperationContext) => [
    logGroupResource(scope, logGroupName!),
  ];
  return [
    defineOperation<PutSubscriptionFilterRequest, object>({
      ...{ name: 'PutSubscriptionFilter', action: 'logs:PutSubscriptionFilter', resources },
      ...{ readOnly: false, quota: 'logs-write' },
      handler: (input, context) => putSubscriptionFilter(room, input, context),
    }),
    defineOperation<DescribeSubscriptionFiltersRequest, DescribeSubscriptionFiltersResponse>({
      ...{ name: 'DescribeSubscriptionFilters', action: 'logs:DescribeSubscriptionFilters', resources },
      ...{ readOnly: true, quota: 'logs-describe' },
      handler: (input, context) => describeSubscriptionFilters(room, input, context),
    }),
    defineOperation<DeleteSubscriptionFilterRequest, object>({
      ...{ name: 'DeleteSubscriptionFilter', action: 'logs:DeleteSubscriptionFilter', resources },
      ...{ readOnly: false, quota: 'logs-write' },
      async handler({ filterName, logGroupName }, { scope }) {
        const key = { scope, group: logGroupName!, kind: 'subscription', name: filterName! } as const;
        if (await room.records.transaction((tx) => deleteFilter(tx, key))) return {};
        throw errors.filterNotFound({ kind: 'subscription', name: filterName!, group: logGroupName! });
      },
    }),
  ];
}

async function putSubscriptionFilter(
  room: LogFilterRoom,
  input: PutSubscriptionFilterRequest,
  { scope }: OperationContext,
): Promise<object> {
  const { destinationArn, filterName, logGroupName: group, roleArn } = input;
  const unsupported = (
    ['applyOnTransformedLogs', 'emitSystemFields', 'fieldSelectionCriteria'] as const
  ).find((member) => input[member]);
  if (unsupported) throw errors.filterUnsupported({ member: unsupported });
  filterPattern(input.filterPattern);
  if (!(await room.reader.group(scope, group!))) throw errors.groupNotFound({});
  const doc: SubscriptionDoc = {
    ...{ pattern: input.filterPattern!, destinationArn: destinationArn! },
    ...(roleArn === undefined ? {} : { roleArn }),
    distribution: input.distribution ?? 'ByLogStream',
  };
  await checkDestination(room, scope, doc);
  const key = { scope, group: group!, kind: 'subscription', name: filterName! } as const;
  const filter: LogFilter<SubscriptionDoc> = { ...key, createdAt: room.clock.now(), doc };
  await room.records.transaction(async (tx) => {
    if (!(await putFilter(tx, filter, MOST)))
      throw errors.tooManyFilters({ kind: 'subscription', most: MOST });
  });
  return {};
}

/** Throws where nothing could be told there. Lines that go to a group again could go in a circle for ever. */
async function checkDestination(
  room: LogFilterRoom,
  scope: OperationContext['scope'],
  doc: SubscriptionDoc,
): Promise<void> {
  const arn = doc.destinationArn;
  try {
    const target = subscriptionTarget(doc);
    if (targetKind(room.messaging, scope, target).kind === 'logs')
      throw new Undeliverable('the lines of a log group cannot go to a log group');
    await teller(room, scope, target, '');
  } catch (error) {
    if (!(error instanceof ServiceError || error instanceof Undeliverable)) throw error;
    throw errors.badDestination({ arn, reason: error.message });
  }
}

async function describeSubscriptionFilters(
  { pageTokens, reader, records }: LogFilterRoom,
  input: DescribeSubscriptionFiltersRequest,
  { scope }: OperationContext,
): Promise<DescribeSubscriptionFiltersResponse> {
  const { filterNamePrefix: prefix, limit = PAGE, logGroupName } = input;
  const group = logGroupName!;
  if (!(await reader.group(scope, group))) throw errors.groupNotFound({});
  const binding = { scope, operation: 'DescribeSubscriptionFilters', filter: [group, prefix] };
  const position = input.nextToken === undefined ? undefined : pageTokens.read(binding, input.nextToken);
  const found = await listFilters<SubscriptionDoc>(records.direct, scope, 'subscription', {
    ...{ group, limit: limit + 1 },
    ...(prefix === undefined ? {} : { prefix }),
    ...(position ? { after: [String(position[0]), group] as const } : {}),
  });
  const page = found.slice(0, limit);
  return {
    subscriptionFilters: page.map(toSubscriptionFilter),
    nextToken: found.length > limit ? pageTokens.issue(binding, [page.at(-1)!.name]) : undefined,
  };
}

function toSubscriptionFilter({
  createdAt,
  doc,
  group,
  name,
}: LogFilter<SubscriptionDoc>): SubscriptionFilter {
  const { destinationArn, distribution, pattern, roleArn } = doc;
  return {
    ...{ filterName: name, logGroupName: group, filterPattern: pattern, destinationArn, distribution },
    ...(roleArn === undefined ? {} : { roleArn }),
    creationTime: createdAt,
  };
}
