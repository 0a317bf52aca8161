import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { after, describe, test } from 'node:test';
import { importedRows } from '../testing/imported.ts';
import { lacking } from '../testing/needs.ts';
import { openFasta } from './fasta.ts';

const folder = mkdtempSync(join(tmpdir(), 'helicase-normalize-'));
after(() => rmSync(folder, { recursive: true, force: true }));

/** A small generator with a seed, so that a failure can be seen again. */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** Repeats make indels that can be moved far. */
function repetitive(random: (below: number) => number, length: number): string {
  let bases = '';
  while (bases.length < length) {
    const unit = Array.from({ length: 1 + random(4) }, () => 'ACGT'[random(4)]).join('');
    bases += unit.repeat(1 + random(60));
  }
  return bases.slice(0, length);
}

describe('Left normalization', { skip: lacking(['samtools', 'bcftools']) }, () => {
  test('the reference is read alike from plain and from bgzip FASTA', () => {
    const bases = repetitive(generator(7), 300_000);
    const [plain, zipped] = [join(folder, 'plain.fa'), join(folder, 'zipped.fa')];
    for (const path of [plain, zipped]) writeFileSync(path, `>c\n${bases.replace(/.{61}/g, '$&\n')}\n`);
    execFileSync('bgzip', [zipped]);
    for (const path of [plain, `${zipped}.gz`]) {
      execFileSync('samtools', ['faidx', path]);
      const reference = openFasta(path, `${path}.fai`);
      for (const start of [0, 299_990, 5, 65_000, 130_000, 64_990]) {
        assert.equal(reference.bases('c', start, start + 300), bases.slice(start, start + 300));
      }
      assert.equal(reference.length('c'), 300_000);
      assert.equal(reference.length('d'), undefined);
      reference.close();
    }
  });

  test('4,000 random variants in repeats lie where `bcftools norm -f` puts them', async () => {
    const random = generator(42);
    const contigs = ['one', 'two'].map((name) => ({ name, bases: repetitive(random, 20_000) }));
    const fasta = join(folder, 'reference.fa');
    writeFileSync(
      fasta,
      contigs.map(({ name, bases }) => `>${name}\n${bases.replace(/.{70}/g, '$&\n')}\n`).join(''),
    );
    execFileSync('samtools', ['faidx', fasta]);
    const lines = contigs.flatMap(({ name, bases }) => {
      const positions = Array.from({ length: 2_000 }, () => random(19_900)).sort((a, b) => a - b);
      return positions.map((start) => recordLine(name, bases, start, random));
    });
    const declared = contigs.map(({ name }) => `##contig=<ID=${name},length=20000>\n`).join('');
    const vcf = `##fileformat=VCFv4.2\n${declared}#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n${lines.join('')}`;
    writeFileSync(join(folder, 'in.vcf'), vcf);
    const rows = await importedRows(Readable.from([Buffer.from(vcf)]), {
      reference: { fasta, index: `${fasta}.fai` },
    });
    const found = rows.map(({ names, start, referenceallele, alternatealleles }) =>
      [
        (names as string[])[0],
        Number(start) + 1,
        referenceallele,
        (alternatealleles as string[]).join(','),
      ].join('\t'),
    );
    const out = join(folder, 'out.vcf');
    execFileSync('bcftools', ['norm', '-f', fasta, '-o', out, join(folder, 'in.vcf')], { stdio: 'ignore' });
    const expected = execFileSync('bcftools', ['query', '-f', '%ID\\t%POS\\t%REF\\t%ALT\\n', out], {
      encoding: 'utf8',
    });
    assert.deepEqual(found.sort(), expected.split('\n').slice(0, -1).sort());
    assert.ok(readFileSync(out, 'utf8').length > 0);
  });
});

let serial = 0;
function recordLine(name: string, bases: string, start: number, random: (below: number) => number): string {
  const reference = bases.slice(start, start + 1 + random(12));
  const alternates = new Set<string>();
  for (let n = 0; n <= random(2); n++) alternates.add(alternate(bases, start, reference, random));
  alternates.delete(reference);
  const alt = alternates.size === 0 ? `${reference}T` : [...alternates].join(',');
  return `${name}\t${start + 1}\tv${++serial}\t${reference}\t${alt}\t.\t.\t.\n`;
}

/** A deletion, an insertion of what stands nearby, or other bases. */
function alternate(
  bases: string,
  start: number,
  reference: string,
  random: (below: number) => number,
): string {
  switch (random(3)) {
    case 0:
      return reference.slice(0, 1 + random(reference.length));
    case 1:
      return reference + bases.slice(start + reference.length, start + reference.length + 1 + random(10));
    default:
      return Array.from({ length: 1 + random(5) }, () => 'ACGT'[random(4)]).join('');
  }
}
