import type { Clock, Log, Scope } from '@helicase/kernel';
import { Housekeeping, type Records } from '@helicase/records';
import { bucketOf } from './sketch.ts';
import type { Measurement } from './metric.ts';
import type { MetricStore } from './metric-store.ts';
import { countStatusChanges } from './status-changes.ts';

/** Bytes that something of an account's keeps, by what it is: `ReadSet`. */
export interface StoredBytes {
  readonly scope: Scope;
  readonly kind: string;
  readonly bytes: number;
}

export interface FigureRoom {
  readonly records: Records;
  readonly metrics: MetricStore;
  /** Everything that is stored, of every account. */
  readonly stored: () => AsyncIterable<StoredBytes>;
  readonly clock: Clock;
  readonly log: Log;
}

/** Milliseconds between looks. */
const INTERVAL = 60_000;
const STORAGE_INTERVAL = 60 * 60_000;

/** Runs, tasks and jobs by what became of them, and jobs that wait or run now, in the namespace Helicase. */
export function activityFigures(room: FigureRoom): Housekeeping {
  const { clock, log, metrics } = room;
  return new Housekeeping(clock, log, INTERVAL, async () => {
    await countStatusChanges(room);
    await metrics.add(await queueFigures(room));
  });
}

/** Stored bytes and things; seldom, since every record is looked at. */
export function storageFigures(room: FigureRoom): Housekeeping {
  const { clock, log, metrics } = room;
  return new Housekeeping(clock, log, STORAGE_INTERVAL, async () => metrics.add(await bytesStored(room)));
}

/** How many jobs of each kind wait and run. */
export async function queueFigures({ clock, records }: FigureRoom): Promise<readonly Measurement[]> {
  const depths = await records.jobs.depths();
  return depths.map(({ count, kind, scope, status }) =>
    gauge(
      scope,
      status === 'queued' ? 'JobsWaiting' : 'JobsRunning',
      'Count',
      { Kind: kind },
      count,
      clock.now(),
    ),
  );
}

export async function bytesStored({ clock, stored }: FigureRoom): Promise<readonly Measurement[]> {
  const sums = new Map<string, { readonly of: StoredBytes; bytes: number; things: number }>();
  for await (const of of stored()) {
    const key = `${of.scope.account} ${of.scope.region} ${of.kind}`;
    const sum = sums.get(key) ?? { of, bytes: 0, things: 0 };
    sum.bytes += of.bytes;
    sum.things += 1;
    sums.set(key, sum);
  }
  return [...sums.values()].flatMap(({ bytes, of: { kind, scope }, things }) => [
    gauge(scope, 'StoredBytes', 'Bytes', { Kind: kind }, bytes, clock.now()),
    gauge(scope, 'StoredFiles', 'Count', { Kind: kind }, things, clock.now()),
  ]);
}

function gauge(
  scope: Scope,
  name: string,
  unit: string,
  dimensions: Readonly<Record<string, string>>,
  value: number,
  now: number,
): Measurement {
  return {
    ...{ scope, namespace: 'Helicase', name, dimensions, unit, resolution: 60 },
    at: Math.floor(now / 60_000) * 60_000,
    ...{ count: 1, sum: value, min: value, max: value, buckets: new Map([[bucketOf(value), 1]]) },
  };
}
