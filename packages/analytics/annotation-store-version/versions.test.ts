import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type {
  CreateAnnotationStoreResponse,
  DeleteAnnotationStoreVersionsResponse,
  GetAnnotationImportResponse,
  GetAnnotationStoreResponse,
  GetAnnotationStoreVersionResponse,
  ListAnnotationImportJobsResponse,
  ListAnnotationStoresResponse,
  ListAnnotationStoreVersionsResponse,
} from '@aws-sdk/client-omics';
import { ServiceError } from '@helicase/kernel';
import { dialectsUnderTest } from '@helicase/records';
import { listFiles } from '../table/file-rows.ts';
import {
  importAnnotations,
  makeAnnotationStore,
  makeVersion,
  startAnnotationImport,
} from '../testing/annotation-story.ts';
import { REFERENCE, ROLE, SCOPE, TestAnalytics } from '../testing/room.ts';
import { ask } from '../testing/story.ts';

const GFF = { storeFormat: 'GFF' };
const gene = (start: number, id: string) =>
  Buffer.from(`chr1\tx\tgene\t${start}\t${start + 9}\t.\t+\t.\tID=${id}\n`);
const endless = Buffer.from(`chr1\tx\tgene\t1\t9\t.\t+\t.\tNote=endless\n`.repeat(400_000));

function refusal(code: string, message: RegExp) {
  return (error: unknown) =>
    error instanceof ServiceError && error.code === code && message.test(error.message);
}

