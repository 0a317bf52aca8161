import type { OutboxEvent } from './records.ts';
import type { Resource } from './resource.ts';

/** What a change tells the outside: an EventBridge event without what every event has. */
export interface Notice {
  /** `aws.omics` unless told. */
  readonly source?: string;
  /** `Read Set Status Change`. */
  readonly detailType: string;
  /** ARNs. */
  readonly resources: readonly string[];
  readonly detail: unknown;
  /** The event bus; `default` unless told. */
  readonly bus?: string;
}

/** A notice that belongs to no resource: `id` is its own. */
export interface OwnNotice {
  readonly id: string;
  readonly notice: Notice;
}

/** A change of a resource that may be told: not of its doc alone. */
export interface ToldChange<Status extends string> {
  readonly type: 'created' | 'transition' | 'deleted';
  readonly from: Status | undefined;
  readonly to: Status | undefined;
}

/** How the changes of a kind are told: the guide, "Using EventBridge with AWS HealthOmics". */
export interface AnnouncedKind<Doc, Status extends string> {
  readonly detailType: string;
  readonly arn: (resource: Resource<Doc, Status>) => string;
  /** Ids and names beside ARN and status. */
  readonly detail: (resource: Resource<Doc, Status>) => Readonly<Record<string, unknown>>;
  /** What the event calls the status; undefined where the change is not told. The row's status, or DELETED, unless given. */
  readonly status?: (change: ToldChange<Status>) => string | undefined;
}

/** The notice of a change; undefined where there is none to tell. */
export function noticeOf<Doc, Status extends string>(
  announced: AnnouncedKind<Doc, Status> | undefined,
  change: { readonly type: OutboxEvent['type']; readonly from?: Status; readonly to?: Status },
  resource: Resource<Doc, Status>,
): Notice | undefined {
  const { type } = change;
  if (!announced || type === 'changed') return undefined;
  const told = { type, from: change.from, to: change.to };
  const status = announced.status ? announced.status(told) : (change.to ?? 'DELETED');
  if (status === undefined) return undefined;
  const arn = announced.arn(resource);
  const detail = { omicsVersion: '1.0.0', arn, status, ...announced.detail(resource) };
  return { detailType: announced.detailType, resources: [arn], detail };
}
