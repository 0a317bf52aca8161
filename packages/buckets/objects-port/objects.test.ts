import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer, text } from 'node:stream/consumers';
import { after, before, describe, test } from 'node:test';
import type { BlobRef, BucketView, ObjectFacts, Objects } from '@helicase/blobs';
import { type Front, openFront } from '../testing/front.ts';
import { actorIn, EAST, openTestBuckets, OTHER, type TestBuckets, WEST } from '../testing/rooms.ts';

const east = actorIn(EAST);
const md5 = (bytes: Uint8Array | string) => createHash('md5').update(bytes).digest('hex');

/** A view of one object, as the storage room will hang one in. */
function viewOf(blob: BlobRef): BucketView {
  const facts: ObjectFacts = {
    uri: 's3://store-view/reads/1.bam',
    size: blob.size,
    etag: 'view-1',
    modifiedAt: 1000,
  };
  return {
    find: async (actor, bucket) =>
      bucket === 'store-view' && actor.scope.account === EAST.account
        ? {
            head: async (key) => (key === 'reads/1.bam' ? { ...facts, blobs: [blob], tags: [] } : undefined),
            list: async (prefix, behind) =>
              'reads/1.bam'.startsWith(prefix) && 'reads/1.bam' > (behind ?? '')
                ? [{ ...facts, key: 'reads/1.bam' }]
                : [],
          }
        : undefined,
  };
}

