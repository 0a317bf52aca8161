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
import type { Scope } from '@helicase/kernel';
import { type AnyOperation, defineOperation, type OperationContext, type Service } from '@helicase/wire';
import { errors } from './errors.ts';
import { findQuota, insertRequest, type QuotaRequest, type QuotaRoom, requestsOf } from './increases.ts';
import { type Quota, QUOTAS } from './quota-table.ts';

const SERVICE = { ServiceCode: 'omics', ServiceName: 'AWS HealthOmics' } as const;
/** Service Quotas over the guide's tables. */
export function quotasService(room: QuotaRoom): Service {
  const current = (scope: Scope, quota: Quota) => described(scope, quota, room.quotas.valueOf(scope, quota));
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
          const request = await room.requests.find(room.records.direct, scope, RequestId!);
          if (!request) throw errors.noRequest({ id: RequestId! });
          return { RequestedQuota: requestFacts(request) };
        },
      ),
      entry<ListRequestedServiceQuotaChangeHistoryRequest, ListRequestedServiceQuotaChangeHistoryResponse>(
        'ListRequestedServiceQuotaChangeHistory',
        async ({ ServiceCode, Status }, { scope }) => {
          const requests = (ServiceCode ?? 'omics') === 'omics' ? await requestsOf(room, scope) : [];
          const wanted = requests.filter(({ status }) => Status === undefined || status === Status);
          return { RequestedQuotas: wanted.map(requestFacts) };
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
  const request = { quota: findQuota(QuotaCode!), desired: DesiredValue!, requester: principal.arn };
  return { RequestedQuota: requestFacts(await insertRequest(room, scope, request)) };
}

function requireService(service: string): void {
  if (service !== 'omics') throw errors.noService({ service });
}

function described(scope: Scope, { adjustable, code, name, operations }: Quota, value: number): ServiceQuota {
  return {
    ...SERVICE,
    ...{ QuotaCode: code, QuotaName: name, QuotaArn: quotaArn(scope, code), Value: value, Unit: 'None' },
    ...{ Adjustable: adjustable, GlobalQuota: false, QuotaAppliedAtLevel: 'ACCOUNT' as const },
    ...(operations ? { Period: { PeriodValue: 1, PeriodUnit: 'SECOND' as const } } : {}),
  };
}

function requestFacts({
  createdAt,
  doc,
  id,
  scope,
  status,
  updatedAt,
}: QuotaRequest): RequestedServiceQuotaChange {
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
