import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createReadStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { after, describe, test } from 'node:test';
import { DuckDBInstance, type Json } from '@duckdb/node-api';
import { VEP_FIELDS } from '../table/columns.ts';
import { importVcf } from './import-vcf.ts';
import { importedRows, type Row } from '../testing/imported.ts';
import { lacking } from '../testing/needs.ts';
import { SHARED } from '../testing/room.ts';

const human = join(SHARED, 'human');
const skip = lacking(['bcftools'], [human]);
const folder = mkdtempSync(join(tmpdir(), 'helicase-import-'));
after(() => rmSync(folder, { recursive: true, force: true }));

function rowsOf(path: string, chunkSize?: number): Promise<readonly Row[]> {
  return importedRows(createReadStream(path), chunkSize ? { chunkSize } : {});
}

function bcftools(path: string, format: string): readonly string[] {
  const options = {
    encoding: 'utf8' as const,
    maxBuffer: 1024 ** 3,
    stdio: ['ignore', 'pipe', 'ignore'] as const,
  };
  return execFileSync('bcftools', ['query', '-f', format, path], { ...options, stdio: [...options.stdio] })
    .split('\n')
    .slice(0, -1);
}

/** The INFO column as it is written; bcftools rounds its numbers. */
function infoColumn(path: string): readonly string[] {
  const lines = execFileSync('bash', ['-c', 'zcat -f "$0" | grep -v "^#" | cut -f8', path], {
    encoding: 'utf8',
    maxBuffer: 1024 ** 3,
  });
  return lines.split('\n').slice(0, -1);
}

const list = (text: string, separator: string) => (text === '.' ? [] : text.split(separator));
const numbers = (text: string) =>
  text === '.' ? null : text.split(',').map((value) => (value === '.' ? null : Number(value)));
const number = (text: string) => (text === '.' ? null : Number(text));
const calls = (text: string) => text.split(/[/|]/).map((allele) => (allele === '.' ? -1 : Number(allele)));
const entries = (map: Json) => map as { key: string; value: string }[] | null;

/** DuckDB's JSON writes 64-bit integers as text. */
function site(row: Row) {
  return [
    row['contigname'],
    Number(row['start']),
    Number(row['end']),
    row['names'],
    row['referenceallele'],
    row['alternatealleles'],
    row['filters'],
  ];
}

const FILES = [
  'CEUTrio.NA12878.20.21.vcf',
  'NA12878_21.g.vcf',
  '1000G.chr20.10100000.vcf.gz',
  'HG00096.vcf.gz',
  'vep-loftee.vcf',
];
/** FORMAT keys with a column of their own. */
const NAMED = ['GT', 'GL', 'PL', 'AD', 'GQ', 'SPL', 'DP', 'PS'];

