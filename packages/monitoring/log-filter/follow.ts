import { rootPrincipal } from '@helicase/kernel';
import { Housekeeping, type JobRun, type JobWorker, type Transaction } from '@helicase/records';
import { teller } from '../event/delivery.ts';
import type { EventRoom } from '../event/event-room.ts';
import { insist, type RetryPolicy } from '../event/insist.ts';
import { eventId } from '../log-event/filter-log-events.ts';
import { filterPattern } from '../log-event/filter-pattern.ts';
import type { OpenedChunk } from '../log-store/chunk.ts';
import type { LogReader } from '../log-store/log-reader.ts';
import type { MetricStore } from '../metric/metric-store.ts';
import { forgetChunks, waitingChunks, waitingFilters } from './filter-queue.ts';
import { type FilterKey, findFilter } from './filter-store.ts';
import { LineMeasures, type MetricFilterDoc } from './metric-filter.ts';
import { envelope, type SubscriptionDoc, subscriptionTarget } from './subscription.ts';
import type { FilterKind } from './tables.ts';

/** What every file of log filters leans on. */
export interface LogFilterRoom extends EventRoom {
  readonly reader: LogReader;
  readonly metrics: MetricStore;
}

const FOLLOW = 'log-filter';
/** Milliseconds between looks at what waits. */
const INTERVAL = 500;
/** Chunks that a filter looks at together. */
const AT_ONCE = 32;
/** "If CloudWatch Logs can't deliver, it retries for up to 24 hours." */
const RETRIES: RetryPolicy = { attempts: Infinity, seconds: 24 * 60 * 60 };

interface Follow {
  readonly group: string;
  readonly kind: FilterKind;
  readonly name: string;
}
type Run = JobRun<Follow, unknown, Transaction>;

/** Has every filter look at the lines that came, here or on another server. */
export function filterPump({ clock, log, records }: LogFilterRoom): Housekeeping {
  return new Housekeeping(clock, log, INTERVAL, async () => {
    for (const { scope, ...input } of await waitingFilters(records.direct)) {
      const actor = { scope, principal: rootPrincipal(scope.account) };
      const subject = JSON.stringify([input.kind, input.group, input.name]);
      await records.transaction((tx) =>
        records.jobs.enqueue<Follow>(tx, { actor, kind: FOLLOW, subject, input }),
      );
    }
  });
}

/** One filter's work: a job of its own, so that a subscriber that hangs delays nobody else. */
export function filterWorker(room: LogFilterRoom): JobWorker<Follow, unknown, Transaction> {
  return {
    kind: FOLLOW,
    concurrency: 256,
    async run(run) {
      const key: FilterKey = { scope: run.actor.scope, ...run.input };
      while (!run.signal.aborted) {
        const ids = await waitingChunks(room.records.direct, key, AT_ONCE);
        if (ids.length === 0) return;
        if (key.kind === 'metric') await measure(room, run, key, ids);
        else await tell(room, run, key, ids);
      }
    },
    async exhausted() {
      // What waits is looked at again by the next job.
    },
  };
}

/** Measured exactly once: the measurements and what was looked at are one transaction. */
async function measure(room: LogFilterRoom, run: Run, key: FilterKey, ids: readonly string[]): Promise<void> {
  const filter = await findFilter<MetricFilterDoc>(room.records.direct, key);
  const measures = filter && new LineMeasures(filter);
  for (const chunk of measures ? await room.reader.chunksById(ids) : [])
    if (chunk.mayHold(measures!.needles)) measures!.add(chunk.events());
  await run.commit(async (tx) => {
    if (measures) await room.metrics.addWithin(tx, measures.measurements());
    await forgetChunks(tx, key, ids);
  });
}

/** Told at least once, each stream's lines in their order. */
async function tell(room: LogFilterRoom, run: Run, key: FilterKey, ids: readonly string[]): Promise<void> {
  const filter = await findFilter<SubscriptionDoc>(room.records.direct, key);
  const chunks = filter ? await room.reader.chunksById(ids) : [];
  const matched = filter && chunks.flatMap((chunk) => matching(filter.doc.pattern, chunk));
  for (const events of matched ?? []) {
    const message = { id: eventId(events[0]!), body: envelope(filter!, events), at: room.clock.now() };
    const target = subscriptionTarget(filter!.doc);
    const error = await insist(room, run.signal, RETRIES, async () => {
      const told = await teller(room, key.scope, target, key.name);
      await told(message, run.signal);
    });
    if (error)
      room.log.warn(
        { filter: key.name, group: key.group, error },
        'lines were not taken by their subscriber',
      );
  }
  await run.commit((tx) => forgetChunks(tx, key, ids));
}

function matching(pattern: string, chunk: OpenedChunk) {
  const { matches, needles } = filterPattern(pattern);
  const events = chunk.mayHold(needles) ? chunk.events().filter(({ message }) => matches(message)) : [];
  return events.length > 0 ? [events] : [];
}
