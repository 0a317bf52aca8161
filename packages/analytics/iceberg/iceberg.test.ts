import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import avro from 'avsc';
import { rootPrincipal } from '@helicase/kernel';
import { rawGet } from '../testing/raw-request.ts';
import { lacking } from '../testing/needs.ts';
import { SCOPE, SHARED, TestAnalytics } from '../testing/room.ts';
import { importFiles, makeStore } from '../testing/story.ts';
import { tablesBucket } from './open-table.ts';

const human = join(SHARED, 'human');
const ACTOR = { scope: SCOPE, principal: rootPrincipal(SCOPE.account) };

/** An Avro container file, read by avsc. */
async function rows(bytes: Buffer): Promise<readonly Record<string, unknown>[]> {
  const decoder = new avro.streams.BlockDecoder({
    parseHook: (schema) => avro.Type.forSchema(schema, { wrapUnions: false }),
  });
  const found: Record<string, unknown>[] = [];
  for await (const row of Readable.from([bytes]).pipe(decoder)) found.push(row as Record<string, unknown>);
  return found;
}

describe('Tables in Iceberg’s format', { skip: lacking([], [human]) }, () => {
  let room: TestAnalytics;
  let storeId: string;
  before(async () => {
    room = await TestAnalytics.open();
    storeId = await makeStore(room, 'trio');
    await importFiles(room, 'trio', { 'trio.vcf': join(human, 'CEUTrio.NA12878.20.21.vcf') });
    await importFiles(room, 'trio', { 'again.vcf': join(human, 'CEUTrio.NA12878.20.21.vcf') });
  });
  after(() => room.close());

  const object = async (key: string): Promise<Buffer> => {
    const bucket = await room.analytics.iceberg.view.find(ACTOR, tablesBucket(SCOPE));
    const { blobs } = (await bucket!.head(key))!;
    return buffer(room.vault.read(blobs[0]!));
  };

  test('each import is a snapshot, whose manifest names the files with what they cover', async () => {
    const { body } = await rawGet(room.analytics.iceberg.raw, '/iceberg/v1/namespaces/trio/tables/trio');
    const { metadata } = body as {
      metadata: { snapshots: { 'snapshot-id': number }[]; 'current-snapshot-id': number };
    };
    assert.deepEqual(
      metadata.snapshots.map((each) => each['snapshot-id']),
      [1, 2],
    );
    assert.equal(metadata['current-snapshot-id'], 2);
    const written = await object(`${storeId}/rows/metadata/v2.metadata.json`);
    assert.deepEqual(JSON.parse(written.toString()), metadata);
    const [list] = await rows(await object(`${storeId}/rows/metadata/snap-2.avro`));
    assert.deepEqual([Number(list!['added_files_count']), Number(list!['existing_files_count'])], [1, 1]);
    const entries = await rows(await object(`${storeId}/rows/metadata/manifest-2.avro`));
    assert.deepEqual(
      entries.map(({ status }) => Number(status)),
      [0, 1],
    );
    const file = entries[0]!['data_file'] as {
      file_path: string;
      record_count: number;
      lower_bounds: { key: number; value: Buffer }[];
    };
    assert.equal(Number(file.record_count), 1075);
    assert.equal(file.lower_bounds.find(({ key }) => key === 2)!.value.toString(), '20');
    const bytes = await object(file.file_path.replace(`s3://${tablesBucket(SCOPE)}/`, ''));
    assert.equal(bytes.subarray(0, 4).toString(), 'PAR1');
  });

  test('another account finds neither the bucket nor the table', async () => {
    const other = { scope: { ...SCOPE, account: '444455556666' }, principal: rootPrincipal('444455556666') };
    assert.equal(await room.analytics.iceberg.view.find(other, tablesBucket(SCOPE)), undefined);
    assert.deepEqual(await room.vault.sweep(), 0);
  });
});
