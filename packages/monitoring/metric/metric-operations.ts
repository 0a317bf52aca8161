import type {
  Datapoint,
  GetMetricDataInput,
  GetMetricDataOutput,
  GetMetricStatisticsInput,
  GetMetricStatisticsOutput,
  ListMetricsInput,
  ListMetricsOutput,
  MetricDataQuery,
  MetricDataResult,
  PutMetricDataInput,
  Statistic,
} from '@aws-sdk/client-cloudwatch';
import type { Clock, Scope } from '@helicase/kernel';
import { type AnyOperation, defineOperation, type OperationContext, type PageTokens } from '@helicase/wire';
import { errors } from './errors.ts';
import { dimensionsOf, type Measures } from './metric.ts';
import type { MetricStore } from './metric-store.ts';
import { measurementsOf } from './put-metric-data.ts';
import { checkPeriod, statisticOf } from './statistics.ts';

export interface MetricRoom {
  readonly metrics: MetricStore;
  readonly pageTokens: PageTokens;
  readonly clock: Clock;
}

const PAGE = 500;
/** CloudWatch's most data points of one GetMetricStatistics, and of one GetMetricData. */
const MOST_POINTS = 1440;
const MOST_DATA = 100_800;

export function metricOperations(room: MetricRoom): readonly AnyOperation[] {
  const common = { resources: () => ['*'], quota: 'cloudwatch' };
  return [
    defineOperation<PutMetricDataInput, object>({
      ...{ ...common, name: 'PutMetricData', action: 'cloudwatch:PutMetricData', readOnly: false },
      conditions: ({ Namespace }) => ({ 'cloudwatch:namespace': Namespace }),
      async handler(input, { scope }) {
        await room.metrics.add(measurementsOf(scope, input, room.clock.now()));
        return {};
      },
    }),
    defineOperation<ListMetricsInput, ListMetricsOutput>({
      ...{ ...common, name: 'ListMetrics', action: 'cloudwatch:ListMetrics', readOnly: true },
      handler: (input, context) => listMetrics(room, input, context),
    }),
    defineOperation<GetMetricStatisticsInput, GetMetricStatisticsOutput>({
      ...{ ...common, name: 'GetMetricStatistics', action: 'cloudwatch:GetMetricStatistics', readOnly: true },
      handler: (input, context) => getStatistics(room, input, context),
    }),
    defineOperation<GetMetricDataInput, GetMetricDataOutput>({
      ...{ ...common, name: 'GetMetricData', action: 'cloudwatch:GetMetricData', readOnly: true },
      handler: (input, context) => getData(room, input, context),
    }),
  ];
}

async function listMetrics(
  { clock, metrics, pageTokens }: MetricRoom,
  { Dimensions = [], MetricName, Namespace, NextToken, RecentlyActive }: ListMetricsInput,
  { scope }: OperationContext,
): Promise<ListMetricsOutput> {
  const filter = [Namespace, MetricName, Dimensions, RecentlyActive];
  const binding = { scope, operation: 'ListMetrics', filter };
  const after = NextToken === undefined ? undefined : String(pageTokens.read(binding, NextToken)[0]);
  const query = {
    ...(Namespace === undefined ? {} : { namespace: Namespace }),
    ...(MetricName === undefined ? {} : { name: MetricName }),
    ...(after === undefined ? {} : { after }),
  };
  const rows = await metrics.list(scope, { ...query, limit: PAGE + 1 }, clock.now());
  const page = rows.slice(0, PAGE);
  const isWanted = (dimensions: Readonly<Record<string, string>>) =>
    Dimensions.every(
      ({ Name, Value }) =>
        Object.hasOwn(dimensions, Name!) && (Value ?? dimensions[Name!]) === dimensions[Name!],
    );
  return {
    Metrics: page
      .filter(({ dimensions }) => isWanted(dimensions))
      .map(({ dimensions, name, namespace }) => ({
        ...{ Namespace: namespace, MetricName: name },
        Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
      })),
    NextToken: rows.length > PAGE ? pageTokens.issue(binding, [page.at(-1)!.id]) : undefined,
  };
}

