import type { Ids, Scope } from '@helicase/kernel';
import type { Records, Resource, ResourceTable, Transaction } from '@helicase/records';
import type { AppliedQuotas } from './applied-quotas.ts';
import { errors } from './errors.ts';
import { type Quota, QUOTAS } from './quota-table.ts';

/** An account's request for more of a quota. */
interface RequestDoc {
  readonly code: string;
  readonly desired: number;
  readonly requester: string;
}
type RequestStatus = 'PENDING' | 'APPROVED' | 'DENIED';
export type QuotaRequest = Resource<RequestDoc, RequestStatus>;

export interface QuotaRoom {
  readonly records: Records;
  readonly ids: Ids;
  readonly requests: ResourceTable<RequestDoc, RequestStatus, 'code', Transaction>;
  readonly quotas: AppliedQuotas;
}

/** As the operator sees it. */
export interface PendingIncrease {
  readonly id: string;
  readonly scope: Scope;
  readonly quota: Quota;
  /** What holds now. */
  readonly current: number;
  readonly desired: number;
  /** ARN of who asked. */
  readonly requester: string;
  /** Milliseconds. */
  readonly createdAt: number;
}

/** What accounts asked for, for the operator to decide. */
export interface QuotaIncreases {
  pending(): Promise<readonly PendingIncrease[]>;
  /** The request as it was; undefined where none of this id is pending. */
  decide(id: string, decision: 'APPROVED' | 'DENIED'): Promise<PendingIncrease | undefined>;
}

/** A list page of an account's requests: more than it has. */
const MOST = 1000;

export function declareQuotaRequests(records: Records): QuotaRoom['requests'] {
  return records.resource<RequestDoc, RequestStatus, 'code'>({
    kind: 'quota-request',
    machine: {
      PENDING: { APPROVED: 'the operator approved it', DENIED: 'the operator denied it' },
      APPROVED: {},
      DENIED: {},
    },
    columns: { code: (doc) => doc.code },
  });
}

export async function insertRequest(
  { ids, quotas, records, requests }: QuotaRoom,
  scope: Scope,
  asked: { readonly quota: Quota; readonly desired: number; readonly requester: string },
): Promise<QuotaRequest> {
  const { desired, quota, requester } = asked;
  const { adjustable, code, name } = quota;
  const current = quotas.valueOf(scope, quota);
  if (!adjustable) throw errors.notAdjustable({ code, name });
  if (desired <= current) throw errors.notHigher({ desired, current });
  return records.transaction(async (tx) => {
    const query = { where: { code }, statuses: ['PENDING'] as const, limit: 1 };
    const [pending] = (await requests.list(tx, scope, query)).rows;
    if (pending) throw errors.pendingAlready({ id: pending.id, code });
    const doc = { code, desired, requester };
    return requests.insert(tx, { scope, id: ids.hex(32), status: 'PENDING', doc });
  });
}

/** Newest first. */
export async function requestsOf(
  { records, requests }: QuotaRoom,
  scope: Scope,
): Promise<readonly QuotaRequest[]> {
  return (await requests.list(records.direct, scope, { limit: MOST, order: 'newest-first' })).rows;
}

export function quotaIncreases(room: QuotaRoom): QuotaIncreases {
  const { quotas, records, requests } = room;
  const pending = async () => {
    await quotas.refresh();
    const found: PendingIncrease[] = [];
    for await (const request of requests.scan(records.direct))
      if (request.status === 'PENDING') found.push(increaseOf(room, request));
    return found;
  };
  return {
    pending,
    async decide(id, decision) {
      const increase = (await pending()).find((one) => one.id === id);
      if (!increase) return undefined;
      const { desired, quota, scope } = increase;
      await records.transaction(async (tx) => {
        await requests.transition(tx, scope, id, decision);
        if (decision === 'APPROVED') await quotas.approve(tx, scope, quota.code, desired);
      });
      await quotas.refresh();
      return increase;
    },
  };
}

function increaseOf({ quotas }: QuotaRoom, { createdAt, doc, id, scope }: QuotaRequest): PendingIncrease {
  const { code, desired, requester } = doc;
  const quota = findQuota(code);
  return { id, scope, quota, current: quotas.valueOf(scope, quota), desired, requester, createdAt };
}

export function findQuota(code: string): Quota {
  const quota = QUOTAS.find((one) => one.code === code);
  if (!quota) throw errors.noQuota({ code });
  return quota;
}
