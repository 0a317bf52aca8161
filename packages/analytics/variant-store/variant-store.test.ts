import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type {
  GetVariantImportResponse,
  GetVariantStoreResponse,
  ListVariantImportJobsResponse,
  ListVariantStoresResponse,
} from '@aws-sdk/client-omics';
import { ServiceError } from '@helicase/kernel';
import { dialectsUnderTest } from '@helicase/records';
import { listFiles } from '../table/file-rows.ts';
import { REFERENCE, ROLE, SCOPE, TestAnalytics } from '../testing/room.ts';
import { ask, importFiles, makeStore } from '../testing/story.ts';

const OTHER = { account: '444455556666', region: 'us-east-1' };
const WEST = { ...SCOPE, region: 'eu-west-1' };

function vcf(...records: string[]): Buffer {
  const header = '##fileformat=VCFv4.3\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS\n';
  return Buffer.from(header + records.map((record) => `${record}\n`).join(''));
}
const GOOD = vcf('1\t10\t.\tA\tG\t.\tPASS\t.\tGT\t0/1', '2\t20\t.\tC\tT\t.\tPASS\t.\tGT\t1/1');
const BROKEN = vcf('1\t10\t.\tA\tG\t.\tPASS\t.\tGT\t0/1', '1\tten\t.\tA\tG\t.\tPASS\t.\tGT\t0/1');

function refusal(code: string, message: RegExp) {
  return (error: unknown) =>
    error instanceof ServiceError && error.code === code && message.test(error.message);
}

