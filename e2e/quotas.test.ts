import { ListReferenceStoresCommand, OmicsClient } from '@aws-sdk/client-omics';
import {
  GetServiceQuotaCommand,
  ListServiceQuotasCommand,
  ServiceQuotasClient,
} from '@aws-sdk/client-service-quotas';
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { openWorld, type World } from './world.ts';

// The guide's "GetReferenceStore, ListReferenceStores: 5 TPS" in profile aws, with the unmodified SDK.

describe('rates of profile aws', { timeout: 120_000 }, () => {
  let world: World;
  before(async () => (world = await openWorld(['--quota-profile', 'aws'])));
  after(() => world?.close());

  const common = () => ({
    endpoint: world.server.url,
    region: world.credentials.region,
    credentials: world.credentials,
  });
  const ask = (client: OmicsClient) =>
    Promise.allSettled(Array.from({ length: 12 }, () => client.send(new ListReferenceStoresCommand())));

  test('too many at once are told to wait, and the SDK that waits gets all its answers', async () => {
    const impatient = new OmicsClient({ ...common(), disableHostPrefix: true, maxAttempts: 1 });
    const refused = (await ask(impatient)).filter((one) => one.status === 'rejected');
    assert.ok(refused.length > 0);
    for (const { reason } of refused as PromiseRejectedResult[]) {
      const { $metadata, name } = reason as { name: string; $metadata: { httpStatusCode: number } };
      assert.deepEqual([name, $metadata.httpStatusCode], ['ThrottlingException', 429]);
    }
    const patient = new OmicsClient({ ...common(), disableHostPrefix: true, maxAttempts: 12 });
    assert.ok((await ask(patient)).every(({ status }) => status === 'fulfilled'));
  });

  test('Service Quotas says which they are', async () => {
    const client = new ServiceQuotasClient(common());
    const { Quotas } = await client.send(new ListServiceQuotasCommand({ ServiceCode: 'omics' }));
    const quota = Quotas!.find(({ QuotaName }) => QuotaName!.includes('ListReferenceStores'))!;
    assert.deepEqual([quota.Value, quota.Adjustable, quota.Period?.PeriodUnit], [5, true, 'SECOND']);
    const one = await client.send(
      new GetServiceQuotaCommand({ ServiceCode: 'omics', QuotaCode: quota.QuotaCode }),
    );
    assert.deepEqual(one.Quota, quota);
  });
});
