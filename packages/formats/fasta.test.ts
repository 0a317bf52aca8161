import assert from 'node:assert/strict';
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { BrokenInput, type ReadPasses } from './pass.ts';
import { answerOf, bothReaders, data, dataMissing, read, temporaryFolder } from './test-files.ts';

for (const kind of ['native', 'pipeline'] as const) {
  describe(`FASTA, ${kind} reader`, () => {
    let folder: Awaited<ReturnType<typeof temporaryFolder>>;
    let passes: ReadPasses;
    let files: { indexPath: string; blockIndexPath: string };
    before(async () => {
      folder = await temporaryFolder();
      passes = (await bothReaders(folder.path)).find((one) => one.kind === kind)!;
      files = { indexPath: join(folder.path, 'made.fai'), blockIndexPath: join(folder.path, 'made.gzi') };
    });
    after(() => folder.remove());

    test("contigs and indexes are samtools', plain and bgzip", { skip: dataMissing }, async () => {
      for (const name of ['germline', 'virus']) {
        const plain = join(folder.path, `${name}.fa`);
        await copyFile(data(`${name}/reference.fasta`), plain);
        await answerOf('bgzip', ['-k', plain]);
        const dictionary = await answerOf('samtools', ['dict', '-H', plain]);
        for (const path of [plain, `${plain}.gz`]) {
          const facts = await read(passes.fasta(files), path);
          await answerOf('samtools', ['faidx', path]);
          assert.deepEqual(await readFile(files.indexPath), await readFile(`${path}.fai`));
          assert.equal(facts.bgzip, path.endsWith('.gz'));
          if (facts.bgzip)
            assert.deepEqual(await readFile(files.blockIndexPath), await readFile(`${path}.gzi`));
          const lines = facts.contigs.map(
            ({ name, length, md5 }) => `@SQ\tSN:${name}\tLN:${length}\tM5:${md5}`,
          );
          assert.deepEqual(
            lines,
            dictionary
              .trimEnd()
              .split('\n')
              .map((line) => line.split('\t').slice(0, 4).join('\t')),
          );
        }
      }
    });

    test('CR LF and a last line without a newline are indexed as samtools does', async () => {
      const path = join(folder.path, 'crlf.fa');
      await writeFile(path, '>a x\r\nACG\r\nTTT\r\nN');
      const facts = await read(passes.fasta(files), path);
      await answerOf('samtools', ['faidx', path]);
      assert.deepEqual(await readFile(files.indexPath), await readFile(`${path}.fai`));
      assert.equal(facts.contigs[0]!.length, 7);
    });

    test("MD5s of contigs of every length around a digest's chunks are samtools'", async () => {
      const path = join(folder.path, 'lengths.fa');
      const contigs = Array.from(
        { length: 200 },
        (_, i) => `>c${i}\n${'ACGTN'.repeat(60).slice(0, i + 1)}\n`,
      );
      await writeFile(path, contigs.join(''));
      const facts = await read(passes.fasta(files), path);
      const dictionary = (await answerOf('samtools', ['dict', '-H', path])).trimEnd().split('\n');
      assert.deepEqual(
        facts.contigs.map(({ md5 }) => md5),
        dictionary.map((line) => /M5:(\w+)/.exec(line)![1]),
      );
    });

    const broken: [string, string | Uint8Array, RegExp][] = [
      ['lines of different lengths', '>a\nACGT\nAC\nACG\n', /a|line/],
      ['bases before the first name', 'ACGT\n', /line 1|Format error/],
      ['no contig at all', '\n', /./],
      ['plain gzip', gzipSync('>a\nACGT\n'), /gzip/],
    ];
    for (const [name, bytes, message] of broken) {
      test(`${name}: refused`, async () => {
        await assert.rejects(read(passes.fasta(files), Buffer.from(bytes)), (error: unknown) => {
          assert.ok(error instanceof BrokenInput, String(error));
          assert.match(error.message, message);
          return true;
        });
      });
    }
  });
}

describe('FASTA, what the native reader says', () => {
  const broken: [string, RegExp][] = [
    ['>a\nACGT\nAC\nACG\n', /^line 4: contig a has lines of different lengths/],
    ['>a\n>b\nACGT\n', /^contig a \(before line 3\) has no bases/],
    ['>a\nAC\n>a\nACGT\n', /^line 3: contig a is there twice/],
    ['>a\nAC1\n', /^line 2: character 3 of contig a is no base/],
    ['>\nACGT\n', /^line 1: a contig without a name/],
  ];
  for (const [text, message] of broken) {
    test(`${JSON.stringify(text)}: ${message.source}`, async () => {
      const folder = await temporaryFolder();
      const [native] = await bothReaders(folder.path);
      const files = { indexPath: join(folder.path, 'a.fai'), blockIndexPath: join(folder.path, 'a.gzi') };
      await assert.rejects(read(native!.fasta(files), Buffer.from(text)), { name: 'BrokenInput', message });
      await folder.remove();
    });
  }
});
