import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type {
  GetAWSDefaultServiceQuotaResponse,
  GetRequestedServiceQuotaChangeResponse,
  ListAWSDefaultServiceQuotasResponse,
  ListRequestedServiceQuotaChangeHistoryResponse,
  ListServiceQuotasResponse,
  ListServicesResponse,
  RequestServiceQuotaIncreaseResponse,
} from '@aws-sdk/client-service-quotas';
import { omicsArn, type ServiceError, systemClock } from '@helicase/kernel';
import { amongIds, type Records, type ResourceTable, type Transaction } from '@helicase/records';
import { defineOperation, type OperationContext } from '@helicase/wire';
import { contextOf, observedCall, openTestMonitoring, type TestMonitoring } from '../testing.ts';
import { type Quota, QUOTAS } from './quota-table.ts';

const RATES = QUOTAS.filter(({ operations }) => operations !== undefined);
const HIGHER = 3;

/** Asks as the account, without the operator's word. */
async function request(room: TestMonitoring, code: string, value: number, as = room.context) {
  const input = { ServiceCode: 'omics', QuotaCode: code, DesiredValue: value };
  const answer = await room.call<RequestServiceQuotaIncreaseResponse>(
    'RequestServiceQuotaIncrease',
    input,
    as,
  );
  return answer.RequestedQuota!.Id!;
}

/** Time stands still: no token comes back. */
const clock = { ...systemClock, now: () => Date.UTC(2026, 0, 31) };

describe('every rate of the guide, in profile aws', () => {
  const raised = contextOf('444455556666', 'us-east-1');
  const admit = async (
    room: TestMonitoring,
    name: string,
    context: OperationContext,
  ): Promise<ServiceError | undefined> => {
    const call = observedCall(name, {}, context);
    try {
      for (const observer of room.observers) await observer.admit?.(call);
      return undefined;
    } catch (error) {
      return error as ServiceError;
    }
  };
  /** Its operations share it: asked in turn, until one is refused. */
  const passed = async (room: TestMonitoring, { operations }: Quota, context = room.context) => {
    for (let count = 0; ; count += 1) {
      const refusal = await admit(room, operations![count % operations!.length]!, context);
      if (refusal) return { count, refusal };
    }
  };

  it('is reached, told with its code and the time to wait, and passed by the account whose increase was approved', async (t) => {
    const room = await openTestMonitoring('sqlite', { quotaProfile: 'aws', clock });
    t.after(() => room.close());
    for (const rate of RATES) {
      const { count, refusal } = await passed(room, rate);
      assert.equal(count, Math.max(1, rate.value), rate.name);
      assert.deepEqual([refusal.code, refusal.status], ['ThrottlingException', 429], rate.name);
      assert.ok(refusal.message.includes(rate.code), rate.name);
      assert.ok(refusal.retryAfterSeconds! >= 1, rate.name);
      const asked = request(room, rate.code, rate.value * HIGHER, raised);
      if (rate.adjustable) await room.increases.decide(await asked, 'APPROVED');
      else await assert.rejects(asked, /is not adjustable/);
      const more = await passed(room, rate, raised);
      const applied = rate.adjustable ? rate.value * HIGHER : rate.value;
      assert.equal(more.count, Math.floor(Math.max(1, applied)), `${rate.name}, raised`);
    }
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
    it(`${name}: reached, then passed after an increase that the operator approved`, async (t) => {
      const { code, value } = QUOTAS.find((quota) => quota.name === name)!;
      const open = async () => {
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
        const room = await openTestMonitoring('sqlite', { quotaProfile: 'aws', declare });
        t.after(() => room.close());
        let made = 0;
        const create = defineOperation<object, object>({
          ...{ name: operation, action: `omics:${operation}`, resources: () => ['*'] },
          ...{ readOnly: false, quota: 'create' },
          handler: (_, { reserve, scope }) =>
            room.records.transaction(async (tx) => {
              await reserve?.(tx);
              const id = `${(made += 1)}`;
              return things!.insert(tx, { scope, id, status: 'ACTIVE', doc: { tags: {} } });
            }),
        });
        const [limited] = room.limited([create]);
        return { room, ask: () => limited!.handler!({} as never, room.context) };
      };
      const { ask, room } = await open();
      for (let count = 0; count < value; count += 1) await ask();
      await assert.rejects(ask(), { code: 'ServiceQuotaExceededException', status: 402 });
      const id = await request(room, code, value + 2);
      await assert.rejects(ask(), { code: 'ServiceQuotaExceededException' }, 'asking alone raises nothing');
      await room.increases.decide(id, 'APPROVED');
      for (let count = 0; count < 2; count += 1) await ask();
      await assert.rejects(ask(), { code: 'ServiceQuotaExceededException' });
    });
  }
});

describe('Service Quotas', () => {
  it('lists the service, its defaults, and what applies once the operator approved a request', async (t) => {
    const { code, value } = QUOTAS.find(({ name }) => name === 'Variant stores')!;
    const room = await openTestMonitoring('sqlite', { quotaProfile: 'aws' });
    t.after(() => room.close());
    const { Services } = await room.call<ListServicesResponse>('ListServices', {});
    assert.deepEqual(
      Services!.map(({ ServiceCode }) => ServiceCode),
      ['omics'],
    );
    const applied = async (as = room.context) => {
      const { Quotas } = await room.call<ListServiceQuotasResponse>(
        'ListServiceQuotas',
        { ServiceCode: 'omics' },
        as,
      );
      return Quotas!.find(({ QuotaCode }) => QuotaCode === code)!.Value;
    };
    const status = async () => {
      const { RequestedQuotas } = await room.call<ListRequestedServiceQuotaChangeHistoryResponse>(
        'ListRequestedServiceQuotaChangeHistory',
        {},
      );
      return RequestedQuotas!.map(({ Status }) => Status);
    };
    const first = await request(room, code, value * 5);
    assert.deepEqual([await applied(), await status()], [value, ['PENDING']]);
    const [pending] = await room.increases.pending();
    assert.deepEqual(
      [pending!.id, pending!.scope.account, pending!.quota.name, pending!.current, pending!.desired],
      [first, '111122223333', 'Variant stores', value, value * 5],
    );
    await room.increases.decide(first, 'DENIED');
    assert.equal(await room.increases.decide(first, 'APPROVED'), undefined, 'decided once');
    assert.deepEqual([await applied(), await status()], [value, ['DENIED']]);
    await room.increases.decide(await request(room, code, value * 2), 'APPROVED');
    assert.deepEqual([await applied(), await status()], [value * 2, ['APPROVED', 'DENIED']]);
    assert.equal(await applied(contextOf('444455556666', 'us-east-1')), value, 'another account has its own');
    const { RequestedQuota } = await room.call<GetRequestedServiceQuotaChangeResponse>(
      'GetRequestedServiceQuotaChange',
      { RequestId: first },
    );
    assert.deepEqual([RequestedQuota!.Status, RequestedQuota!.DesiredValue], ['DENIED', value * 5]);
    const original = { ServiceCode: 'omics', QuotaCode: code };
    const { Quota } = await room.call<GetAWSDefaultServiceQuotaResponse>(
      'GetAWSDefaultServiceQuota',
      original,
    );
    assert.equal(Quota!.Value, value);
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
  });
});
