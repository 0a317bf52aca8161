import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { Readable } from 'node:stream';
import { after, before, describe, test } from 'node:test';
import {
  CopyObjectCommand,
  CreateBucketCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { KEYS, onPath, serveBuckets, type Served } from './testing/gateway.ts';

const [python] = onPath('python3');
const [samtools] = onPath('samtools');

describe('real clients', () => {
  let served: Served;
  let folder: string;
  before(async () => {
    served = await serveBuckets();
    folder = await mkdtemp(join(tmpdir(), 'helicase-clients-'));
  });
  after(async () => {
    await served.close();
    await rm(folder, { recursive: true, force: true });
  });

  async function succeed(program: string, args: readonly string[], environment: Record<string, string> = {}) {
    const { code, stdout, stderr } = await served.run(program, args, environment);
    assert.equal(code, 0, `${program} ${args.join(' ')}\n${stdout}\n${stderr}`);
    return stdout;
  }

  const programs = onPath('aws');
  test(
    'an aws command line is on the path',
    { skip: programs.length === 0 ? 'no aws on the path' : false },
    () => {},
  );
  for (const [index, aws] of programs.entries()) {
    describe(`aws command line ${aws}`, () => {
      const bucket = `cli-${index}-bucket`;
      const uri = `s3://${bucket}`;

      test('makes, copies, lists, moves, synchronizes and removes', async () => {
        await succeed(aws, ['s3', 'mb', uri]);
        const small = join(folder, 'small.txt');
        const large = join(folder, 'large.bin');
        await writeFile(small, 'ACGT\n');
        await writeFile(large, randomBytes(20 * 1024 * 1024));
        await succeed(aws, ['s3', 'cp', small, `${uri}/a b/ü+small.txt`]);
        await succeed(aws, ['s3', 'cp', large, `${uri}/large.bin`]);
        assert.match(
          await succeed(aws, ['s3', 'ls', '--recursive', uri]),
          /5 a b\/ü\+small\.txt\n.* 20971520 large\.bin/,
        );
        assert.match(await succeed(aws, ['s3', 'ls', `${uri}/`]), /PRE a b\/\n/);
        await succeed(aws, ['s3', 'cp', `${uri}/large.bin`, join(folder, 'back.bin')]);
        assert.equal(digest(await readFile(join(folder, 'back.bin'))), digest(await readFile(large)));
        await succeed(aws, ['s3', 'cp', `${uri}/large.bin`, `${uri}/copied.bin`]);
        await succeed(aws, ['s3', 'mv', `${uri}/copied.bin`, `${uri}/moved.bin`]);
        const head = JSON.parse(
          await succeed(aws, ['s3api', 'head-object', '--bucket', bucket, '--key', 'moved.bin']),
        );
        assert.equal(head.ContentLength, 20971520);
        const tree = join(folder, `tree-${index}`);
        await mkdir(join(tree, 'deep'), { recursive: true });
        for (let n = 0; n < 5; n++) await writeFile(join(tree, 'deep', `${n}`), `${n}`);
        await succeed(aws, ['s3', 'sync', tree, `${uri}/tree`]);
        assert.equal(
          await succeed(aws, ['s3', 'sync', tree, `${uri}/tree`]),
          '',
          'the second time there is nothing to do',
        );
        await succeed(aws, ['s3', 'rm', '--recursive', uri]);
        assert.equal(await succeed(aws, ['s3', 'ls', uri]), '');
        await succeed(aws, ['s3', 'rb', uri]);
        assert.doesNotMatch(await succeed(aws, ['s3', 'ls']), new RegExp(bucket));
      });

      test('streams from and to a pipe, and presigns', async () => {
        await succeed(aws, ['s3', 'mb', `${uri}-2`]);
        const url = (await succeed(aws, ['s3', 'presign', `${uri}-2/signed`])).trim();
        const none = await fetch(url);
        assert.equal(none.status, 404);
        assert.match(await none.text(), /NoSuchKey/);
        await succeed(aws, [
          's3api',
          'put-object',
          '--bucket',
          `${bucket}-2`,
          '--key',
          'signed',
          '--body',
          join(folder, 'small.txt'),
        ]);
        assert.equal(await (await fetch(url)).text(), 'ACGT\n');
        assert.equal(await succeed(aws, ['s3', 'cp', `${uri}-2/signed`, '-']), 'ACGT\n');
        assert.equal((await fetch(url.replace(/Signature=./, 'Signature=0'))).status, 403);
        const failed = await served.run(aws, [
          's3api',
          'get-bucket-lifecycle-configuration',
          '--bucket',
          `${bucket}-2`,
        ]);
        assert.match(failed.stderr, /NotImplemented.*lifecycle/);
      });
    });
  }

  describe('boto3', { skip: python ? false : 'python3 is not installed' }, () => {
    test('does everything that imports and exports do with it', async (context) => {
      const found = await served.run(python!, ['-c', 'import boto3']);
      if (found.code !== 0) return context.skip('boto3 is not installed');
      await succeed(python!, [new URL('./testing/boto3_session.py', import.meta.url).pathname]);
    });
  });

  describe('@aws-sdk/client-s3', () => {
    test('uploads streams with trailing checksums, reads ranges and batches deletes', async () => {
      const s3 = new S3Client({
        endpoint: served.url,
        region: 'us-east-1',
        credentials: KEYS,
        forcePathStyle: true,
      });
      await s3.send(new CreateBucketCommand({ Bucket: 'js-bucket' }));
      const bytes = randomBytes(3_000_000);
      const file = join(folder, 'stream.bin');
      await writeFile(file, bytes);
      for (const ChecksumAlgorithm of ['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'] as const) {
        const Key = `stream-${ChecksumAlgorithm}`;
        const Body = createReadStream(file);
        try {
          await s3.send(
            new PutObjectCommand({
              Bucket: 'js-bucket',
              Key,
              Body,
              ContentLength: bytes.length,
              ChecksumAlgorithm,
            }),
          );
        } catch (error) {
          // The SDK has this algorithm only with its CRT package.
          if (ChecksumAlgorithm === 'CRC64NVME' && /CRT|CRC64NVME/i.test(String(error))) continue;
          throw error;
        }
        const got = await s3.send(
          new GetObjectCommand({ Bucket: 'js-bucket', Key, ChecksumMode: 'ENABLED' }),
        );
        assert.ok(got[`Checksum${ChecksumAlgorithm}`]);
        assert.ok((await buffer(got.Body as Readable)).equals(bytes));
      }
      const part = await s3.send(
        new GetObjectCommand({ Bucket: 'js-bucket', Key: 'stream-CRC32', Range: 'bytes=5-9' }),
      );
      assert.deepEqual(await buffer(part.Body as Readable), bytes.subarray(5, 10));
      await s3.send(
        new CopyObjectCommand({ Bucket: 'js-bucket', Key: 'copy', CopySource: 'js-bucket/stream-CRC32' }),
      );
      const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: 'js-bucket' }));
      const Objects = Contents.map(({ Key }) => ({ Key }));
      const { Deleted } = await s3.send(
        new DeleteObjectsCommand({ Bucket: 'js-bucket', Delete: { Objects } }),
      );
      assert.equal(Deleted?.length, Contents.length);
      await assert.rejects(s3.send(new GetObjectCommand({ Bucket: 'js-bucket', Key: 'copy' })), {
        name: 'NoSuchKey',
      });
    });

    test('finds buckets in virtual-host style', async () => {
      const endpoint = `http://localhost:${served.port}`;
      const s3 = new S3Client({ endpoint, region: 'us-east-1', credentials: KEYS });
      // *.localhost resolves in browsers and curl, not in every Node: the name goes in the header alone.
      s3.middlewareStack.add(
        (next) => (args) => {
          Object.assign(args.request as object, { hostname: '127.0.0.1' });
          return next(args);
        },
        { step: 'deserialize', name: 'toThePort' },
      );
      await s3.send(new PutObjectCommand({ Bucket: 'js-bucket', Key: 'in/host style', Body: 'x' }));
      const got = await s3.send(new GetObjectCommand({ Bucket: 'js-bucket', Key: 'in/host style' }));
      assert.equal(await got.Body?.transformToString(), 'x');
    });
  });

  describe('samtools', { skip: samtools ? false : 'samtools is not installed' }, () => {
    const sam = [
      '@SQ\tSN:chr1\tLN:1000',
      ...Array.from({ length: 500 }, (_, n) => `r${n}\t0\tchr1\t${n + 1}\t60\t4M\t*\t0\t0\tACGT\tIIII`),
    ];

    test('reads a BAM and its index over s3+http, whole and by region', async () => {
      const bam = join(folder, 'reads.bam');
      await writeFile(join(folder, 'reads.sam'), `${sam.join('\n')}\n`);
      await succeed(samtools!, ['view', '-b', '-o', bam, join(folder, 'reads.sam')]);
      await succeed(samtools!, ['index', bam]);
      const s3 = new S3Client({
        endpoint: served.url,
        region: 'us-east-1',
        credentials: KEYS,
        forcePathStyle: true,
      });
      await s3.send(new CreateBucketCommand({ Bucket: 'sam.reads' }));
      for (const name of ['reads.bam', 'reads.bam.bai']) {
        await s3.send(
          new PutObjectCommand({
            Bucket: 'sam.reads',
            Key: `run 1/${name}`,
            Body: await readFile(join(folder, name)),
          }),
        );
      }
      const environment = { HTS_S3_HOST: `127.0.0.1:${served.port}`, HTS_S3_ADDRESS_STYLE: 'path' };
      const uri = 's3+http://sam.reads/run 1/reads.bam';
      assert.equal(await succeed(samtools!, ['view', '-c', uri], environment), '500\n');
      const region = await served.run(samtools!, ['view', '-c', uri, 'chr1:1-10'], {
        ...environment,
        TMPDIR: folder,
      });
      assert.equal(region.stdout, '10\n', region.stderr);
    });
  });
});

function digest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
