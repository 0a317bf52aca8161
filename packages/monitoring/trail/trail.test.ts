import assert from 'node:assert/strict';
import { createHash, createPublicKey, verify } from 'node:crypto';
import { describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import type { GetTrailStatusResponse, ListPublicKeysResponse } from '@aws-sdk/client-cloudtrail';
import { systemClock } from '@helicase/kernel';
import { dialectsUnderTest } from '@helicase/records';
import type { AuditEvent } from '../audit/audit-event.ts';
import { observedCall, openTestMonitoring, type TestMonitoring } from '../testing.ts';
import { deliveryJob } from './delivery.ts';
import { checkSelectors, selects } from './event-selector.ts';
import type { TrailDoc } from './trail.ts';

const HOUR = 60 * 60 * 1000;

describe('event selectors', () => {
  const told = (doc: Partial<TrailDoc>, event: Partial<AuditEvent>) =>
    selects({ includesGlobal: true, ...doc } as TrailDoc)({
      ...{ eventName: 'GetRun', eventSource: 'omics.amazonaws.com', readOnly: true, managementEvent: true },
      ...{ eventCategory: 'Management', ...event },
    } as AuditEvent);
  const object = 'arn:aws:s3:::lab/reads/NA12878.bam';
  const read = {
    ...{ eventName: 'GetObject', eventSource: 's3.amazonaws.com', managementEvent: false },
    ...{ eventCategory: 'Data' as const, resources: [{ ARN: object, accountId: '1' }] },
  };

  it('take management events only, unless told otherwise', () => {
    assert.equal(told({}, {}), true);
    assert.equal(told({}, read), false);
    assert.equal(told({ selectors: [{ ReadWriteType: 'WriteOnly' }] }, {}), false);
    const DataResources = [{ Type: 'AWS::S3::Object', Values: ['arn:aws:s3:::lab/reads/'] }];
    assert.equal(told({ selectors: [{ DataResources }] }, read), true);
    assert.equal(told({ selectors: [{ DataResources, IncludeManagementEvents: false }] }, {}), false);
  });

  it('of the advanced kind hold every condition on a field', () => {
    const data = { Field: 'eventCategory', Equals: ['Data'] };
    const advanced = (Field: string, rest: object) => ({
      advancedSelectors: [{ FieldSelectors: [data, { Field, ...rest }] }],
    });
    assert.equal(told(advanced('resources.ARN', { StartsWith: ['arn:aws:s3:::lab/'] }), read), true);
    assert.equal(told(advanced('resources.ARN', { NotEndsWith: ['.bam'] }), read), false);
    assert.equal(told(advanced('readOnly', { Equals: ['true'] }), {}), false, 'it is no data event');
  });

  it('are refused where they name no field of CloudTrail’s', () => {
    const category = { Field: 'eventCategory', Equals: ['Management'] };
    for (const Field of ['eventname', 'constructor']) {
      const FieldSelectors = [category, { Field, Equals: ['GetRun'] }];
      assert.throws(() => checkSelectors(undefined, [{ FieldSelectors }]), {
        code: 'InvalidEventSelectorsException',
        message: new RegExp(`${Field} is no field; the fields are eventCategory, eventName`),
      });
    }
  });
});

for (const { dialect, skip } of dialectsUnderTest()) {
  describe(`a trail on ${dialect}`, { skip }, () => {
    it('delivers each record once, and chains a signed digest to the one before', async () => {
      // Half past: no full hour comes by itself.
      let now = Date.UTC(2026, 0, 31, 10, 30);
      const room = await openTestMonitoring(dialect, { clock: { ...systemClock, now: () => now } });
      try {
        await room.call('CreateTrail', {
          ...{ Name: 'all', S3BucketName: 'trail-bucket', EnableLogFileValidation: true },
        });
        await observe(room, 'BeforeLogging');
        await room.call('StartLogging', { Name: 'all' });
        await observe(room, 'First');
        await deliver(room);
        now += HOUR;
        await observe(room, 'Second');
        await deliver(room);
        now += HOUR;
        await deliver(room);

        const digests = read(room, 'CloudTrail-Digest');
        const files = read(room, '/CloudTrail/');
        const names = files.flatMap(({ json }) =>
          (json['Records'] as { eventName: string }[]).map(({ eventName }) => eventName),
        );
        assert.deepEqual(names.sort(), ['First', 'Second']);
        assert.equal(digests.length, 2);
        const [first, second] = digests;
        assert.equal(first!.json['previousDigestSignature'], null);
        assert.equal(second!.json['previousDigestS3Object'], first!.json['digestS3Object']);
        assert.equal(second!.json['previousDigestHashValue'], sha256(first!.text));
        assert.deepEqual(
          digests.flatMap(({ json }) =>
            (json['logFiles'] as { hashValue: string }[]).map(({ hashValue }) => hashValue),
          ),
          files.map(({ text }) => sha256(text)),
        );

        const { PublicKeyList } = await room.call<ListPublicKeysResponse>('ListPublicKeys', {});
        const key = createPublicKey({
          ...{ key: Buffer.from(PublicKeyList![0]!.Value!), format: 'der', type: 'pkcs1' },
        });
        const signed = [
          second!.json['digestEndTime'],
          `trail-bucket/${String(second!.json['digestS3Object'])}`,
          sha256(second!.text),
          first!.metadata['signature'],
        ].join('\n');
        const signature = Buffer.from(second!.metadata['signature']!, 'hex');
        assert.equal(verify('sha256', Buffer.from(signed), key, signature), true);
      } finally {
        await room.close();
      }
    });
  });
}

async function observe(room: TestMonitoring, name: string): Promise<void> {
  const call = observedCall(name, {}, room.context);
  for (const observer of room.observers) await observer.record?.(call, { status: 200, output: {} });
}

/** Has the trail delivered and waits for it. */
async function deliver(room: TestMonitoring): Promise<void> {
  const { context, records } = room;
  await records.transaction((tx) => records.jobs.enqueue(tx, deliveryJob(context.scope, 'all')));
  while (await records.jobs.find(records.direct, context.scope, 'trail-delivery', 'all')) await delay(20);
  const status = await room.call<GetTrailStatusResponse>('GetTrailStatus', { Name: 'all' });
  assert.equal(status.LatestDeliveryError, undefined);
}

function read(room: TestMonitoring, part: string) {
  return [...room.kept]
    .filter(([uri]) => uri.includes(part) && uri.endsWith('.gz'))
    .map(([, { body, metadata }]) => {
      const text = gunzipSync(body).toString();
      return { text, metadata, json: JSON.parse(text) as Record<string, unknown> };
    });
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