function formatKeys(path: string): readonly string[] {
  const header = execFileSync('bcftools', ['view', '-h', path], { encoding: 'utf8', maxBuffer: 1024 ** 3 });
  return [...header.matchAll(/^##FORMAT=<ID=([^,]+)/gm)].map(([, key]) => key!);
}

describe('The variant store’s table, against bcftools', { skip }, () => {
  for (const file of FILES) {
    const path = join(human, file);
    test(`${file}: every column of every row`, async () => {
      const rows = await rowsOf(path);
      const keys = formatKeys(path);
      const others = keys.filter((key) => !NAMED.includes(key));
      const fields = ['CHROM', 'POS0', 'END', 'ID', 'REF', 'ALT', 'QUAL', 'FILTER', 'SAMPLE', ...keys];
      const expected = bcftools(path, `[${fields.map((field) => `%${field}`).join('\\t')}\\n]`);
      assert.equal(rows.length, expected.length);
      for (const [index, line] of expected.entries())
        checkRow(rows[index]!, line.split('\t'), fields, others);
      const info = infoColumn(path);
      const samples = rows.length / info.length;
      for (const [index, row] of rows.entries()) {
        const written = entries(row['attributes']!)!
          .map(({ key, value }) => `${key}=${value}`)
          .join(';');
        // A flag is written without a value and stored as `true`.
        const flags = info[Math.floor(index / samples)]!.split(';').map((entry) =>
          entry.includes('=') ? entry : `${entry}=true`,
        );
        assert.equal(written, flags.join(';'));
      }
    });
  }

  function checkRow(
    row: Row,
    values: readonly string[],
    fields: readonly string[],
    others: readonly string[],
  ): void {
    const value = (name: string) => values[fields.indexOf(name)] ?? '.';
    const [contig, start, end, id, ref, alt] = values as [string, string, string, string, string, string];
    assert.deepEqual(site(row), [
      contig,
      Number(start),
      Number(end),
      list(id, ';'),
      ref,
      list(alt, ','),
      list(value('FILTER'), ';'),
    ]);
    const qual = number(value('QUAL'));
    if (qual === null) assert.equal(row['qual'], null);
    else
      assert.ok(
        Math.abs(Number(row['qual']) - qual) <= Math.abs(qual) * 1e-5,
        `${row['qual']} is not ${qual}`,
      );
    const genotype = value('GT');
    assert.deepEqual(row['calls'], calls(genotype));
    assert.equal(row['phased'], genotype.includes('|'));
    assert.equal(row['sampleid'], value('SAMPLE'));
    assert.deepEqual(row['alleledepths'], numbers(value('AD')));
    assert.deepEqual(row['phredlikelihoods'], numbers(value('PL')));
    assert.equal(row['depth'], number(value('DP')));
    assert.equal(row['conditionalquality'], number(value('GQ')));
    for (const other of others) {
      const found = entries(row['information']!)?.find(({ key }) => key === other);
      assert.equal(found?.value ?? '.', value(other));
    }
    assert.deepEqual(row['genotypelikelihoods'], numbers(value('GL')));
    assert.deepEqual(row['spl'], numbers(value('SPL')));
    assert.equal(row['ps'], number(value('PS')));
    assert.deepEqual([row['importjobid'], row['splitfrommultiallelic']], ['job-1', false]);
  }

  test('VEP entries are what `bcftools +split-vep` takes out of CSQ, in every field of every row', async () => {
    const path = join(human, 'vep-loftee.vcf');
    const rows = await rowsOf(path);
    const listed = execFileSync('bcftools', ['+split-vep', '-l', path], { encoding: 'utf8' });
    const keys = listed
      .trim()
      .split('\n')
      .map((line) => line.split('\t')[1]!);
    const format = keys.map((key) => `%${key}`).join('\\t');
    // `-d` gives a line for each entry; the last line of a record is told by its place.
    const split = (options: readonly string[]) =>
      execFileSync('bcftools', ['+split-vep', ...options, path], { encoding: 'utf8', maxBuffer: 1024 ** 3 })
        .split('\n')
        .slice(0, -1);
    const entries = split(['-d', '-A', 'tab', '-f', `%POS\\t${format}\\n`]).map((line) => line.split('\t'));
    for (const row of rows) {
      const { vep } = row['annotations'] as { vep: Record<string, Json>[] };
      const expected = entries.filter(([position]) => Number(position) === Number(row['start']) + 1);
      assert.equal(vep.length, expected.length);
      for (const [index, [, ...fields]] of expected.entries()) checkEntry(vep[index]!, keys, fields);
    }
  });

  /** bcftools writes `.` for what is empty. */
  function checkEntry(entry: Record<string, Json>, keys: readonly string[], fields: readonly string[]): void {
    const extras = new Map(
      (entry['extras'] as { key: string; value: string }[]).map(({ key, value }) => [key, value]),
    );
    for (const [index, key] of keys.entries()) {
      const name = key.toLowerCase();
      const value = fields[index] === '.' ? '' : fields[index]!;
      const [first, second = null] = value.split('/');
      if (['consequence', 'existing_variation', 'flags'].includes(name))
        assert.deepEqual(entry[name], value === '' ? null : value.split('&'));
      else if (['exon', 'intron'].includes(name))
        assert.deepEqual(entry[name], value === '' ? null : { rank: first, total: second });
      else if (['amino_acids', 'codons'].includes(name))
        assert.deepEqual(entry[name], value === '' ? null : { reference: first, variant: second });
      else if (VEP_FIELDS.includes(name)) assert.equal(entry[name], value);
      else assert.equal(extras.get(name), value);
    }
  }

  test('a BCF has the rows of its VCF', async () => {
    for (const file of ['NA12878_21.g.vcf', 'CEUTrio.NA12878.20.21.vcf']) {
      const bcf = join(folder, `${file}.bcf`);
      execFileSync('bcftools', ['view', '-Ob', '-o', bcf, join(human, file)]);
      // htslib writes its own decimals of the floats it keeps.
      const vcf = join(folder, file);
      execFileSync('bcftools', ['view', '-Ov', '-o', vcf, bcf]);
      assert.deepEqual(await rowsOf(bcf), await rowsOf(vcf));
    }
  });

  test('a file read in parts by several threads has the same rows', async () => {
    const path = join(human, 'CEUTrio.NA12878.20.21.vcf');
    assert.deepEqual(await rowsOf(path, 50_000), await rowsOf(path));
  });
});

test('a cohort’s genotypes lie in row groups that several threads can read, its sites in one', async () => {
  const samples = Array.from({ length: 64 }, (_, index) => `S${index}`);
  const header = ['#CHROM', 'POS', 'ID', 'REF', 'ALT', 'QUAL', 'FILTER', 'INFO', 'FORMAT', ...samples];
  const genotypes = '\t0/1'.repeat(samples.length);
  const records = Array.from({ length: 2_000 }, (_, n) => `1\t${n + 1}\t.\tA\tC\t.\t.\t.\tGT${genotypes}\n`);
  const text = `##fileformat=VCFv4.3\n${header.join('\t')}\n${records.join('')}`;
  const directory = mkdtempSync(join(folder, 'cohort-'));
  const request = { jobId: 'job-1', vepKey: 'CSQ', directory };
  const { files } = await importVcf(Readable.from([Buffer.from(text)]), request);
  const connection = await (await DuckDBInstance.create()).connect();
  const rows: Record<string, Json[]> = {};
  for (const { kind, path } of files) {
    const groups = `SELECT DISTINCT row_group_id, row_group_num_rows FROM parquet_metadata('${path}') ORDER BY 1`;
    rows[kind] = (await connection.runAndReadAll(groups)).getRowsJson().map((row) => Number(row[1]));
  }
  // 122,880 rows, DuckDB's own row groups: https://duckdb.org/docs/stable/guides/performance/file_formats
  assert.deepEqual(rows, { sites: [2_000], genotypes: [122_880, 64 * 2_000 - 122_880] });
});