for (const { dialect, skip } of dialectsUnderTest()) {
  describe(`Annotation stores and their versions on ${dialect}`, { skip }, () => {
    let room: TestAnalytics;
    before(async () => {
      room = await TestAnalytics.open({ dialect, contigs: [{ name: 'chr1', length: 1000 }] });
    });
    after(() => room.close());

    const remove = (name: string, versions: string[], force?: boolean) =>
      room.call<DeleteAnnotationStoreVersionsResponse>('DeleteAnnotationStoreVersions', {
        name,
        versions,
        force,
      });
    const gone = (name: string, count: number) =>
      room.until<ListAnnotationStoreVersionsResponse>(
        'ListAnnotationStoreVersions',
        { name },
        ({ annotationStoreVersions }) => annotationStoreVersions!.length === count,
      );

    test('a store has the members that the guide shows; its first version has its name and its id', async () => {
      const created = await makeAnnotationStore(room, 'gffstore', {
        ...GFF,
        description: 'd',
        tags: { a: 'b' },
      });
      assert.equal(created.status, 'CREATING');
      assert.equal(created.versionName, 'gffstore');
      const name = { name: 'gffstore' };
      const store = await room.call<GetAnnotationStoreResponse>('GetAnnotationStore', name);
      const { storeArn, storeFormat, numVersions, storeSizeBytes, tags, reference } = store;
      assert.equal(storeArn, 'arn:aws:omics:us-east-1:111122223333:annotationStore/gffstore');
      assert.deepEqual([storeFormat, numVersions, storeSizeBytes, tags], ['GFF', 1, 0, { a: 'b' }]);
      assert.deepEqual(reference, { referenceArn: REFERENCE });
      const version = await room.call<GetAnnotationStoreVersionResponse>('GetAnnotationStoreVersion', {
        ...name,
        versionName: 'gffstore',
      });
      assert.deepEqual([version.id, version.storeId], [created.id, created.id]);
      assert.equal(version.versionArn, `${storeArn}/version/gffstore`);
      await room.call('UpdateAnnotationStore', { ...name, description: 'e' });
      const { annotationStores } = await room.call<ListAnnotationStoresResponse>('ListAnnotationStores', {
        ids: [created.id],
      });
      assert.equal(annotationStores![0]!.description, 'e');
      await assert.rejects(
        room.call('CreateAnnotationStore', { ...name, ...GFF, reference: { referenceArn: REFERENCE } }),
        refusal('ConflictException', /"gffstore" exists already/),
      );
      const other = { ...SCOPE, region: 'eu-west-1' };
      await assert.rejects(
        room.call('GetAnnotationStore', name, other),
        refusal('ResourceNotFoundException', /no annotation store named "gffstore"/),
      );
    });

    test('each version has its own rows, read as store.version; the store’s name means the one named as it', async () => {
      await makeAnnotationStore(room, 'genes', GFF);
      await makeVersion(room, 'genes', 'release2', { description: 'second' });
      await importAnnotations(room, 'genes', gene(11, 'old'));
      const job = await importAnnotations(room, 'genes', gene(21, 'new'), { versionName: 'release2' });
      assert.deepEqual(
        [job.status, job.versionName, job.destinationName],
        ['COMPLETED', 'release2', 'genes'],
      );
      const ids = async (table: string) =>
        (await ask(room, `SELECT id, start, "end" FROM ${table}`)).rows.slice(1);
      assert.deepEqual(await ids('genes'), [['old', '10', '20']]);
      assert.deepEqual(await ids('genes.genes'), [['old', '10', '20']]);
      assert.deepEqual(await ids('genes.release2'), [['new', '20', '30']]);
      const { id, numVersions, storeSizeBytes } = await room.call<GetAnnotationStoreResponse>(
        'GetAnnotationStore',
        { name: 'genes' },
      );
      assert.deepEqual(await ids(`annotation_111122223333_${id}.release2`), [['new', '20', '30']]);
      assert.match((await ask(room, 'SELECT * FROM release2')).reason, /release2' does not exist/);
      assert.equal(numVersions, 2);
      const list = await gone('genes', 2);
      const sizes = list.annotationStoreVersions!.map(({ versionSizeBytes }) => versionSizeBytes!);
      assert.ok(sizes.every((size) => size > 0));
      assert.equal(storeSizeBytes, sizes[0]! + sizes[1]!);
      const files = await listFiles(room.records.direct, SCOPE, id!);
      assert.ok(files[0]!.blob.seal, 'the table is sealed');
      const tables = await ask(room, 'SHOW TABLES IN genes');
      assert.deepEqual(tables.rows.flat().slice(-2), ['genes', 'release2']);
    });

    test('a store has ten versions at most; with more than one it cannot be deleted, with one it can', async () => {
      await makeAnnotationStore(room, 'many', { ...GFF, versionName: 'version1' });
      for (let n = 2; n <= 10; n++) await makeVersion(room, 'many', `version${n}`);
      const eleventh = room.call('CreateAnnotationStoreVersion', { name: 'many', versionName: 'version11' });
      await assert.rejects(eleventh, refusal('ServiceQuotaExceededException', /10 versions at most/));
      const again = room.call('CreateAnnotationStoreVersion', { name: 'genes', versionName: 'release2' });
      await assert.rejects(again, refusal('ConflictException', /version named "release2" already/));
      const whole = room.call('DeleteAnnotationStore', { name: 'many', force: true });
      await assert.rejects(whole, refusal('ConflictException', /has 10 versions/));
      await assert.rejects(
        startAnnotationImport(room, 'many', gene(1, 'x')),
        refusal('ValidationException', /versionName must be given/),
      );
      const others = Array.from({ length: 9 }, (_, n) => `version${n + 2}`);
      const { errors } = await remove('many', [...others, 'version77']);
      assert.deepEqual(errors, [
        { versionName: 'version77', message: 'Version with versionName: version77 was not found.' },
      ]);
      await gone('many', 1);
      await importAnnotations(room, 'many', gene(1, 'only'));
      assert.deepEqual((await ask(room, 'SELECT id FROM many')).rows[1], ['only']);
      assert.deepEqual(await room.call('DeleteAnnotationStore', { name: 'many' }), { status: 'DELETING' });
      await room.until<ListAnnotationStoresResponse>(
        'ListAnnotationStores',
        {},
        ({ annotationStores }) => !annotationStores!.some(({ name }) => name === 'many'),
      );
      await room.vault.sweep();
      assert.match((await ask(room, 'SELECT * FROM many')).reason, /many' does not exist/);
    });

    test('a version with an unfinished import is deleted only with force, which cancels the import', async () => {
      await makeAnnotationStore(room, 'busy', GFF);
      await makeVersion(room, 'busy', 'next');
      const jobId = await startAnnotationImport(room, 'busy', endless, { versionName: 'next' });
      assert.deepEqual((await remove('busy', ['next'])).errors, [
        { versionName: 'next', message: 'version has an inflight import running' },
      ]);
      assert.deepEqual((await remove('busy', ['next'], true)).errors, []);
      const { status } = await room.call<GetAnnotationImportResponse>('GetAnnotationImportJob', { jobId });
      assert.equal(status, 'CANCELLED');
      await gone('busy', 1);
      const second = await startAnnotationImport(room, 'busy', endless);
      await assert.rejects(
        room.call('DeleteAnnotationStore', { name: 'busy' }),
        refusal('ConflictException', /1 import jobs that are not finished/),
      );
      await room.call('CancelAnnotationImportJob', { jobId: second });
      await assert.rejects(
        room.call('CancelAnnotationImportJob', { jobId: second }),
        refusal('ValidationException', /is CANCELLED and cannot be cancelled/),
      );
      assert.deepEqual((await ask(room, 'SELECT count(*) FROM busy')).rows[1], ['0']);
      const { annotationImportJobs } = await room.call<ListAnnotationImportJobsResponse>(
        'ListAnnotationImportJobs',
        { filter: { storeName: 'busy', status: 'CANCELLED' } },
      );
      assert.deepEqual(annotationImportJobs!.map(({ id }) => id).sort(), [jobId, second].sort());
      assert.deepEqual(annotationImportJobs!.map(({ versionName }) => versionName).sort(), ['busy', 'next']);
    });

    test('requests that cannot be met are refused with what is wrong', async () => {
      const create = (input: object) =>
        room.call<CreateAnnotationStoreResponse>('CreateAnnotationStore', { name: 'refused', ...input });
      const reference = { referenceArn: REFERENCE };
      const withTsv = (tsvStoreOptions: object) => ({
        storeFormat: 'TSV',
        reference,
        storeOptions: { tsvStoreOptions },
      });
      const schema = [{ c: 'STRING' }, { s: 'LONG' }, { e: 'STRING' }];
      const wrong: readonly (readonly [object, RegExp])[] = [
        [GFF, /reference.referenceArn must be given/],
        [{ ...withTsv({ schema }), storeFormat: 'VCF' }, /format is VCF/],
        [{ storeFormat: 'TSV', reference }, /schema must name/],
        [withTsv({ schema, annotationType: 'CHR_POS' }), /to name the column of CHR/],
        [
          withTsv({ schema, annotationType: 'CHR_POS', formatToHeader: { CHR: 'c', POS: 'p' } }),
          /"p" for POS/,
        ],
        [
          withTsv({ schema, annotationType: 'CHR_POS', formatToHeader: { CHR: 'c', POS: 'e' } }),
          /LONG or INT/,
        ],
        [withTsv({ schema, formatToHeader: { CHR: 'c' } }), /names CHR, which GENERIC does not have/],
        [withTsv({ schema: [...schema, { C: 'INT' }] }), /column "c" twice/],
      ];
      for (const [input, message] of wrong)
        await assert.rejects(create(input), refusal('ValidationException', message));
      const items = [{ source: 's3://bucket/a' }];
      const start = (input: object) =>
        room.call('StartAnnotationImportJob', {
          destinationName: 'gffstore',
          roleArn: ROLE,
          items,
          ...input,
        });
      const vcf = { formatOptions: { vcfOptions: { ignoreQualField: true } } };
      await assert.rejects(
        start(vcf),
        refusal('ValidationException', /vcfOptions, and the store’s format is GFF/),
      );
      await assert.rejects(
        start({ items: [...items, ...items] }),
        refusal('ServiceQuotaExceededException', /one file/),
      );
      await assert.rejects(
        start({ runLeftNormalization: true }),
        refusal('ValidationException', /GFF does not have/),
      );
      await assert.rejects(
        start({ versionName: 'none' }),
        refusal('ResourceNotFoundException', /no version named/),
      );
    });
  });
}