for (const { dialect, skip } of dialectsUnderTest()) {
  describe(`Variant stores on ${dialect}`, { skip }, () => {
    let room: TestAnalytics;
    before(async () => {
      room = await TestAnalytics.open({ dialect, contigs: [{ name: '1', length: 100 }] });
    });
    after(() => room.close());

    test('a store is CREATING, then ACTIVE, with the members that the guide shows', async () => {
      const input = {
        name: 'guide_store',
        description: 'd',
        reference: { referenceArn: REFERENCE },
        tags: { a: 'b' },
      };
      const created = await room.call<GetVariantStoreResponse>('CreateVariantStore', input);
      assert.match(created.id!, /^[0-9a-f]{12}$/);
      assert.equal(created.status, 'CREATING');
      const get = { name: 'guide_store' };
      const store = await room.until<GetVariantStoreResponse>(
        'GetVariantStore',
        get,
        ({ status }) => status === 'ACTIVE',
      );
      assert.equal(store.storeArn, 'arn:aws:omics:us-east-1:111122223333:variantStore/guide_store');
      assert.deepEqual([store.tags, store.storeSizeBytes, store.description], [{ a: 'b' }, 0, 'd']);
      await room.call('UpdateVariantStore', { name: 'guide_store', description: 'e' });
      assert.equal((await room.call<GetVariantStoreResponse>('GetVariantStore', get)).description, 'e');
    });

    test('a name is taken once in an account and region, and free in the next', async () => {
      await makeStore(room, 'taken');
      const again = { name: 'taken', reference: { referenceArn: REFERENCE } };
      await assert.rejects(
        room.call('CreateVariantStore', again),
        refusal('ConflictException', /"taken" exists/),
      );
      for (const scope of [OTHER, WEST]) {
        await assert.rejects(
          room.call('GetVariantStore', { name: 'taken' }, scope),
          refusal('ResourceNotFoundException', /taken/),
        );
        await makeStore(room, 'taken', scope);
      }
    });

    test('a reference that is not there is refused, and leaves no store', async () => {
      const input = { name: 'orphan', reference: { referenceArn: `${REFERENCE}9` } };
      await assert.rejects(
        room.call('CreateVariantStore', input),
        refusal('ResourceNotFoundException', /reference\/29 does not exist/),
      );
      await assert.rejects(
        room.call('GetVariantStore', { name: 'orphan' }),
        refusal('ResourceNotFoundException', /orphan/),
      );
    });

    test('lists are paged, and filtered by status and id', async () => {
      await makeStore(room, 'listed_a');
      const id = await makeStore(room, 'listed_b');
      const names: string[] = [];
      let nextToken: string | undefined;
      do {
        const page = await room.call<ListVariantStoresResponse>('ListVariantStores', {
          maxResults: 1,
          ...(nextToken ? { nextToken } : {}),
        });
        names.push(...page.variantStores!.map(({ name }) => name!));
        ({ nextToken } = page);
      } while (nextToken);
      assert.ok(names.includes('listed_a') && names.includes('listed_b'));
      assert.equal(new Set(names).size, names.length);
      const one = await room.call<ListVariantStoresResponse>('ListVariantStores', { ids: [id] });
      assert.deepEqual(
        one.variantStores!.map(({ name }) => name),
        ['listed_b'],
      );
      const none = await room.call<ListVariantStoresResponse>('ListVariantStores', {
        filter: { status: 'FAILED' },
      });
      assert.deepEqual(none.variantStores, []);
    });

    test('a file without the annotation that annotationFields names is imported, and the job says so', async () => {
      await makeStore(room, 'bare');
      const more = { annotationFields: { VEP: 'VEPS' } };
      const [named, usual] = [
        await importFiles(room, 'bare', { 'good.vcf': GOOD }, more),
        await importFiles(room, 'bare', { 'good.vcf': GOOD }),
      ];
      assert.deepEqual([named.status, usual.status], ['COMPLETED', 'COMPLETED']);
      assert.match(named.statusMessage!, /s3:\/\/bucket\/good.vcf has no INFO VEPS with the header/);
      assert.doesNotMatch(usual.statusMessage!, /INFO/);
    });

    test('a broken file fails its item with file line, a missing one with its URI; the good one is there', async () => {
      await makeStore(room, 'mixed');
      const job = await importFiles(room, 'mixed', { 'good.vcf': GOOD, 'broken.vcf': BROKEN });
      assert.equal(job.status, 'COMPLETED_WITH_FAILURES');
      assert.deepEqual(
        job.items!.map(({ jobStatus }) => jobStatus),
        ['COMPLETED', 'FAILED'],
      );
      assert.match(job.items![1]!.statusMessage!, /line 4: POS must be a number, found "ten"/);
      assert.match(job.statusMessage!, /1 of 2 files failed: s3:\/\/bucket\/broken.vcf: line 4/);
      assert.match(job.statusMessage!, /no contig 2;/);
      const { rows } = await ask(room, 'SELECT contigname, start FROM mixed ORDER BY 1');
      assert.deepEqual(rows, [
        ['contigname', 'start'],
        ['1', '9'],
        ['2', '19'],
      ]);
      const items = [{ source: 's3://bucket/absent.vcf' }];
      const { jobId } = await room.call<{ jobId: string }>('StartVariantImportJob', {
        destinationName: 'mixed',
        roleArn: ROLE,
        items,
      });
      const failed = await room.until<GetVariantImportResponse>(
        'GetVariantImportJob',
        { jobId },
        ({ status }) => status === 'FAILED',
      );
      assert.match(failed.items![0]!.statusMessage!, /s3:\/\/bucket\/absent.vcf does not exist/);
      const listed = await room.call<ListVariantImportJobsResponse>('ListVariantImportJobs', {
        filter: { storeName: 'mixed', status: 'FAILED' },
      });
      assert.deepEqual(
        listed.variantImportJobs!.map(({ id }) => id),
        [jobId],
      );
      await assert.rejects(
        room.call('CancelVariantImportJob', { jobId }),
        refusal('ValidationException', /is FAILED/),
      );
    });

    test('what cannot be imported is refused before a job is made', async () => {
      await makeStore(room, 'refusing');
      const start = (more: object) =>
        room.call('StartVariantImportJob', {
          destinationName: 'refusing',
          roleArn: ROLE,
          items: [{ source: 's3://bucket/x.vcf' }],
          ...more,
        });
      await assert.rejects(
        start({ destinationName: 'nowhere' }),
        refusal('ResourceNotFoundException', /"nowhere"/),
      );
      await assert.rejects(
        start({ items: [{ source: '/etc/passwd' }] }),
        refusal('ValidationException', /items\[0\]\.source "\/etc\/passwd"/),
      );
      await assert.rejects(
        start({ annotationFields: { SnpEff: 'ANN' } }),
        refusal('ValidationException', /only VEP/),
      );
      await assert.rejects(
        start({ runLeftNormalization: true }),
        refusal('ValidationException', /runLeftNormalization/),
      );
      const items = Array.from({ length: 1001 }, () => ({ source: 's3://bucket/x.vcf' }));
      await assert.rejects(start({ items }), refusal('ServiceQuotaExceededException', /1000 files/));
    });

    test('a deleted store takes its files, its bytes and its table with it', async () => {
      const id = await makeStore(room, 'doomed');
      await importFiles(room, 'doomed', { 'good.vcf': GOOD });
      const files = await listFiles(room.records.direct, SCOPE, id);
      assert.equal(files.length, 1);
      const { storeSizeBytes } = await room.call<GetVariantStoreResponse>('GetVariantStore', {
        name: 'doomed',
      });
      assert.equal(storeSizeBytes, files[0]!.blob.size);
      assert.ok(files[0]!.blob.seal, 'the table is sealed');
      assert.deepEqual(await room.call('DeleteVariantStore', { name: 'doomed' }), { status: 'DELETING' });
      await room.until<ListVariantStoresResponse>(
        'ListVariantStores',
        { ids: [id] },
        ({ variantStores }) => variantStores!.length === 0,
      );
      await room.vault.sweep();
      assert.deepEqual(await listFiles(room.records.direct, SCOPE, id), []);
      assert.equal(await room.store.size(files[0]!.blob.id), undefined);
      assert.match((await ask(room, 'SELECT * FROM doomed')).reason, /doomed' does not exist/);
      await makeStore(room, 'doomed');
    });
  });
}