describe('objects', () => {
  let t: TestBuckets;
  let outer: TestBuckets;
  let front: Front;
  let outerFront: Front;
  const view: { current: BucketView | undefined } = { current: undefined };
  before(async () => {
    outer = await openTestBuckets();
    outerFront = await openFront(outer.raw, EAST);
    await outerFront.ask('PUT', '/lab-data');
    const credentials = { accessKeyId: 'AKIATEST', secretAccessKey: 'secret' };
    const external = [
      {
        prefix: 'lab-',
        endpoint: outerFront.url,
        region: 'us-east-1',
        credentials,
        accounts: [EAST.account],
      },
    ];
    const views: BucketView[] = [{ find: async (actor, bucket) => view.current?.find(actor, bucket) }];
    t = await openTestBuckets('sqlite', { external, views });
    front = await openFront(t.raw, EAST);
    await front.ask('PUT', '/inner-data');
    const sink = await t.vault.vault.create({ scope: EAST, sealedFor: 'sequenceStore/1' });
    await sink.write(Buffer.from('sealed reads'));
    view.current = viewOf(await sink.finish());
  });
  after(async () => {
    await front?.close();
    await outerFront?.close();
    await t?.close();
    await outer?.close();
  });

  for (const bucket of ['inner-data', 'lab-data']) {
    describe(bucket === 'lab-data' ? 'of an external S3' : 'of an embedded bucket', () => {
      const uri = (key: string) => `s3://${bucket}/${key}`;
      const objects = (): Objects => t.objects;

      test('are put, opened whole and in ranges, listed and removed', async () => {
        const facts = await objects().put(east, uri('runs/1/out.txt'), Buffer.from('ACGTACGT'), 'text/plain');
        assert.deepEqual([facts.uri, facts.size, facts.etag], [uri('runs/1/out.txt'), 8, md5('ACGTACGT')]);
        await objects().put(east, uri('runs/10'), Readable.from([Buffer.from('A'), Buffer.from('C')]));
        await objects().put(east, uri('runs/2 é+'), Buffer.alloc(0));
        const { body, ...head } = await objects().open(east, uri('runs/1/out.txt'));
        assert.equal(await text(body), 'ACGTACGT');
        assert.deepEqual(await objects().head(east, uri('runs/1/out.txt')), head);
        const range = await objects().open(east, uri('runs/1/out.txt'), { start: 1, end: 2 });
        assert.equal(await text(range.body), 'CG');
        assert.equal(await text((await objects().open(east, uri('runs/2 é+'))).body), '');
        const listed = [];
        for await (const found of objects().list(east, uri('runs/'))) listed.push([found.uri, found.size]);
        assert.deepEqual(listed, [
          [uri('runs/1/out.txt'), 8],
          [uri('runs/10'), 2],
          [uri('runs/2 é+'), 0],
        ]);
        await objects().remove(east, uri('runs/10'));
        await assert.rejects(objects().head(east, uri('runs/10')), {
          code: 'NoSuchKey',
          message: new RegExp(`s3://${bucket}/runs/10`),
        });
      });

      test('take finished files, and are materialized under their name', async () => {
        const file = join(t.vault.directory, `${bucket}.bam`);
        const bytes = randomBytes(300_000);
        await writeFile(file, bytes);
        const put = await objects().putFile(east, uri('out/sample.bam'), file);
        assert.equal(put.etag, md5(bytes));
        await assert.rejects(stat(file), { code: 'ENOENT' });
        const made = await objects().materialize(east, uri('out/sample.bam'));
        assert.ok((await readFile(made.path)).equals(bytes));
        assert.equal(made.size, 300_000);
        await made.release();
        const empty = await objects().put(east, uri('out/empty'), Buffer.alloc(0));
        assert.equal(empty.size, 0);
        const none = await objects().materialize(east, uri('out/empty'));
        assert.equal((await stat(none.path)).size, 0);
        await none.release();
      });

      test('that are missing, or a caller’s that may not, are told with their URI', async () => {
        const message = (code: string, at: string) => ({ code, message: new RegExp(at) });
        await assert.rejects(objects().open(east, uri('none')), message('NoSuchKey', uri('none')));
        await assert.rejects(objects().materialize(east, uri('none')), message('NoSuchKey', uri('none')));
        await assert.rejects(objects().head(actorIn(OTHER), uri('x')), message('AccessDenied', uri('x')));
        await assert.rejects(
          objects().put(actorIn(OTHER), uri('x'), Buffer.from('x')),
          message('AccessDenied', uri('x')),
        );
        const failing = Readable.from(
          (async function* () {
            yield Buffer.from('half');
            throw new Error('the source broke');
          })(),
        );
        await assert.rejects(objects().put(east, uri('half'), failing), /the source broke/);
        await assert.rejects(objects().head(east, uri('half')), { code: 'NoSuchKey' });
      });
    });
  }

  test('of another region, an unknown bucket or no URI are refused', async () => {
    await assert.rejects(t.objects.head(actorIn(WEST), 's3://inner-data/x'), {
      code: 'PermanentRedirect',
      status: 400,
    });
    await assert.rejects(t.objects.head(east, 's3://nobody-has-it/x'), { code: 'NoSuchBucket' });
    await assert.rejects(t.objects.head(east, 'https://inner-data/x'), { code: 'InvalidArgument' });
  });

  test('are materialized as they lie, with no copy; a finished file is taken by renaming', async () => {
    const file = join(t.vault.directory, 'big.bam');
    await writeFile(file, 'bytes');
    const { ino } = await stat(file);
    await t.objects.putFile(east, 's3://inner-data/big.bam', file);
    const made = await t.objects.materialize(east, 's3://inner-data/big.bam');
    assert.equal((await stat(made.path)).ino, ino);
    await front.ask('DELETE', '/inner-data/big.bam');
    await t.vault.vault.sweep();
    assert.equal(await readFile(made.path, 'utf8'), 'bytes', 'a deleted object stays for its readers');
    await made.release();
    await t.vault.vault.sweep();
    await assert.rejects(stat(made.path), { code: 'ENOENT' });
  });

  test('of many parts become one file once, and stay one', async () => {
    const begun = await (await front.ask('POST', '/inner-data/parts.bam?uploads')).text();
    const id = /<UploadId>(.*?)<\/UploadId>/.exec(begun)![1]!;
    const parts = [randomBytes(5 * 1024 * 1024), randomBytes(9)] as const;
    for (const [n, body] of parts.entries()) {
      await front.ask('PUT', `/inner-data/parts.bam?partNumber=${n + 1}&uploadId=${id}`, {
        scope: EAST,
        body,
      });
    }
    const list = parts.map(
      (body, n) => `<Part><PartNumber>${n + 1}</PartNumber><ETag>${md5(body)}</ETag></Part>`,
    );
    const body = `<CompleteMultipartUpload>${list.join('')}</CompleteMultipartUpload>`;
    await front.ask('POST', `/inner-data/parts.bam?uploadId=${id}`, { scope: EAST, body });
    const before = await t.objects.head(east, 's3://inner-data/parts.bam');
    const first = await t.objects.materialize(east, 's3://inner-data/parts.bam');
    const second = await t.objects.materialize(east, 's3://inner-data/parts.bam');
    assert.equal(first.path, second.path);
    assert.ok((await readFile(first.path)).equals(Buffer.concat(parts)));
    assert.deepEqual(await t.objects.head(east, 's3://inner-data/parts.bam'), before);
    await first.release();
    await second.release();
    const answer = await front.ask('GET', '/inner-data/parts.bam?partNumber=2');
    assert.ok(Buffer.from(await answer.arrayBuffer()).equals(parts[1]));
  });

  test('a view is read through the port and through the protocol, and never written', async () => {
    const uri = 's3://store-view/reads/1.bam';
    const { body, etag } = await t.objects.open(east, uri, { start: 0, end: 5 });
    assert.deepEqual([(await buffer(body)).toString(), etag], ['sealed', 'view-1']);
    const made = await t.objects.materialize(east, uri);
    assert.equal(await readFile(made.path, 'utf8'), 'sealed reads');
    await made.release();
    assert.equal(await (await front.ask('GET', '/store-view/reads/1.bam')).text(), 'sealed reads');
    const ranged = await front.ask('GET', '/store-view/reads/1.bam', {
      scope: EAST,
      headers: { range: 'bytes=7-11' },
    });
    assert.equal(await ranged.text(), 'reads');
    assert.match(
      await (await front.ask('GET', '/store-view?list-type=2&delimiter=/')).text(),
      /<Prefix>reads\/<\/Prefix>/,
    );
    assert.match(await (await front.ask('GET', '/store-view')).text(), /<Key>reads\/1\.bam<\/Key>/);
    assert.equal((await front.ask('PUT', '/store-view/x', { scope: EAST, body: 'x' })).status, 403);
    assert.equal((await front.ask('PUT', '/store-view')).status, 409);
    await assert.rejects(t.objects.put(east, 's3://store-view/x', Buffer.from('x')), {
      code: 'AccessDenied',
    });
    await assert.rejects(t.objects.head(actorIn(OTHER), uri), { code: 'NoSuchBucket' });
    const listed = [];
    for await (const facts of t.objects.list(east, 's3://store-view/')) listed.push(facts.uri);
    assert.deepEqual(listed, [uri]);
  });

  test('leave nothing in scratch once released', async () => {
    const scratch = join(t.vault.directory, 'scratch');
    const left = await readdir(scratch, { recursive: true, withFileTypes: true });
    assert.deepEqual(
      left.filter((entry) => entry.isFile()),
      [],
    );
  });
});
