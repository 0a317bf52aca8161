import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type {
  ListAWSDefaultServiceQuotasResponse,
  ListRequestedServiceQuotaChangeHistoryResponse,
  ListServiceQuotasResponse,
  ListServicesResponse,
} from '@aws-sdk/client-service-quotas';
import { omicsArn, type ServiceError, systemClock } from '@helicase/kernel';
import { amongIds, type Records, type ResourceTable, type Transaction } from '@helicase/records';
import { defineOperation } from '@helicase/wire';
import { observedCall, openTestMonitoring, type TestMonitoring } from '../testing.ts';
import { type Quota, QUOTAS } from './quota-table.ts';

const RATES = QUOTAS.filter(({ operations }) => operations !== undefined);
const HIGHER = 3;

/** Time stands still: no token comes back. */
const clock = { ...systemClock, now: () => Date.UTC(2026, 0, 31) };

describe('every rate of the guide, in profile aws', () => {
  const admit = async (room: TestMonitoring, name: string): Promise<ServiceError | undefined> => {
    const call = observedCall(name, {}, room.context);
    try {
      for (const observer of room.observers) await observer.admit?.(call);
      return undefined;
    } catch (error) {
      return error as ServiceError;
    }
  };
  /** Its operations share it: asked in turn, until one is refused. */
  const passed = async (room: TestMonitoring, { operations }: Quota) => {
    for (let count = 0; ; count += 1) {
      const refusal = await admit(room, operations![count % operations!.length]!);
      if (refusal) return { count, refusal };
    }
  };

  it('is reached, told with its code and the time to wait, and passed where it was raised', async () => {
    const asIs = await openTestMonitoring('sqlite', { quotaProfile: 'aws', clock });
    const quotas = Object.fromEntries(RATES.map(({ code, value }) => [code, value * HIGHER]));
    const raised = await openTestMonitoring('sqlite', { quotaProfile: 'aws', clock, quotas });
    for (const rate of RATES) {
      const { count, refusal } = await passed(asIs, rate);
      assert.equal(count, Math.max(1, rate.value), rate.name);
      assert.deepEqual([refusal.code, refusal.status], ['ThrottlingException', 429], rate.name);
      assert.ok(refusal.message.includes(rate.code), rate.name);
      assert.ok(refusal.retryAfterSeconds! >= 1, rate.name);
      const more = await passed(raised, rate);
      const applied = rate.adjustable ? rate.value * HIGHER : rate.value;
      assert.equal(more.count, Math.floor(Math.max(1, applied)), `${rate.name}, raised`);
    }
    await asIs.close();
    await raised.close();
  });
});

type Things = ResourceTable<
  { readonly tags: Readonly<Record<string, string>> },
  'ACTIVE',
  never,
  Transaction
>;

describe('every number of things that an account may have, in profile aws', () => {
  for (const [operation, type, name] of [
    ['CreateSequenceStore', 'sequenceStore', 'Sequence stores'],
    ['CreateVariantStore', 'variantStore', 'Variant stores'],
    ['CreateAnnotationStore', 'annotationStore', 'Annotation stores'],
    ['CreateWorkflow', 'workflow', 'Number of workflows'],
    ['CreateRunGroup', 'runGroup', 'Number of run groups'],
  ] as const) {
    it(`${name}: reached, then passed after an increase that the operator approved`, async () => {
      const { code, value } = QUOTAS.find((quota) => quota.name === name)!;
      const open = async (quotas: Readonly<Record<string, number>>) => {
        let things: Things | undefined;
        const declare = (records: Records) => {
          things = records.resource({
            ...{ kind: 'thing', machine: { ACTIVE: {} } },
            tagged: {
              ...{ type: `omics:${type}`, among: amongIds(new RegExp(`^${type}/(.+)$`)) },
              arn: ({ id, scope }) => omicsArn(scope, `${type}/${id}`),
            },
          });
        };
        const room = await openTestMonitoring('sqlite', { quotaProfile: 'aws', quotas, declare });
        let made = 0;
        const create = defineOperation<object, object>({
          ...{ name: operation, action: `omics:${operation}`, resources: () => ['*'] },
          ...{ readOnly: false, quota: 'create' },
          handler: (_, { scope }) =>
            things!.insert(room.records.direct, {
              scope,
              id: `${(made += 1)}`,
              status: 'ACTIVE',
              doc: { tags: {} },
            }),
        });
        const [limited] = room.limited([create]);
        return { room, ask: () => limited!.handler!({} as never, room.context) };
      };
      const { ask, room } = await open({});
      for (let count = 0; count < value; count += 1) await ask();
      await assert.rejects(ask(), { code: 'ServiceQuotaExceededException', status: 402 });
      const increase = { ServiceCode: 'omics', QuotaCode: code, DesiredValue: value + 2 };
      await room.call('RequestServiceQuotaIncrease', increase);
      await assert.rejects(ask(), { code: 'ServiceQuotaExceededException' }, 'asking alone raises nothing');
      await room.close();

      const approved = await open({ [code]: value + 2 });
      for (let count = 0; count < value + 2; count += 1) await approved.ask();
      await assert.rejects(approved.ask(), { code: 'ServiceQuotaExceededException' });
      await approved.room.close();
    });
  }
});

describe('Service Quotas', () => {
  it('lists the service, its defaults, and what applies once the operator raised it', async () => {
    const { code, value } = QUOTAS.find(({ name }) => name === 'Variant stores')!;
    const quotas: Record<string, number> = {};
    const room = await openTestMonitoring('sqlite', { quotaProfile: 'aws', quotas });
    const { Services } = await room.call<ListServicesResponse>('ListServices', {});
    assert.deepEqual(
      Services!.map(({ ServiceCode }) => ServiceCode),
      ['omics'],
    );
    const applied = async () => {
      const { Quotas } = await room.call<ListServiceQuotasResponse>('ListServiceQuotas', {
        ServiceCode: 'omics',
      });
      return Quotas!.find(({ QuotaCode }) => QuotaCode === code)!.Value;
    };
    const status = async () => {
      const { RequestedQuotas } = await room.call<ListRequestedServiceQuotaChangeHistoryResponse>(
        'ListRequestedServiceQuotaChangeHistory',
        {},
      );
      return RequestedQuotas!.map(({ Status }) => Status);
    };
    const increase = { ServiceCode: 'omics', QuotaCode: code, DesiredValue: value * 2 };
    await room.call('RequestServiceQuotaIncrease', increase);
    assert.deepEqual([await applied(), await status()], [value, ['PENDING']]);
    quotas[code] = value * 2;
    assert.deepEqual([await applied(), await status()], [value * 2, ['APPROVED']]);
    const { Quotas } = await room.call<ListAWSDefaultServiceQuotasResponse>('ListAWSDefaultServiceQuotas', {
      ServiceCode: 'omics',
    });
    assert.deepEqual(
      Quotas!.map(({ QuotaCode, Value }) => [QuotaCode, Value]),
      QUOTAS.map((quota) => [quota.code, quota.value]),
    );
    await assert.rejects(room.call('ListServiceQuotas', { ServiceCode: 'ec2' }), {
      name: 'NoSuchResourceException',
    });
    await room.close();
  });
});
