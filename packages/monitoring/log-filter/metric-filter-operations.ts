import type {
  DeleteMetricFilterRequest,
  DescribeMetricFiltersRequest,
  DescribeMetricFiltersResponse,
  MetricFilter,
  PutMetricFilterRequest,
  TestMetricFilterRequest,
  TestMetricFilterResponse,
} from '@aws-sdk/client-cloudwatch-logs';
import { type AnyOperation, defineOperation, type OperationContext } from '@helicase/wire';
import { errors } from '../errors.ts';
import { filterPattern } from '../log-event/filter-pattern.ts';
import { logGroupResource } from '../log-group/log-group-name.ts';
import type { LogFilterRoom } from './follow.ts';
import { deleteFilter, type LogFilter, listFilters, putFilter } from './filter-store.ts';
import { checkMetricFilter, type MetricFilterDoc } from './metric-filter.ts';

/** CloudWatch Logs' quota of a group, and its page. */
const MOST = 100;
const PAGE = 50;

export function metricFilterOperations(room: LogFilterRoom): readonly AnyOperation[] {
  const group = ({ logGroupName }: { logGroupName?: string | undefined }, { scope }: OperationContext) => [
    logGroupResource(scope, logGroupName ?? '*'),
  ];
  return [
    defineOperation<PutMetricFilterRequest, object>({
      ...{ name: 'PutMetricFilter', action: 'logs:PutMetricFilter', resources: group },
      ...{ readOnly: false, quota: 'logs-write' },
      handler: (input, context) => putMetricFilter(room, input, context),
    }),
    defineOperation<DescribeMetricFiltersRequest, DescribeMetricFiltersResponse>({
      ...{ name: 'DescribeMetricFilters', action: 'logs:DescribeMetricFilters', resources: group },
      ...{ readOnly: true, quota: 'logs-describe' },
      handler: (input, context) => describeMetricFilters(room, input, context),
    }),
    defineOperation<DeleteMetricFilterRequest, object>({
      ...{ name: 'DeleteMetricFilter', action: 'logs:DeleteMetricFilter', resources: group },
      ...{ readOnly: false, quota: 'logs-write' },
      async handler({ filterName, logGroupName }, { scope }) {
        const key = { scope, group: logGroupName!, kind: 'metric', name: filterName! } as const;
        if (await room.records.transaction((tx) => deleteFilter(tx, key))) return {};
        throw errors.filterNotFound({ kind: 'metric', name: filterName!, group: logGroupName! });
      },
    }),
    defineOperation<TestMetricFilterRequest, TestMetricFilterResponse>({
      ...{ name: 'TestMetricFilter', action: 'logs:TestMetricFilter', resources: () => ['*'] },
      ...{ readOnly: true, quota: 'logs-read' },
      handler: (input) => Promise.resolve(testMetricFilter(input)),
    }),
  ];
}

async function putMetricFilter(
  { clock, reader, records }: LogFilterRoom,
  input: PutMetricFilterRequest,
  { scope }: OperationContext,
): Promise<object> {
  const { filterName, filterPattern: pattern, logGroupName: group, metricTransformations } = input;
  const unsupported = (['applyOnTransformedLogs', 'fieldSelectionCriteria'] as const).find(
    (member) => input[member],
  );
  if (unsupported) throw errors.filterUnsupported({ member: unsupported });
  const doc: MetricFilterDoc = { pattern: pattern!, transformation: metricTransformations![0]! };
  checkMetricFilter(doc);
  if (!(await reader.group(scope, group!))) throw errors.groupNotFound({});
  const filter = {
    scope,
    group: group!,
    kind: 'metric',
    name: filterName!,
    createdAt: clock.now(),
    doc,
  } as const;
  await records.transaction(async (tx) => {
    if (!(await putFilter(tx, filter, MOST))) throw errors.tooManyFilters({ kind: 'metric', most: MOST });
  });
  return {};
}

async function describeMetricFilters(
  { pageTokens, reader, records }: LogFilterRoom,
  input: DescribeMetricFiltersRequest,
  { scope }: OperationContext,
): Promise<DescribeMetricFiltersResponse> {
  const { filterNamePrefix: prefix, limit = PAGE, logGroupName: group, metricName, metricNamespace } = input;
  if ((metricName === undefined) !== (metricNamespace === undefined)) throw errors.metricNameAlone({});
  if (group !== undefined && !(await reader.group(scope, group))) throw errors.groupNotFound({});
  const filter = [prefix, group, metricName, metricNamespace];
  const binding = { scope, operation: 'DescribeMetricFilters', filter };
  const position = input.nextToken === undefined ? undefined : pageTokens.read(binding, input.nextToken);
  const found = await listFilters<MetricFilterDoc>(records.direct, scope, 'metric', {
    ...(group === undefined ? {} : { group }),
    ...(prefix === undefined ? {} : { prefix }),
    ...(position ? { after: [String(position[0]), String(position[1])] as const } : {}),
    limit: limit + 1,
  });
  const page = found.slice(0, limit);
  const last = page.at(-1);
  const isWanted = ({ doc: { transformation } }: LogFilter<MetricFilterDoc>) =>
    metricName === undefined ||
    (transformation.metricName === metricName && transformation.metricNamespace === metricNamespace);
  return {
    metricFilters: page.filter(isWanted).map(toMetricFilter),
    nextToken: last && found.length > limit ? pageTokens.issue(binding, [last.name, last.group]) : undefined,
  };
}

function toMetricFilter({ createdAt, doc, group, name }: LogFilter<MetricFilterDoc>): MetricFilter {
  return {
    ...{ filterName: name, filterPattern: doc.pattern, metricTransformations: [doc.transformation] },
    ...{ creationTime: createdAt, logGroupName: group, applyOnTransformedLogs: false },
  };
}

/** Which of these lines a pattern would take, and what it reads in them. */
function testMetricFilter({ filterPattern: pattern, logEventMessages }: TestMetricFilterRequest) {
  const { extract, matches } = filterPattern(pattern);
  return {
    matches: logEventMessages!.flatMap((eventMessage, index) =>
      matches(eventMessage)
        ? [{ eventNumber: index + 1, eventMessage, extractedValues: { ...extract(eventMessage) } }]
        : [],
    ),
  };
}
