import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createReadStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { DuckDBInstance, type Json } from '@duckdb/node-api';
import { lacking } from '../testing/needs.ts';
import { SHARED } from '../testing/room.ts';
import { importVcf } from './import-vcf.ts';

const human = join(SHARED, 'human');
const skip = lacking(['bcftools'], [human]);
const folder = mkdtempSync(join(tmpdir(), 'helicase-import-'));
after(() => rmSync(folder, { recursive: true, force: true }));

type Row = Record<string, Json>;

/** Imports the file and reads the Parquet back. */
async function rowsOf(path: string, rowsPerFile?: number): Promise<readonly Row[]> {
  const directory = mkdtempSync(join(folder, 'out-'));
  const request = { jobId: 'job-1', vepKey: 'CSQ', directory, ...(rowsPerFile ? { rowsPerFile } : {}) };
  const { files, rows } = await importVcf(createReadStream(path), request);
  const paths = files.map((file) => `'${file.path}'`).join(', ');
  const connection = await (await DuckDBInstance.create()).connect();
  const reader = await connection.runAndReadAll(`SELECT * FROM read_parquet([${paths}])`);
  assert.equal(reader.currentRowCount, rows);
  return reader.getRowObjectsJson();
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

  test('VEP entries are the fields of CSQ in the order of its header', async () => {
    const path = join(human, 'vep-loftee.vcf');
    const [row] = await rowsOf(path);
    const header = execFileSync('bcftools', ['view', '-h', path], { encoding: 'utf8' });
    const keys = /ID=CSQ.*Format: ([^"]+)"/.exec(header)![1]!.trim().split('|');
    const csq = bcftools(path, '%INFO/CSQ\\n')[0]!
      .split(',')
      .map((entry) => entry.split('|'));
    const { vep } = row!['annotations'] as { vep: Record<string, Json>[] };
    assert.equal(vep.length, csq.length);
    for (const [index, entry] of csq.entries()) {
      const field = (name: string) => entry[keys.indexOf(name)]!;
      const parsed = vep[index]!;
      assert.equal(parsed['allele'], field('Allele'));
      assert.deepEqual(parsed['consequence'], field('Consequence').split('&'));
      assert.equal(parsed['symbol'], field('SYMBOL'));
      assert.equal(parsed['hgvsc'], field('HGVSc'));
      const [rank, total] = field('EXON').split('/');
      assert.deepEqual(parsed['exon'], field('EXON') === '' ? null : { rank, total });
      const [reference, variant] = field('Codons').split('/');
      assert.deepEqual(
        parsed['codons'],
        field('Codons') === '' ? null : { reference, variant: variant ?? null },
      );
      const extras = entries(parsed['extras']!)!;
      assert.equal(extras.find(({ key }) => key === 'lof_info')!.value, field('LoF_info'));
      assert.equal(
        extras.find(({ key }) => key === 'hgnc_id'),
        undefined,
      );
    }
  });

  test('a file of several parts has the same rows', async () => {
    const path = join(human, 'CEUTrio.NA12878.20.21.vcf');
    assert.deepEqual(await rowsOf(path, 100), await rowsOf(path));
  });
});
