import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { Readable } from 'node:stream';
import { importedRows } from '../../packages/analytics/testing/imported.ts';

/**
 * Left normalization against `bcftools norm -f`, on pairs of a VCF and its FASTA from elsewhere (bcftools' own tests, for
 * example): node conformance/analytics/normalization.ts FILE.vcf REFERENCE.fa [FILE.vcf REFERENCE.fa ...]
 * Positions, REF and ALT of every record have to be equal. Records that do not match the reference are left out by
 * `-c x`, and by us: of these the whole file is refused.
 */

const folder = mkdtempSync(join(tmpdir(), 'helicase-normalization-'));
let failures = 0;
try {
  const given = process.argv.slice(2);
  for (let index = 0; index + 1 < given.length; index += 2) await compare(given[index]!, given[index + 1]!);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exitCode = failures === 0 ? 0 : 1;

async function compare(vcf: string, fasta: string): Promise<void> {
  const reference = join(folder, basename(fasta));
  copyFileSync(fasta, reference);
  execFileSync('samtools', ['faidx', reference]);
  const text = numbered(execFileSync('bcftools', ['view', '--no-version', vcf], { encoding: 'utf8' }));
  const expected = normalized(text, reference);
  const kept = new Set(
    expected === 'refused' ? [] : expected.map((line) => line.split('\t')[0]!.toLowerCase()),
  );
  const matching = text
    .split('\n')
    .filter((line) => expected === 'refused' || line.startsWith('#') || kept.has(line.split('\t')[2] ?? ''));
  const found = await ours(matching.join('\n'), reference);
  const equal = JSON.stringify(expected) === JSON.stringify(found);
  if (!equal) failures++;
  const what = expected === 'refused' ? 'refused by both' : `${expected.length} records equal`;
  console.log(
    `${equal ? 'ok' : 'NOT EQUAL'} ${basename(vcf)}: ${equal ? what : firstDifference(expected, found)}`,
  );
}

/** Each record's ID becomes its number, so that records are told apart wherever they are moved. */
function numbered(text: string): string {
  let number = 0;
  const line = (record: string) => {
    const columns = record.split('\t').slice(0, 8);
    if (record.startsWith('#CHROM')) return columns.join('\t');
    columns[2] = `n${number++}`;
    columns[7] = '.';
    return columns.join('\t');
  };
  return text
    .split('\n')
    .map((record) => (record.startsWith('##') || record === '' ? record : line(record)))
    .join('\n');
}

type Places = readonly string[] | 'refused';

function normalized(text: string, reference: string): Places {
  const input = join(folder, 'in.vcf');
  writeFileSync(input, text);
  const run = spawnSync('bcftools', ['norm', '-c', 'x', '-f', reference, input], { encoding: 'utf8' });
  if (run.status !== 0) return 'refused';
  const records = run.stdout.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return records.map((record) => place(record.split('\t').slice(0, 5))).sort();
}

async function ours(text: string, reference: string): Promise<Places> {
  try {
    const files = { fasta: reference, index: `${reference}.fai` };
    const rows = await importedRows(Readable.from([Buffer.from(text)]), { reference: files });
    return rows
      .map(({ contigname, start, names, referenceallele, alternatealleles }) => {
        const alternates = (alternatealleles as string[]).join(',') || '.';
        return place(
          [contigname, Number(start) + 1, (names as string[])[0], referenceallele, alternates].map(String),
        );
      })
      .sort();
  } catch (error) {
    console.log(`   ${(error as Error).message}`);
    return 'refused';
  }
}

/** bcftools keeps the case of what it does not touch. */
function place([contig, position, id, reference, alternates]: readonly string[]): string {
  return [id, contig, position, reference, alternates].join('\t').toUpperCase();
}

function firstDifference(expected: Places, found: Places): string {
  if (expected === 'refused' || found === 'refused')
    return `bcftools: ${String(expected).slice(0, 80)}, ours: ${String(found).slice(0, 80)}`;
  const at = expected.findIndex((line, index) => line !== found[index]);
  return `bcftools "${expected[at]}", ours "${found[at]}"`;
}
