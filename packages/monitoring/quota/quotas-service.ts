import * as schemas from '@aws-sdk/client-service-quotas';
import type {
  GetServiceQuotaRequest,
  GetServiceQuotaResponse,
  GetRequestedServiceQuotaChangeRequest,
  GetRequestedServiceQuotaChangeResponse,
  ListRequestedServiceQuotaChangeHistoryRequest,
  ListRequestedServiceQuotaChangeHistoryResponse,
  ListServiceQuotasRequest,
  ListServiceQuotasResponse,
  ListServicesRequest,
  ListServicesResponse,
  RequestedServiceQuotaChange,
  RequestServiceQuotaIncreaseRequest,
  RequestServiceQuotaIncreaseResponse,
  ServiceQuota,
} from '@aws-sdk/client-service-quotas';
import type { Ids, Scope } from '@helicase/kernel';
import type { Records, Resource, ResourceTable, Transaction } from '@helicase/records';
import { type AnyOperation, defineOperation, type OperationContext, type Service } from '@helicase/wire';
import { errors } from './errors.ts';
import { type Quota, QUOTAS } from './quota-table.ts';

const SERVICE = { ServiceCode: 'omics', ServiceName: 'AWS HealthOmics' } as const;
const MOST = 1000;

interface RequestDoc {
  readonly code: string;
  readonly desired: number;
  readonly requester: string;
}
type QuotaRequests = ResourceTable<RequestDoc, 'PENDING' | 'APPROVED', 'code', Transaction>;

export interface QuotaRoom {
  readonly records: Records;
  readonly ids: Ids;
  readonly requests: QuotaRequests;
  readonly valueOf: (quota: Quota) => number;
}

export function declareQuotaRequests(records: Records): QuotaRequests {
  return records.resource<RequestDoc, 'PENDING' | 'APPROVED', 'code'>({
    kind: 'quota-request',
    machine: { PENDING: { APPROVED: 'the operator raised the quota' }, APPROVED: {} },
    columns: { code: (doc) => doc.code },
  });
}

/** Service Quotas over the guide's tables. A request for more is approved by the operator, with the option `quotas`. */
export function quotasService(room: QuotaRoom): Service {
  const current = (scope: Scope, quota: Quota) => described(scope, quota, room.valueOf(quota));
  const original = (scope: Scope, quota: Quota) => described(scope, quota, quota.value);
  return {
    name: 'servicequotas',
    protocol: 'awsJson1_1',
    schemas,
    operations: [
      entry<ListServicesRequest, ListServicesResponse>('ListServices', async () => ({ Services: [SERVICE] })),
      ...listAndGet('ServiceQuota', current),
      ...listAndGet('AWSDefaultServiceQuota', original),
      entry<RequestServiceQuotaIncreaseRequest, RequestServiceQuotaIncreaseResponse>(
        'RequestServiceQuotaIncrease',
        (input, context) => requestIncrease(room, input, context),
      ),
      entry<GetRequestedServiceQuotaChangeRequest, GetRequestedServiceQuotaChangeResponse>(
        'GetRequestedServiceQuotaChange',
        async ({ RequestId }, { scope }) => {
          const request = (await requestsOf(room, scope)).find(({ Id }) => Id === RequestId);
          if (!request) throw errors.noRequest({ id: RequestId! });
          return { RequestedQuota: request };
        },
      ),
      entry<ListRequestedServiceQuotaChangeHistoryRequest, ListRequestedServiceQuotaChangeHistoryResponse>(
        'ListRequestedServiceQuotaChangeHistory',
        async ({ ServiceCode, Status }, { scope }) => {
          const requests = await requestsOf(room, scope);
          const isWanted = (one: RequestedServiceQuotaChange) =>
            (ServiceCode ?? 'omics') === 'omics' && (Status === undefined || one.Status === Status);
          return { RequestedQuotas: requests.filter(isWanted) };
        },
      ),
    ],
  };
}

