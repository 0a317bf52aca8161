import { createHash } from 'node:crypto';
import type { OutboxEvent } from '@helicase/records';

/** An event as EventBridge delivers it: the guide, "EventBridge event message structure". */
export interface BusEvent {
  readonly version: '0';
  readonly id: string;
  readonly 'detail-type': string;
  readonly source: string;
  readonly account: string;
  /** ISO 8601, whole seconds. */
  readonly time: string;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: unknown;
}

/** The event of an outbox entry, the same however often it is asked for; undefined where the entry tells nothing. */
export function busEvent(entry: OutboxEvent): BusEvent | undefined {
  const { at, id, kind, notice, revision, scope } = entry;
  if (!notice) return undefined;
  return {
    version: '0',
    id: kind === 'notice' ? id : eventId(`${scope.account} ${scope.region} ${kind} ${id} ${revision}`),
    'detail-type': notice.detailType,
    source: notice.source ?? 'aws.omics',
    account: scope.account,
    time: `${new Date(at).toISOString().slice(0, 19)}Z`,
    region: scope.region,
    resources: notice.resources,
    detail: notice.detail,
  };
}

/** A UUID made of what makes the event one: a reader that gets it twice can tell. */
function eventId(identity: string): string {
  const bytes = createHash('sha256').update(identity).digest().subarray(0, 16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
