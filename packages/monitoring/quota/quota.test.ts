import type {
  ListServiceQuotasResponse,
  ListRequestedServiceQuotaChangeHistoryResponse,
  RequestServiceQuotaIncreaseResponse,
} from '@aws-sdk/client-service-quotas';
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ServiceError } from '@helicase/kernel';
import { dialectsUnderTest } from '@helicase/records';
import { contextOf, observedCall, openTestMonitoring, type TestMonitoring } from '../testing.ts';
import { type Bucket, take } from './throttle.ts';
import { QUOTAS, rateOf } from './quota-table.ts';

describe("the guide's quotas", () => {
  it('are each there once, with a code of its own', () => {
    assert.equal(new Set(QUOTAS.map(({ code }) => code)).size, QUOTAS.length);
    const operations = QUOTAS.flatMap((quota) => quota.operations ?? []);
    assert.equal(new Set(operations).size, operations.length);
  });

  it('are those of the tables', () => {
    const value = (name: string) => QUOTAS.find((quota) => quota.name === name)?.value;
    assert.equal(value('Sequence stores'), 20);
    assert.equal(value('Number of workflow runs (active or inactive)'), 5000);
    assert.deepEqual(
      [rateOf('StartRun')!.value, rateOf('GetReadSet')!.value, rateOf('GetRun')!.value],
      [0.1, 30, 10],
    );
    assert.deepEqual([rateOf('GetVariantStore')!.adjustable, rateOf('GetRun')!.adjustable], [false, true]);
  });
});

describe('a token bucket', () => {
  it('gives a second at once, then its rate', () => {
    let bucket: Bucket | undefined;
    const ask = (now: number) => {
      const taken = take(bucket, 5, now);
      if ('wait' in taken) return taken.wait;
      bucket = taken;
      return 0;
    };
    assert.deepEqual(
      Array.from({ length: 6 }, () => ask(0)),
      [0, 0, 0, 0, 0, 0.2],
    );
    assert.equal(ask(200), 0);
    assert.ok(ask(200) > 0);
    assert.deepEqual(
      Array.from({ length: 6 }, () => ask(60_000) === 0),
      [true, true, true, true, true, false],
    );
  });

  it('of a tenth of a request a second gives one every ten', () => {
    const first = take(undefined, 0.1, 0) as Bucket;
    const { wait } = take(first, 0.1, 4_000) as { wait: number };
    assert.equal(wait.toFixed(6), '6.000000');
    assert.equal('wait' in take(first, 0.1, 10_000), false);
  });

  it('gives nothing more when the clock goes back', () => {
    const empty = { tokens: 0, at: 10_000 };
    assert.ok('wait' in take(empty, 5, 0));
  });
});

for (const { dialect, skip } of dialectsUnderTest()) {
  describe(`rates on ${dialect}`, { skip }, () => {
    const admit = async (room: TestMonitoring, name: string, account = '111122223333') => {
      const call = observedCall(name, {}, contextOf(account, 'us-east-1'));
      for (const observer of room.observers) await observer.admit?.(call);
    };
    const answers = async (ask: () => Promise<void>, count: number) => {
      const all = await Promise.allSettled(Array.from({ length: count }, ask));
      return all.filter(({ status }) => status === 'fulfilled').length;
    };

    it('hold for each account in profile aws, with the time to wait', async () => {
      const room = await openTestMonitoring(dialect, { quotaProfile: 'aws' });
      try {
        assert.equal(await answers(() => admit(room, 'StartRun'), 5), 1);
        assert.equal(await answers(() => admit(room, 'StartRun', '444455556666'), 5), 1);
        await assert.rejects(admit(room, 'StartRun'), (error: ServiceError) => {
          assert.equal(error.code, 'ThrottlingException');
          assert.equal(error.status, 429);
          assert.ok(error.retryAfterSeconds! >= 1 && error.retryAfterSeconds! <= 10);
          return true;
        });
        assert.equal(
          await answers(() => admit(room, 'CreateShare'), 100),
          100,
          'the guide has no rate for it',
        );
      } finally {
        await room.close();
      }
    });

    it('do not hold in profile own', async (t) => {
      const room = await openTestMonitoring(dialect);
      t.after(() => room.close());
      assert.equal(await answers(() => admit(room, 'StartRun'), 50), 50);
    });

    it('are raised by the operator for all, and asked for beyond that', async () => {
      const { code } = rateOf('StartRun')!;
      const room = await openTestMonitoring(dialect, { quotaProfile: 'aws', quotas: { [code]: 20 } });
      try {
        assert.equal((await answers(() => admit(room, 'StartRun'), 30)) >= 20, true);
        const request = (DesiredValue: number) =>
          room.call<RequestServiceQuotaIncreaseResponse>('RequestServiceQuotaIncrease', {
            ...{ ServiceCode: 'omics', QuotaCode: code, DesiredValue },
          });
        await assert.rejects(request(20), /not above the current one, 20/);
        assert.equal((await request(30)).RequestedQuota!.Status, 'PENDING');
        await assert.rejects(request(40), { name: 'ResourceAlreadyExistsException' });
        const history = await room.call<ListRequestedServiceQuotaChangeHistoryResponse>(
          'ListRequestedServiceQuotaChangeHistory',
          { ServiceCode: 'omics' },
        );
        assert.equal(history.RequestedQuotas!.length, 1);
        const { Quotas } = await room.call<ListServiceQuotasResponse>('ListServiceQuotas', {
          ServiceCode: 'omics',
        });
        assert.equal(Quotas!.find(({ QuotaCode }) => QuotaCode === code)!.Value, 20);
        const fixed = rateOf('GetVariantStore')!.code;
        const raise = { ServiceCode: 'omics', QuotaCode: fixed, DesiredValue: 9 };
        await assert.rejects(room.call('RequestServiceQuotaIncrease', raise), /is not adjustable/);
      } finally {
        await room.close();
      }
    });
  });
}
