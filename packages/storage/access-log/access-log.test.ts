import type { GetSequenceStoreResponse } from '@aws-sdk/client-omics';
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { parseS3Uri } from '@helicase/blobs';
import { newSequenceStore } from '../testing/stories.ts';
import { openWorld, type World } from '../testing/world.ts';

describe('access logs of a sequence store', () => {
  const folder = mkdtempSync(join(tmpdir(), 'helicase-access-log-'));
  let world: World;
  before(async () => void (world = await openWorld({ folder, works: false })));
  after(async () => {
    await world.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const storeWith = async (location: string) => {
    const id = await newSequenceStore(world, { s3AccessConfig: { accessLogLocation: location } });
    const { s3Access } = await world.call<GetSequenceStoreResponse>('GetSequenceStore', { id });
    return { id, s3Access: s3Access!, bucket: parseS3Uri(s3Access!.s3Uri!)!.bucket };
  };
  const read = (bucket: string, requestId: string) =>
    world.storage.view.accessed!(world.actor(), {
      ...{ bucket, key: 'k', at: Date.now(), remoteAddress: '192.0.2.3', requester: 'arn', requestId },
      ...{ operation: 'REST.GET.OBJECT', requestLine: 'GET / HTTP/1.1', status: 200, bytesSent: 1 },
      ...{ totalTime: 1, signedBy: 'header', host: 'localhost' },
    });
  const logged = (place: string) => {
    const path = join(folder, 'buckets', place);
    const names = readdirSync(path).filter((name) => name !== 'helicase-access-log-check');
    const text = names.map((name) => readFileSync(join(path, name), 'utf8')).join('');
    return { names, ids: [...text.matchAll(/arn (\S+) REST/g)].map(([, id]) => id) };
  };

  test('are written to its location, several lines in one object that is named as S3 names them', async () => {
    const { bucket } = await storeWith('s3://logs/one/');
    for (const id of ['A', 'B']) await read(bucket, id);
    assert.deepEqual(logged('logs/one').names, []);
    await world.storage.deliverAccessLogs();
    const { ids, names } = logged('logs/one');
    assert.deepEqual(ids, ['A', 'B']);
    assert.equal(names.length, 1);
    assert.match(names[0]!, /^\d{4}-\d\d-\d\d-\d\d-\d\d-\d\d-[0-9A-F]{16}$/);
  });

  test('are written by the next process where one ended before', async () => {
    const { bucket } = await storeWith('s3://logs/two/');
    await read(bucket, 'A');
    await world.close();
    world = await openWorld({ folder, works: false });
    await read(bucket, 'B');
    await world.storage.deliverAccessLogs();
    assert.deepEqual(logged('logs/two').ids.sort(), ['A', 'B']);
  });

  test('wait while their bucket does not take them', async () => {
    const { bucket } = await storeWith('s3://blocked/');
    await read(bucket, 'A');
    const place = join(folder, 'buckets', 'blocked');
    rmSync(place, { recursive: true });
    writeFileSync(place, 'in the way of the bucket’s folder');
    await world.storage.deliverAccessLogs();
    rmSync(place);
    await world.storage.deliverAccessLogs();
    assert.deepEqual(logged('blocked').ids, ['A']);
  });

  test('end with an empty location; stores without one have none', async () => {
    const { bucket, id, s3Access } = await storeWith('s3://logs/three/');
    assert.equal(s3Access.accessLogLocation, 's3://logs/three/');
    await world.call('UpdateSequenceStore', { id, s3AccessConfig: { accessLogLocation: '' } });
    await read(bucket, 'A');
    await world.storage.deliverAccessLogs();
    assert.deepEqual(logged('logs/three').names, []);
    const changed = await world.call<GetSequenceStoreResponse>('GetSequenceStore', { id });
    assert.equal(changed.s3Access!.accessLogLocation, undefined);
  });
});
