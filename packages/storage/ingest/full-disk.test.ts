import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { blobStates, importReadSets, newSequenceStore, temporaryWorld, upload } from '../testing/stories.ts';

const MEBIBYTE = 1024 ** 2;
const mount = mkdtempSync(join(tmpdir(), 'helicase-small-disk-'));
const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${2 * MEBIBYTE}`, 'none', mount]).status === 0;
after(() => {
  if (mounted) execFileSync('umount', [mount]);
  rmSync(mount, { recursive: true });
});

/** One FASTQ record whose sequence does not compress. */
function reads(bases: number): Uint8Array {
  const letters = Buffer.from(randomBytes(bases)).map((byte) => 'ACGT'.charCodeAt(byte % 4));
  return gzipSync(`@a\n${Buffer.from(letters).toString()}\n+\n${'I'.repeat(bases)}\n`);
}

describe(
  'an import while the disk fills',
  { skip: mounted ? false : 'a tmpfs cannot be mounted here' },
  () => {
    let world: Awaited<ReturnType<typeof temporaryWorld>>;
    before(async () => {
      world = await temporaryWorld({ blobs: join(mount, 'blobs') });
    });
    after(() => world.close());

    test('fails with a message that says so, leaves nothing, and the next one that fits is imported', async () => {
      const store = await newSequenceStore(world);
      const source = async (name: string, bases: number) => ({
        sourceFileType: 'FASTQ',
        sourceFiles: { source1: await upload(world, name, reads(bases)) },
      });
      const large = await importReadSets(world, store, [await source('large.fastq.gz', 12 * MEBIBYTE)]);
      assert.equal(large.status, 'FAILED');
      assert.match(large.sources![0]!.statusMessage!, /no space is left on the server's disk/);
      await world.vault.sweep();
      assert.deepEqual([...(await blobStates(world)).keys()], []);
      assert.deepEqual(readdirSync(join(mount, 'blobs', 'unfinished')), []);
      const small = await importReadSets(world, store, [await source('small.fastq.gz', 1000)]);
      assert.equal(small.status, 'COMPLETED', small.statusMessage);
    });
  },
);

describe('an import whose bucket vanishes', () => {
  test('fails with a message that names the object, and leaves nothing', async () => {
    const world = await temporaryWorld();
    const store = await newSequenceStore(world);
    const source1 = await upload(world, 'reads.fastq.gz', reads(4 * MEBIBYTE));
    const { open } = world.objects;
    // The bucket goes once the first bytes were read.
    world.objects.open = async (...asked) => {
      const opened = await open(...asked);
      await rm(join(world.folder, 'buckets', 'reads'), { recursive: true });
      return opened;
    };
    const job = await importReadSets(world, store, [{ sourceFileType: 'FASTQ', sourceFiles: { source1 } }]);
    assert.equal(job.status, 'FAILED');
    assert.match(job.sources![0]!.statusMessage!, /reads\.fastq\.gz/);
    await world.vault.sweep();
    assert.deepEqual([...(await blobStates(world)).keys()], []);
    await world.close();
  });
});
