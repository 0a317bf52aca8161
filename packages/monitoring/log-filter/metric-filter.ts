import type { MetricTransformation } from '@aws-sdk/client-cloudwatch-logs';
import { errors } from '../errors.ts';
import { type FilterPattern, filterPattern } from '../log-event/filter-pattern.ts';
import type { LogEvent } from '../log-store/log-event.ts';
import { dimensionText, type Measurement, merged } from '../metric/metric.ts';
import { bucketOf } from '../metric/sketch.ts';
import type { LogFilter } from './filter-store.ts';

export interface MetricFilterDoc {
  readonly pattern: string;
  readonly transformation: MetricTransformation;
}

const MINUTE = 60_000;

/** What lines measure, put together by minute. Add one stretch of lines after the other. */
export class LineMeasures {
  readonly #filter: LogFilter<MetricFilterDoc>;
  readonly #pattern: FilterPattern;
  readonly #found = new Map<string, Measurement>();

  constructor(filter: LogFilter<MetricFilterDoc>) {
    this.#filter = filter;
    this.#pattern = filterPattern(filter.doc.pattern);
  }

  /** Texts of which a stretch must hold some to be worth adding; none where those that do not match count too. */
  get needles(): FilterPattern['needles'] {
    return this.#filter.doc.transformation.defaultValue === undefined ? this.#pattern.needles : [];
  }

  /**
   * "The default value reported to the metric filter during a period when logs are ingested but no matching logs are
   * found": for each minute of these lines in which none matched.
   */
  add(events: readonly LogEvent[]): void {
    const { defaultValue } = this.#filter.doc.transformation;
    const missed = new Set<number>();
    const matched = new Set<number>();
    for (const { message, timestamp } of events) {
      const minute = Math.floor(timestamp / MINUTE) * MINUTE;
      const isMatch = this.#pattern.matches(message);
      (isMatch ? matched : missed).add(minute);
      if (isMatch) this.#addMatch(message, minute);
    }
    if (defaultValue === undefined) return;
    for (const minute of missed) if (!matched.has(minute)) this.#addValue(minute, defaultValue, {});
  }

  measurements(): readonly Measurement[] {
    return [...this.#found.values()];
  }

  #addMatch(message: string, minute: number): void {
    const { dimensions = {}, metricValue } = this.#filter.doc.transformation;
    const value = metricValue!.startsWith('$') ? this.#pattern.valueOf(message, metricValue!) : metricValue;
    const number = typeof value === 'string' && value.trim() === '' ? NaN : Number(value ?? NaN);
    const found = Object.entries(dimensions).map(
      ([name, selector]) => [name, this.#pattern.valueOf(message, selector)] as const,
    );
    // "If a dimension is not found in a matching line", or the value is no number, nothing is measured.
    if (!Number.isFinite(number) || found.some(([, of]) => !isScalar(of))) return;
    this.#addValue(minute, number, Object.fromEntries(found.map(([name, of]) => [name, String(of)])));
  }

  #addValue(at: number, value: number, dimensions: Readonly<Record<string, string>>): void {
    const { scope, doc } = this.#filter;
    const { metricName, metricNamespace, unit = 'None' } = doc.transformation;
    const key = `${at} ${dimensionText(dimensions)}`;
    const before = this.#found.get(key);
    const measurement: Measurement = {
      ...{ scope, namespace: metricNamespace!, name: metricName!, dimensions, unit, at, resolution: 60 },
      ...{ count: 1, sum: value, min: value, max: value, buckets: new Map([[bucketOf(value), 1]]) },
    };
    this.#found.set(key, before ? { ...before, ...merged(before, measurement) } : measurement);
  }
}

function isScalar(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

/** Throws where lines could not be measured by it. */
export function checkMetricFilter({ pattern, transformation }: MetricFilterDoc): void {
  const { defaultValue, dimensions = {}, metricNamespace, metricValue } = transformation;
  const { valueOf } = filterPattern(pattern);
  const selectors = Object.values(dimensions);
  if (metricValue!.startsWith('$')) selectors.push(metricValue!);
  else if (!Number.isFinite(Number(metricValue))) throw errors.badMetricValue({ value: metricValue! });
  for (const selector of selectors) valueOf('{}', selector);
  if (selectors.length > 0 && !/^[{[]/.test(pattern.trim())) throw errors.selectorOfTerms({ pattern });
  if (defaultValue !== undefined && Object.keys(dimensions).length > 0)
    throw errors.defaultWithDimensions({});
  if (metricNamespace!.startsWith('AWS/')) throw errors.metricNamespace({ namespace: metricNamespace! });
}
