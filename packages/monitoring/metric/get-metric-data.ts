import type {
  GetMetricDataInput,
  GetMetricDataOutput,
  MetricDataQuery,
  MetricDataResult,
} from '@aws-sdk/client-cloudwatch';
import type { Scope } from '@helicase/kernel';
import type { OperationContext } from '@helicase/wire';
import { errors } from './errors.ts';
import { type MathInput, parseMath } from './math/expression.ts';
import { isList, isSeries, type Series, type Value } from './math/value.ts';
import { dimensionsOf } from './metric.ts';
import type { MetricRoom } from './metric-operations.ts';
import { checkedTimes, checkPeriod, statisticOf } from './statistics.ts';

/** CloudWatch's most data points of one answer. */
const MOST_DATA = 100_800;

/** Metrics, and what expressions make of them. */
export async function getMetricData(
  room: MetricRoom,
  input: GetMetricDataInput,
  { scope }: OperationContext,
): Promise<GetMetricDataOutput> {
  const { MaxDatapoints = MOST_DATA, MetricDataQueries, NextToken, ScanBy = 'TimestampDescending' } = input;
  const [start, end] = checkedTimes(input.StartTime!, input.EndTime!);
  const { MaxDatapoints: _, NextToken: __, ...filter } = input;
  const binding = { scope, operation: 'GetMetricData', filter };
  const from = NextToken === undefined ? 0 : Number(room.pageTokens.read(binding, NextToken)[0]);
  const found = await resultsOf(room, scope, MetricDataQueries!, start, end);
  const page = pageOf(found, { from, most: MaxDatapoints, ascending: ScanBy === 'TimestampAscending' });
  const token = page.isMore ? room.pageTokens.issue(binding, [from + MaxDatapoints]) : undefined;
  return { MetricDataResults: [...page.results], NextToken: token, Messages: [] };
}

/** A page is a stretch of all results, one behind the other. */
function pageOf(
  found: readonly (readonly [MetricDataQuery, Series])[],
  { ascending, from, most }: { readonly from: number; readonly most: number; readonly ascending: boolean },
): { readonly results: readonly MetricDataResult[]; readonly isMore: boolean } {
  let passed = 0;
  let isMore = false;
  const results = found.map(([query, { label, points }]): MetricDataResult => {
    const ordered = ascending ? [...points] : [...points].toReversed();
    const [first, last] = [Math.max(from - passed, 0), Math.max(from + most - passed, 0)];
    const page = ordered.slice(first, last);
    passed += ordered.length;
    isMore ||= ordered.length > last;
    return {
      ...{ Id: query.Id, Label: query.Label ?? label },
      Timestamps: page.map(([at]) => new Date(at)),
      Values: page.map(([, value]) => value),
      StatusCode: ordered.length > last ? 'PartialData' : 'Complete',
    };
  });
  return { results, isMore };
}

/** Each query's series; those of expressions that give several come one after the other. */
async function resultsOf(
  room: MetricRoom,
  scope: Scope,
  queries: readonly MetricDataQuery[],
  start: number,
  end: number,
): Promise<readonly (readonly [MetricDataQuery, Series])[]> {
  const metrics = new Map<string, Series>();
  const expressions = new Map(
    queries.flatMap((query) => (query.Expression === undefined ? [] : [[query.Id!, query]])),
  );
  for (const query of queries)
    if (query.Expression === undefined)
      metrics.set(query.Id!, await metricOf(room, scope, query, start, end));
  if (metrics.size + expressions.size < queries.length)
    throw errors.badValue({ name: 'MetricDataQueries', reason: 'each Id must be there once' });
  const values = new Values(metrics, expressions, (period) => timestamps(start, end, period));
  return queries.flatMap((query) => {
    if (!(query.ReturnData ?? true)) return [];
    const value = values.named(query.Id!);
    if (isSeries(value)) return [[query, labelled(value, query)] as const];
    if (isList(value)) return value.map((one) => [query, one] as const);
    throw errors.badExpression({ id: query.Id!, reason: 'its result is a scalar, and no time series' });
  });
}

function labelled(series: Series, { Expression, Id }: MetricDataQuery): Series {
  return Expression === undefined ? series : { ...series, label: Id! };
}

/** Values of queries by their ids, each calculated once, however many others name it. */
class Values implements MathInput {
  readonly timestamps: MathInput['timestamps'];
  readonly #metrics: ReadonlyMap<string, Series>;
  readonly #expressions: ReadonlyMap<string, MetricDataQuery>;
  readonly #known = new Map<string, Value>();
  readonly #under = new Set<string>();

  constructor(
    metrics: ReadonlyMap<string, Series>,
    expressions: ReadonlyMap<string, MetricDataQuery>,
    timestampsOf: MathInput['timestamps'],
  ) {
    this.#metrics = metrics;
    this.#expressions = expressions;
    this.timestamps = timestampsOf;
  }

  metrics(): readonly Series[] {
    return [...this.#metrics.values()];
  }

  named(id: string): Value {
    const known = this.#metrics.get(id) ?? this.#known.get(id);
    if (known !== undefined) return known;
    const query = this.#expressions.get(id);
    if (!query) throw errors.badExpression({ id, reason: 'there is no query of this Id' });
    if (this.#under.has(id)) throw errors.badExpression({ id, reason: 'it depends on itself' });
    this.#under.add(id);
    const value = parseMath(id, query.Expression!)(this);
    this.#known.set(id, value);
    return value;
  }
}

/** The starts of the range's periods. */
function timestamps(start: number, end: number, period: number): readonly number[] {
  const length = period * 1000;
  const first = Math.ceil(start / length) * length;
  const count = Math.max(Math.ceil((end - first) / length), 0);
  if (count > MOST_DATA) throw errors.badCombination({ reason: `A series would have ${count} values` });
  return Array.from({ length: count }, (_, index) => first + index * length);
}

async function metricOf(
  { metrics }: MetricRoom,
  scope: Scope,
  { Id, MetricStat }: MetricDataQuery,
  start: number,
  end: number,
): Promise<Series> {
  if (!MetricStat) throw errors.missing({ name: `MetricDataQueries ${Id}.MetricStat` });
  const { Metric, Period, Stat, Unit } = MetricStat;
  checkPeriod(Period!);
  const statistic = statisticOf(Stat!);
  const { Dimensions, MetricName, Namespace } = Metric!;
  const metric = { namespace: Namespace!, name: MetricName!, dimensions: dimensionsOf(Dimensions) };
  const unit = Unit === undefined ? {} : { unit: Unit };
  const points = await metrics.points(scope, { metric, ...unit, start, end, period: Period! });
  const values = [...points].flatMap(([at, of]) => {
    const value = statistic(of);
    return value === undefined ? [] : [[at, value] as const];
  });
  return { label: MetricName!, period: Period!, points: new Map(values) };
}
