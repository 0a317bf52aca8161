import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { BrokenInput, type ReadPasses } from './pass.ts';
import {
  alignGermline,
  answerOf,
  bothReaders,
  data,
  dataMissing,
  md5sum,
  read,
  temporaryFolder,
} from './test-files.ts';

interface SamtoolsAnswer {
  readonly reads: number;
  readonly bases: number;
  readonly aligned: number;
  readonly md5: string;
}

async function samtoolsAnswer(path: string, more: readonly string[] = []): Promise<SamtoolsAnswer> {
  const text = await answerOf('samtools', ['view', ...more, path]);
  const sequences = text
    .trimEnd()
    .split('\n')
    .map((line) => line.split('\t')[9]!);
  return {
    reads: Number(await answerOf('samtools', ['view', '-c', path])),
    bases: sequences.reduce((sum, sequence) => sum + (sequence === '*' ? 0 : sequence.length), 0),
    aligned: Number(await answerOf('samtools', ['view', '-c', '-F', '4', path])),
    md5: await md5sum(Buffer.from(text, 'latin1')),
  };
}

for (const kind of ['native', 'pipeline'] as const) {
  describe(`alignments, ${kind} reader`, { skip: dataMissing }, () => {
    let folder: Awaited<ReturnType<typeof temporaryFolder>>;
    let passes: ReadPasses;
    let germline: string;
    const refuses = async (bytes: Uint8Array, message: RegExp, type: 'BAM' | 'CRAM' = 'BAM') => {
      const referencePath = data('germline/reference.fasta');
      const pass = passes.alignments({ type, digest: 'md5', ...(type === 'CRAM' ? { referencePath } : {}) });
      await assert.rejects(read(pass, bytes), (error: unknown) => {
        assert.ok(error instanceof BrokenInput, String(error));
        assert.match(error.message, message);
        return true;
      });
    };
    before(async () => {
      folder = await temporaryFolder();
      passes = (await bothReaders(folder.path)).find((one) => one.kind === kind)!;
      germline = await alignGermline(folder.path);
    });
    after(() => folder.remove());

    for (const name of ['germline', 'NA12878']) {
      test(`counts, digest and index of ${name} are samtools'`, async () => {
        const path = name === 'germline' ? germline : data('human/NA12878.bam');
        const indexPath = join(folder.path, `${name}.bai`);
        const facts = await read(passes.alignments({ type: 'BAM', digest: 'md5', indexPath }), path);
        const expected = await samtoolsAnswer(path);
        assert.equal(facts.reads, expected.reads);
        assert.equal(facts.bases, expected.bases);
        assert.equal(facts.aligned, expected.aligned);
        assert.equal(facts.digest, expected.md5);
        assert.equal(facts.index, 'bai');
        await answerOf('samtools', ['index', path, `${indexPath}.expected`]);
        assert.deepEqual(await readFile(indexPath), await readFile(`${indexPath}.expected`));
      });
    }

    test('contigs that carry reads are told with the length and M5 of the header', async () => {
      const facts = await read(passes.alignments({ type: 'BAM', digest: 'md5' }), data('human/NA12878.bam'));
      const statistics = await answerOf('samtools', ['idxstats', data('human/NA12878.bam')]);
      const expected = statistics
        .split('\n')
        .map((line) => line.split('\t'))
        .filter(([name, , mapped, unmapped]) => name && name !== '*' && Number(mapped) + Number(unmapped) > 0)
        .map(([name, length, mapped, unmapped]) => [name, Number(length), Number(mapped) + Number(unmapped)]);
      assert.deepEqual(
        facts.contigs.map(({ name, length, reads }) => [name, length, reads]),
        expected,
      );
      assert.equal(facts.contigs[0]!.md5, '98c59049a2df285c76ffb1c6db8f8b96');
    });

    test('SHA-256 and SHA-512 digest the same text', async () => {
      const text = Buffer.from(await answerOf('samtools', ['view', germline]), 'latin1');
      for (const [digest, program] of [
        ['sha256', 'sha256sum'],
        ['sha512', 'sha512sum'],
      ] as const) {
        const facts = await read(passes.alignments({ type: 'BAM', digest }), germline);
        assert.equal(facts.digest, (await answerOf(program, [], text)).split(' ')[0]);
      }
    });

    test('reads that are not in coordinate order have no index', async () => {
      const path = join(folder.path, 'by-name.bam');
      await answerOf('samtools', ['sort', '-n', '-o', path, germline]);
      const indexPath = join(folder.path, 'by-name.bai');
      const facts = await read(passes.alignments({ type: 'BAM', digest: 'md5', indexPath }), path);
      assert.equal(facts.sorted, false);
      assert.equal(facts.index, undefined);
      assert.equal(facts.digest, (await samtoolsAnswer(path)).md5);
    });

    test('a CRAM is digested as samtools shows it with its reference', async () => {
      const path = join(folder.path, 'germline.cram');
      const referencePath = data('germline/reference.fasta');
      await answerOf('samtools', ['view', '-C', '-T', referencePath, '-o', path, germline]);
      const facts = await read(passes.alignments({ type: 'CRAM', digest: 'md5', referencePath }), path);
      assert.equal(facts.digest, (await samtoolsAnswer(path, ['-T', referencePath])).md5);
      const bytes = await readFile(path);
      await refuses(bytes.subarray(0, bytes.length - 38), /truncated/, 'CRAM');
    });

    test('a BAM cut anywhere is refused as truncated', async () => {
      const bytes = await readFile(germline);
      for (const length of [bytes.length - 28, bytes.length - 1, bytes.length >> 1, 200])
        await refuses(bytes.subarray(0, length), /truncated|damaged/);
    });

    test('a flipped bit is refused', async () => {
      const bytes = await readFile(germline);
      bytes[300_000]! ^= 1;
      await refuses(bytes, /damaged/);
    });

    test('another format is refused', async () => {
      const sam = Buffer.from(await answerOf('samtools', ['view', '-h', germline]));
      await refuses(sam, /it is .*not BAM/);
    });
  });
}

describe('alignments, where the native reader stopped', { skip: dataMissing }, () => {
  test('a truncated BAM names the last whole record, a damaged one the record that cannot be read', async () => {
    const folder = await temporaryFolder();
    const [native] = await bothReaders(folder.path);
    const path = await alignGermline(folder.path);
    const bytes = await readFile(path);
    const cut = native!.alignments({ type: 'BAM', digest: 'md5' });
    await assert.rejects(read(cut, bytes.subarray(0, bytes.length - 28)), {
      message: 'the file is truncated after record 20000: its BGZF end-of-file block is missing',
    });
    bytes[300_000]! ^= 1;
    const flipped = native!.alignments({ type: 'BAM', digest: 'md5' });
    await assert.rejects(read(flipped, bytes), {
      message: /^record \d+ cannot be read, after read chr1_\S+: the file is truncated or damaged there$/,
    });
    await folder.remove();
  });
});