async function getStatistics(
  { metrics }: MetricRoom,
  input: GetMetricStatisticsInput,
  { scope }: OperationContext,
): Promise<GetMetricStatisticsOutput> {
  const { Dimensions, EndTime, MetricName, Namespace, Period, StartTime, Statistics = [], Unit } = input;
  checkPeriod(Period!);
  const [extended] = input.ExtendedStatistics ?? [];
  if (extended !== undefined) statisticOf(extended);
  if (Statistics.length === 0) throw errors.missing({ name: 'Statistics' });
  const [start, end] = checkedTimes(StartTime!, EndTime!);
  if ((end - start) / (Period! * 1000) > MOST_POINTS)
    throw errors.badCombination({
      reason: `You have requested up to ${Math.ceil((end - start) / (Period! * 1000))} datapoints, which exceeds the limit of ${MOST_POINTS}`,
    });
  const metric = { namespace: Namespace!, name: MetricName!, dimensions: dimensionsOf(Dimensions) };
  const unit = Unit === undefined ? {} : { unit: Unit };
  const points = await metrics.points(scope, { metric, ...unit, start, end, period: Period! });
  const datapoint = (at: number, of: Measures): Datapoint => ({
    Timestamp: new Date(at),
    ...Object.fromEntries(Statistics.map((name: Statistic) => [name, statisticOf(name)(of)])),
    Unit: Unit ?? 'None',
  });
  return { Label: MetricName, Datapoints: [...points].map(([at, of]) => datapoint(at, of)) };
}

async function getData(
  room: MetricRoom,
  input: GetMetricDataInput,
  { scope }: OperationContext,
): Promise<GetMetricDataOutput> {
  const { MaxDatapoints = MOST_DATA, NextToken, ScanBy = 'TimestampDescending' } = input;
  const [start, end] = checkedTimes(input.StartTime!, input.EndTime!);
  const { MaxDatapoints: _, NextToken: __, ...filter } = input;
  const binding = { scope, operation: 'GetMetricData', filter };
  const from = NextToken === undefined ? 0 : Number(room.pageTokens.read(binding, NextToken)[0]);
  const results: MetricDataResult[] = [];
  let passed = 0;
  let isMore = false;
  for (const query of input.MetricDataQueries!) {
    const found = await valuesOf(room, scope, query, start, end);
    if (!(query.ReturnData ?? true)) continue;
    const ordered = ScanBy === 'TimestampAscending' ? found : found.toReversed();
    // A page is a stretch of all results, one behind the other.
    const [first, last] = [Math.max(from - passed, 0), from + MaxDatapoints - passed];
    const page = ordered.slice(first, Math.max(last, 0));
    passed += ordered.length;
    isMore ||= ordered.length > Math.max(last, 0);
    results.push({
      ...{ Id: query.Id, Label: query.Label ?? query.MetricStat!.Metric!.MetricName },
      Timestamps: page.map(([at]) => new Date(at)),
      Values: page.map(([, value]) => value),
      StatusCode: ordered.length > Math.max(last, 0) ? 'PartialData' : 'Complete',
    });
  }
  const token = isMore ? room.pageTokens.issue(binding, [from + MaxDatapoints]) : undefined;
  return { MetricDataResults: results, NextToken: token, Messages: [] };
}

async function valuesOf(
  { metrics }: MetricRoom,
  scope: Scope,
  { Expression, Id, MetricStat }: MetricDataQuery,
  start: number,
  end: number,
): Promise<readonly (readonly [number, number])[]> {
  if (Expression !== undefined)
    throw errors.unsupported({ what: `The expression of ${Id}`, reason: 'metric math is not there yet' });
  if (!MetricStat) throw errors.missing({ name: `MetricDataQueries ${Id}.MetricStat` });
  const { Metric, Period, Stat, Unit } = MetricStat;
  checkPeriod(Period!);
  const value = statisticOf(Stat!);
  const { Dimensions, MetricName, Namespace } = Metric!;
  const metric = { namespace: Namespace!, name: MetricName!, dimensions: dimensionsOf(Dimensions) };
  const unit = Unit === undefined ? {} : { unit: Unit };
  const points = await metrics.points(scope, { metric, ...unit, start, end, period: Period! });
  return [...points].map(([at, of]) => [at, value(of)] as const);
}

function checkedTimes(start: Date, end: Date): readonly [number, number] {
  if (start < end) return [start.getTime(), end.getTime()];
  throw errors.badValue({ name: 'StartTime', reason: 'it must be before EndTime' });
}
