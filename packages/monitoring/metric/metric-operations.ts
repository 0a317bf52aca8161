import type {
  Datapoint,
  GetMetricDataInput,
  GetMetricDataOutput,
  GetMetricStatisticsInput,
  GetMetricStatisticsOutput,
  ListMetricsInput,
  ListMetricsOutput,
  PutMetricDataInput,
  Statistic,
} from '@aws-sdk/client-cloudwatch';
import type { Clock } from '@helicase/kernel';
import { type AnyOperation, defineOperation, type OperationContext, type PageTokens } from '@helicase/wire';
import { errors } from './errors.ts';
import { dimensionsOf, type Measures } from './metric.ts';
import type { MetricStore } from './metric-store.ts';
import { getMetricData } from './get-metric-data.ts';
import { measurementsOf } from './put-metric-data.ts';
import { checkedTimes, checkPeriod, statisticOf } from './statistics.ts';

export interface MetricRoom {
  readonly metrics: MetricStore;
  readonly pageTokens: PageTokens;
  readonly clock: Clock;
}

const PAGE = 500;
/** CloudWatch's most data points of one GetMetricStatistics. */
const MOST_POINTS = 1440;

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
      handler: (input, context) => getMetricData(room, input, context),
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
  const extended = (input.ExtendedStatistics ?? []).map((name) => [name, statisticOf(name)] as const);
  if (Statistics.length + extended.length === 0)
    throw errors.badCombination({ reason: 'Either Statistics or ExtendedStatistics must be given' });
  const [start, end] = checkedTimes(StartTime!, EndTime!);
  if ((end - start) / (Period! * 1000) > MOST_POINTS)
    throw errors.badCombination({
      reason: `You have requested up to ${Math.ceil((end - start) / (Period! * 1000))} datapoints, which exceeds the limit of ${MOST_POINTS}`,
    });
  const metric = { namespace: Namespace!, name: MetricName!, dimensions: dimensionsOf(Dimensions) };
  const unit = Unit === undefined ? {} : { unit: Unit };
  const points = await metrics.points(scope, { metric, ...unit, start, end, period: Period! });
  const extendedOf = (of: Measures) =>
    Object.fromEntries(
      extended.flatMap(([name, statistic]) => {
        const value = statistic(of);
        return value === undefined ? [] : [[name, value] as const];
      }),
    );
  const datapoint = (at: number, of: Measures): Datapoint => ({
    Timestamp: new Date(at),
    ...Object.fromEntries(Statistics.map((name: Statistic) => [name, statisticOf(name)(of)])),
    ...(extended.length > 0 ? { ExtendedStatistics: extendedOf(of) } : {}),
    Unit: Unit ?? 'None',
  });
  return { Label: MetricName, Datapoints: [...points].map(([at, of]) => datapoint(at, of)) };
}