function listAndGet(
  noun: string,
  describe: (scope: Scope, quota: Quota) => ServiceQuota,
): readonly AnyOperation[] {
  return [
    entry<ListServiceQuotasRequest, ListServiceQuotasResponse>(
      `List${noun}s`,
      async ({ ServiceCode }, { scope }) => {
        requireService(ServiceCode!);
        return { Quotas: QUOTAS.map((quota) => describe(scope, quota)) };
      },
    ),
    entry<GetServiceQuotaRequest, GetServiceQuotaResponse>(`Get${noun}`, async (input, { scope }) => {
      requireService(input.ServiceCode!);
      return { Quota: describe(scope, findQuota(input.QuotaCode!)) };
    }),
  ];
}

function entry<Input, Output>(
  name: string,
  handler: (input: Input, context: OperationContext) => Promise<Output>,
): AnyOperation {
  const readOnly = !name.startsWith('Request');
  return defineOperation<Input, Output>({
    ...{
      name,
      action: `servicequotas:${name}`,
      resources: () => ['*'],
      readOnly,
      quota: 'servicequotas',
      handler,
    },
  });
}

async function requestIncrease(
  room: QuotaRoom,
  { DesiredValue, QuotaCode, ServiceCode }: RequestServiceQuotaIncreaseRequest,
  { principal, scope }: OperationContext,
): Promise<RequestServiceQuotaIncreaseResponse> {
  requireService(ServiceCode!);
  const quota = findQuota(QuotaCode!);
  const { code, name } = quota;
  const [current, desired] = [room.valueOf(quota), DesiredValue!];
  if (!quota.adjustable) throw errors.notAdjustable({ code, name });
  if (desired <= current) throw errors.notHigher({ desired, current });
  const doc = { code, desired, requester: principal.arn };
  const row = await room.records.transaction(async (tx) => {
    const { rows } = await room.requests.list(tx, scope, {
      where: { code },
      statuses: ['PENDING'],
      limit: MOST,
    });
    const pending = rows.find((one) => one.doc.desired > current);
    if (pending) throw errors.pendingAlready({ id: pending.id, code });
    return room.requests.insert(tx, { scope, id: room.ids.hex(32), status: 'PENDING', doc });
  });
  return { RequestedQuota: requestFacts(scope, row) };
}

/** Newest first; those that the operator has met meanwhile are approved by being asked for. */
async function requestsOf(room: QuotaRoom, scope: Scope): Promise<readonly RequestedServiceQuotaChange[]> {
  const { direct } = room.records;
  const { rows } = await room.requests.list(direct, scope, { limit: MOST, order: 'newest-first' });
  const approved = rows.map(async (row) => {
    const isMet = row.status === 'PENDING' && room.valueOf(findQuota(row.doc.code)) >= row.doc.desired;
    return requestFacts(
      scope,
      isMet ? await room.requests.transition(direct, scope, row.id, 'APPROVED') : row,
    );
  });
  return Promise.all(approved);
}

function requireService(service: string): void {
  if (service !== 'omics') throw errors.noService({ service });
}

function findQuota(code: string): Quota {
  const quota = QUOTAS.find((one) => one.code === code);
  if (!quota) throw errors.noQuota({ code });
  return quota;
}

function described(scope: Scope, { adjustable, code, name, operations }: Quota, value: number): ServiceQuota {
  return {
    ...SERVICE,
    ...{ QuotaCode: code, QuotaName: name, QuotaArn: quotaArn(scope, code), Value: value, Unit: 'None' },
    ...{ Adjustable: adjustable, GlobalQuota: false, QuotaAppliedAtLevel: 'ACCOUNT' as const },
    ...(operations ? { Period: { PeriodValue: 1, PeriodUnit: 'SECOND' as const } } : {}),
  };
}

function requestFacts(
  scope: Scope,
  { createdAt, doc, id, status, updatedAt }: Resource<RequestDoc, 'PENDING' | 'APPROVED'>,
): RequestedServiceQuotaChange {
  const { code, desired, requester } = doc;
  return {
    ...SERVICE,
    ...{ Id: id, QuotaCode: code, QuotaName: findQuota(code).name, QuotaArn: quotaArn(scope, code) },
    ...{ DesiredValue: desired, Status: status, Requester: JSON.stringify({ callerArn: requester }) },
    ...{ Created: new Date(createdAt), LastUpdated: new Date(updatedAt), GlobalQuota: false, Unit: 'None' },
  };
}

function quotaArn({ account, region }: Scope, code: string): string {
  return `arn:aws:servicequotas:${region}:${account}:omics/${code}`;
}
