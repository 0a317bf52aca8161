import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { BrokenInput, type ReadPasses } from './pass.ts';
import { bothReaders, data, dataMissing, inflate, md5sum, read, temporaryFolder } from './test-files.ts';

const record = (name: string, bases = 'ACGT', quality = 'IIII'): string =>
  `@${name}\n${bases}\n+\n${quality}\n`;

for (const kind of ['native', 'pipeline'] as const) {
  describe(`FASTQ, ${kind} reader`, () => {
    let folder: Awaited<ReturnType<typeof temporaryFolder>>;
    let passes: ReadPasses;
    before(async () => {
      folder = await temporaryFolder();
      passes = (await bothReaders(folder.path)).find((one) => one.kind === kind)!;
    });
    after(() => folder.remove());

    const single = (bytes: string | Uint8Array) =>
      read(passes.fastq({ digest: 'md5', paired: false }), bytes);
    const pair = (first: string | Uint8Array, second: string | Uint8Array) =>
      read(passes.fastq({ digest: 'md5', paired: true }), first, second);
    const refuses = (reading: Promise<unknown>, message: RegExp) =>
      assert.rejects(reading, (error: unknown) => {
        assert.ok(error instanceof BrokenInput, String(error));
        assert.match(error.message, message);
        return true;
      });

    test('a real pair is counted and digested as gzip and md5sum do', { skip: dataMissing }, async () => {
      const files = [data('virus/reads_R1.fastq.gz'), data('virus/reads_R2.fastq.gz')] as const;
      const facts = await pair(...files);
      for (const [i, file] of files.entries()) {
        const text = inflate(await readFile(file));
        const lines = text.toString('latin1').trimEnd().split('\n');
        const bases = lines.filter((_, line) => line % 4 === 1).reduce((sum, line) => sum + line.length, 0);
        const expected = { reads: lines.length / 4, bases, digest: await md5sum(text) };
        assert.deepEqual(facts.sources[i], expected);
      }
    });

    test('a file of many gzip members is one text', async () => {
      const texts = [record('a'), record('b', 'AC', 'II'), record('c')];
      const facts = await single(Buffer.concat(texts.map((text) => gzipSync(text))));
      assert.deepEqual(facts.sources, [
        { reads: 3, bases: 10, digest: await md5sum(Buffer.from(texts.join(''))) },
      ]);
    });

    test('the last line may lack its newline, lines may end with CR LF', async () => {
      const facts = await single(gzipSync('@a\r\nACGT\r\n+\r\nIIII'));
      assert.equal(facts.sources[0]!.bases, 4);
    });

    test('mates may be marked by /1 and /2 or have one name', async () => {
      await pair(gzipSync(record('a/1') + record('b/1')), gzipSync(record('a/2') + record('b/2')));
      await pair(gzipSync(record('a 1:N:0')), gzipSync(record('a 2:N:0')));
    });

    test('a pair of unequal length is refused with both counts', async () => {
      const long = gzipSync(record('a') + record('b') + record('c'));
      const short = gzipSync(record('a') + record('b'));
      await refuses(pair(long, short), /unequal length: source1 has 3 reads, source2 has 2/);
      await refuses(pair(short, long), /unequal length: source1 has 2 reads, source2 has 3/);
    });

    test('mates in another order are refused with both names', async () => {
      const first = gzipSync(record('a') + record('b'));
      await refuses(pair(first, gzipSync(record('a') + record('x'))), /record 2\b.*read b .*read x/);
    });

    test('a broken record is named by record and line', async () => {
      const broken: [string, RegExp][] = [
        [record('a') + record('b', 'ACGT', 'III'), /record 2 \(line 8\): 3 quality values for 4 bases/],
        [record('a') + 'b\nACGT\n+\nIIII\n', /record 2 \(line 5\): a FASTQ record begins with @/],
        [record('a', 'AC9T'), /record 1 \(line 2\): character 3 of the sequence is no base/],
        ['@a\nACGT\n-\nIIII\n', /record 1 \(line 3\): the third line/],
        [record('a') + '@b\nAC', /record 2: the file ends after line 2/],
        ['', /holds no reads/],
      ];
      for (const [text, message] of broken) await refuses(single(gzipSync(text)), message);
    });

    test('the broken half of a pair is named', async () => {
      const whole = gzipSync(record('a') + record('b'));
      await refuses(pair(whole, gzipSync(record('a') + record('b', 'AC', 'I'))), /^source2: record 2/);
    });

    test('plain text is refused', async () => {
      await refuses(single(Buffer.from(record('a'))), /not gzip/);
    });

    test('a cut and a damaged gzip are refused with the position', { skip: dataMissing }, async () => {
      const bytes = await readFile(data('virus/reads_R1.fastq.gz'));
      await refuses(single(bytes.subarray(0, 500_000)), /corrupt gzip (at|near) byte \d+/);
      bytes.fill(0x58, 500_000, 500_012);
      await refuses(
        single(bytes),
        kind === 'native' ? /corrupt gzip at byte \d+.*record \d+/ : /gzip|record/,
      );
    });
  });
}
