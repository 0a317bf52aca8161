import type { Target } from '@aws-sdk/client-eventbridge';
import { rootPrincipal, type Scope, ServiceError } from '@helicase/kernel';
import type { JobRun, JobWorker, Transaction } from '@helicase/records';
import type { BusEvent } from './bus-event.ts';
import { deadLetter } from './dead-letter.ts';
import { type Deliver, deliverer } from './delivery.ts';
import type { EventRoom } from './event-room.ts';
import { insist } from './insist.ts';
import { OutboxReader, type ToldEntry } from './outbox-reader.ts';
import { compilePattern } from './pattern.ts';
import { DEFAULT_BUS, type Rule } from './rule.ts';
import { cursorTables } from './tables.ts';
import { Undeliverable } from './undeliverable.ts';

export const DELIVERY = 'event-delivery';

/** Events of different resources that a target is told at the same time. */
const AT_ONCE = 32;
/** Milliseconds between keepings of how far a target was told. */
const KEEP_AFTER = 250;
/** Milliseconds that events which come one by one wait for others. */
const COMPANY = 50;
/** AWS's defaults of a target's retry policy. */
const MOST_ATTEMPTS = 185;
const OLDEST_SECONDS = 24 * 60 * 60;

interface Delivery {
  readonly rule: string;
  readonly target: string;
}
type Run = JobRun<Delivery, unknown, Transaction>;

/**
 * Tells one target everything since it was last told: a job of its own for each target, so that one that hangs delays
 * nobody else. Nothing is queued per target but a position in the outbox, whatever is waiting.
 */
export function deliveryWorker(room: EventRoom): JobWorker<Delivery, unknown, Transaction> {
  const outbox = new OutboxReader(room.records);
  return {
    kind: DELIVERY,
    concurrency: 256,
    run: (run) => catchUp(room, outbox, run),
    async exhausted() {
      // The next event has the target's deliveries tried again.
    },
  };
}

export function deliveryJob(scope: Scope, delivery: Delivery) {
  const actor = { scope, principal: rootPrincipal(scope.account) };
  return { actor, kind: DELIVERY, subject: `${delivery.rule}/${delivery.target}`, input: delivery };
}

/** Keeps how far it is now and then, and at the end: what was told since then is told again after a kill. */
async function catchUp(room: EventRoom, outbox: OutboxReader, run: Run): Promise<void> {
  const { scope } = run.actor;
  const { rule: id, target: targetId } = run.input;
  let told = -1;
  let keptAt = room.clock.now();
  while (!run.signal.aborted) {
    const kept = await positionOf(room, scope, run.input);
    const rule = await room.rules.find(room.records.direct, scope, id);
    const target = rule?.doc.targets.find(({ Id }) => Id === targetId);
    if (kept === undefined || !rule || !target) return;
    const entries = await outbox.after(Math.max(told, kept));
    const events = rule.status === 'ENABLED' ? matching(rule, entries) : [];
    if (events.length > 0) await deliverAll(room, run, rule, target, events);
    run.signal.throwIfAborted();
    const last = entries.at(-1);
    if (last) told = last.position;
    if (told > kept && (!last || room.clock.now() - keptAt >= KEEP_AFTER)) {
      await run.commit((tx) => movePosition(tx, scope, run.input, told));
      keptAt = room.clock.now();
    }
    if (!last) return;
    if (entries.length < AT_ONCE) await room.clock.sleep(COMPANY, run.signal).catch(() => {});
  }
}

/** By resource: each one's events in their order. */
function matching(rule: Rule, entries: readonly ToldEntry[]): readonly (readonly BusEvent[])[] {
  const matches = compilePattern(rule.doc.eventPattern);
  const byResource = new Map<string, BusEvent[]>();
  for (const entry of entries) {
    const { account, region } = entry.scope;
    const isHere = account === rule.scope.account && region === rule.scope.region;
    if (!isHere || (entry.notice?.bus ?? DEFAULT_BUS) !== rule.doc.bus) continue;
    const { event } = entry;
    if (!event || !matches(event)) continue;
    const key = `${entry.kind} ${entry.id}`;
    const ofResource = byResource.get(key);
    if (ofResource) ofResource.push(event);
    else byResource.set(key, [event]);
  }
  return [...byResource.values()];
}

async function deliverAll(
  room: EventRoom,
  run: Run,
  rule: Rule,
  target: Target,
  events: readonly (readonly BusEvent[])[],
): Promise<void> {
  const waiting = events.values();
  const deliver = await deliverer(room, rule, target).catch((error: unknown) => {
    if (error instanceof Undeliverable || error instanceof ServiceError) return () => Promise.reject(error);
    throw error;
  });
  const lane = async () => {
    for (const ofResource of waiting) {
      for (const event of ofResource) await deliverOne(room, run, { rule, target, event, deliver });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
}

interface Attempted {
  readonly rule: Rule;
  readonly target: Target;
  readonly event: BusEvent;
  readonly deliver: Deliver;
}

/** What was not taken goes to the dead letters, where there is a place for them. */
async function deliverOne(room: EventRoom, run: Run, attempted: Attempted): Promise<void> {
  const { deliver, event, target } = attempted;
  const { MaximumEventAgeInSeconds = OLDEST_SECONDS, MaximumRetryAttempts = MOST_ATTEMPTS } =
    target.RetryPolicy ?? {};
  const policy = { attempts: MaximumRetryAttempts, seconds: MaximumEventAgeInSeconds };
  const error = await insist(room, run.signal, policy, () => deliver(event, run.signal));
  if (error) await deadLetter(room, attempted, error);
}

async function positionOf(
  room: EventRoom,
  scope: Scope,
  { rule, target }: Delivery,
): Promise<number | undefined> {
  const row = await cursorTables(room.records.direct)
    .selectFrom('event_cursor')
    .select('position')
    .where('account', '=', scope.account)
    .where('region', '=', scope.region)
    .where('rule', '=', rule)
    .where('target', '=', target)
    .executeTakeFirst();
  return row && Number(row.position);
}

async function movePosition(
  tx: Transaction,
  scope: Scope,
  { rule, target }: Delivery,
  position: number,
): Promise<void> {
  await cursorTables(tx)
    .updateTable('event_cursor')
    .set({ position })
    .where('position', '<', position)
    .where('account', '=', scope.account)
    .where('region', '=', scope.region)
    .where('rule', '=', rule)
    .where('target', '=', target)
    .execute();
}
