import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { Json } from '@duckdb/node-api';
import { GENOTYPE_COLUMNS } from '../table/columns.ts';
import { importedRows, type Row } from '../testing/imported.ts';
import { VcfError } from './vcf-error.ts';

const HEADER = '##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS1\tS2\n';
const RECORD = '20\t100\t.\tA\tG\t50\tPASS\tDP=3\tGT:AD\t0/1:1,2\t1|1:0,3\n';
const BGZF_END = Buffer.from('1f8b08040000000000ff0600424302001b0003000000000000000000', 'hex');

/** The file's rows, its bytes given in pieces and taken in chunks of about that size. */
function read(source: string | Buffer, chunk = 7): Promise<readonly Row[]> {
  const bytes = Buffer.from(source);
  const chunks: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += chunk) chunks.push(bytes.subarray(at, at + chunk));
  return importedRows(Readable.from(chunks));
}

/** One BGZF block of the text: a gzip member with the BC extra field (SAM specification, 4.1). */
function bgzfBlock(text: string): Buffer {
  const deflated = gzipSync(text).subarray(10);
  const head = Buffer.from('1f8b08040000000000ff0600424302000000', 'hex');
  head.writeUInt16LE(head.length + deflated.length - 1, 16);
  return Buffer.concat([head, deflated]);
}

const GENOTYPE = GENOTYPE_COLUMNS.map(({ name }) => name).filter(
  (name) => !['site', 'sampleid', 'genotype'].includes(name),
);
const NOTHING = Object.fromEntries(GENOTYPE.map((name) => [name, null]));

function genotype(row: Row): Row {
  return Object.fromEntries(GENOTYPE.map((name) => [name, row[name]!]));
}

describe('Reading a VCF', () => {
  test('plain, gzip and bgzip of several members give the same records, however the bytes are cut', async () => {
    const plain = await read(HEADER + RECORD + RECORD.trimEnd());
    assert.equal(plain.length, 4);
    for (const chunk of [1, 3, 64, 1 << 20]) {
      assert.deepEqual(await read(gzipSync(HEADER + RECORD + RECORD), chunk), plain);
      const bgzip = Buffer.concat([
        bgzfBlock(HEADER + RECORD.slice(0, 9)),
        bgzfBlock(RECORD.slice(9) + RECORD),
        BGZF_END,
      ]);
      assert.deepEqual(await read(bgzip, chunk), plain);
      assert.deepEqual(await read((HEADER + RECORD + RECORD).replaceAll('\n', '\r\n'), chunk), plain);
    }
  });

  test('positions become 0-based, END is taken from INFO, missing values are null or empty', async () => {
    const block = '20\t100\t.\tA\t<NON_REF>\t.\t.\tEND=150;DB\tGT\t0/0\t./.\n';
    const [record] = await read(HEADER + block);
    const { start, end, qual, names, filters, alternatealleles, attributes } = record!;
    assert.deepEqual([start, end, qual], ['99', '150', null]);
    assert.deepEqual([names, filters, alternatealleles], [[], [], ['<NON_REF>']]);
    assert.deepEqual(attributes, [
      { key: 'END', value: '150' },
      { key: 'DB', value: 'true' },
    ]);
  });

  test('FORMAT values: trailing ones may be left out, unnamed keys are kept as text', async () => {
    const head = HEADER.replace('S1\tS2', 'full\tmissing\thaploid\tled');
    const samples = ['0|1:1,.:9:47.3:0,10,20:-1.5,0,-2:7:q10:abc', './.:.', '1', '/0/1'].join('\t');
    const format = 'GT:AD:DP:GQ:PL:GL:PS:FT:PID';
    const rows = await read(`${head}20\t100\t.\tA\tG\t.\t.\t.\t${format}\t${samples}\n`);
    assert.deepEqual(rows.map(genotype), [
      {
        phased: true,
        calls: [0, 1],
        alleledepths: [1, null],
        depth: 9,
        conditionalquality: 47,
        phredlikelihoods: [0, 10, 20],
        genotypelikelihoods: [-1.5, 0, -2],
        ps: 7,
        spl: null,
        information: [
          { key: 'genotype_filters', value: 'q10' },
          { key: 'PID', value: 'abc' },
        ],
      },
      { ...NOTHING, calls: [-1, -1], phased: false },
      { ...NOTHING, calls: [1], phased: false },
      { ...NOTHING, calls: [0, 1], phased: false },
    ]);
  });

  test('floats may be infinite or none, in any case', async () => {
    // QUAL of the specification's own test/vcf/4.3/passed/passed_body_qual.vcf, and GL beside it.
    const floats = ['2e+1', '5.3e-10', 'Inf', '+Inf', '-INFINITY', 'NaN'];
    const records = floats.map((float) => `20\t100\t.\tA\tG\t${float}\t.\t.\tGT:GL\t0/1:${float},0\t.\n`);
    const rows = await read(HEADER + records.join(''));
    const found = rows.filter(({ sampleid }) => sampleid === 'S1');
    const expected = [20, 5.3e-10, Infinity, Infinity, -Infinity, NaN];
    assert.deepEqual(
      found.map(({ qual }) => Number(qual)),
      expected,
    );
    assert.deepEqual(
      found.map(({ genotypelikelihoods }) => Number((genotypelikelihoods as Json[])[0])),
      expected,
    );
  });

  test('versions 4.1 to 4.5 are read, and a file without samples has a row for each record', async () => {
    for (const minor of [1, 2, 3, 4, 5]) {
      const file = `##fileformat=VCFv4.${minor}\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n1\t5\trs1\tA\t*,<DEL>,G]2:9]\t1e3\tPASS;q\t.\n`;
      const [row, ...others] = await read(file);
      assert.deepEqual(others, []);
      const { sampleid, names, alternatealleles, qual, filters, attributes } = row!;
      assert.deepEqual([sampleid, names, alternatealleles], [null, ['rs1'], ['*', '<DEL>', 'G]2:9]']]);
      assert.deepEqual([qual, filters, attributes, genotype(row!)], [1000, ['PASS', 'q'], [], NOTHING]);
    }
  });

  test('eight samples and more are kept as sites and genotypes, and the table is the same', async () => {
    const names = Array.from({ length: 9 }, (_, n) => `S${n}`);
    const record = (samples: number) =>
      `20\t100\t.\tA\tG\t50\t.\tDP=3\tGT:DP\t${names
        .slice(0, samples)
        .map((_, n) => `0/1:${n}`)
        .join('\t')}\n`;
    const file = (samples: number) =>
      HEADER.replace('S1\tS2', names.slice(0, samples).join('\t')) +
      record(samples) +
      record(samples).replace('100', '200');
    const [few, many] = [await read(file(7)), await read(file(9))];
    assert.equal(many.length, 18);
    assert.deepEqual(
      many.filter(({ sampleid }) => Number(String(sampleid).slice(1)) < 7),
      few,
    );
  });

  const info = (...lines: readonly string[]) =>
    HEADER.replace('#CHROM', [...lines.map((line) => `##INFO=${line}\n`), '#CHROM'].join(''));
  const broken: readonly (readonly [string, string | Buffer, RegExp])[] = [
    ['an empty file', '', /the file is empty/],
    ['no fileformat', '#CHROM\n', /line 1: .*##fileformat=VCFv4/],
    ['no #CHROM line', '##fileformat=VCFv4.2\n', /no #CHROM line/],
    ['a record before #CHROM', '##fileformat=VCFv4.2\n20\t1\n', /line 2: the #CHROM line must come before/],
    ['a wrong header column', HEADER.replace('REF', 'RFE'), /line 2: column 4 .* must be REF, found "RFE"/],
    ['a sample twice', HEADER.replace('S2', 'S1'), /line 2: sample "S1" is named twice/],
    [
      'an INFO header twice',
      info('<ID=A,Number=1,Type=Flag>', '<ID=A,Number=1,Type=Flag>'),
      /line 3: INFO header A is declared twice/,
    ],
    ['an INFO header without an ID', info('<Number=1,Type=Flag>'), /line 2: INFO header without an ID/],
    ['an INFO header left open', info('<ID=A,Number=1,Type=Flag'), /line 2: INFO header A is not closed/],
    ['an INFO header without a Number', info('<ID=A,Type=Flag>'), /line 2: INFO header A needs a Number/],
    ['an INFO header of no type', info('<ID=A,Number=1,Type=Text>'), /line 2: INFO header A needs a Type/],
    ['a ragged row', HEADER + RECORD.replace('\t1|1:0,3', ''), /line 3: 10 columns, but the header has 11/],
    [
      'a position that is none',
      HEADER + RECORD + RECORD.replace('100', '1OO'),
      /line 4: POS must be a number, found "1OO"/,
    ],
    [
      'REF that is no bases',
      HEADER + RECORD.replace('\tA\t', '\t-\t'),
      /line 3: REF must be bases, found "-"/,
    ],
    ['ALT that is no allele', HEADER + RECORD.replace('\tG\t', '\tG G\t'), /line 3: ALT "G G"/],
    ['QUAL that is no number', HEADER + RECORD.replace('50', 'high'), /line 3: QUAL must be a number/],
    ['an INFO key twice', HEADER + RECORD.replace('DP=3', 'DP=3;DP=4'), /line 3: INFO key DP occurs twice/],
    ['a genotype that is none', HEADER + RECORD.replace('0/1', 'A/G'), /line 3: sample S1: GT "A\/G"/],
    [
      'too many FORMAT values',
      HEADER + RECORD.replace('0,3', '0,3:7'),
      /line 3: sample S2: has 3 fields, but FORMAT names 2/,
    ],
    [
      'a depth that is no number',
      HEADER + RECORD.replace('1,2', '1,x'),
      /line 3: sample S1: AD must be a number, found "x"/,
    ],
    ['FORMAT with a key twice', HEADER + RECORD.replace('GT:AD', 'GT:GT'), /line 3: FORMAT names GT twice/],
    ['a BCF that is none', 'BCF\x02\x02garbage', /the BCF cannot be read/],
    ['gzip cut short', gzipSync(HEADER + RECORD.repeat(50)).subarray(0, 100), /truncated/],
    [
      'gzip with a flipped bit',
      flipped(gzipSync(HEADER + RECORD.repeat(50))),
      /the gzip data cannot be read/,
    ],
    [
      'bgzip without its end block',
      bgzfBlock(HEADER + RECORD),
      /truncated: its end-of-file block is missing/,
    ],
    [
      'bytes after the gzip data',
      Buffer.concat([gzipSync(HEADER + RECORD), Buffer.from('garbage')]),
      /the gzip data (ends at byte|cannot be read)/,
    ],
  ];
  for (const [what, source, message] of broken) {
    test(`${what} is refused, with the line`, async () => {
      for (const chunk of [7, 1 << 20]) {
        await assert.rejects(
          read(source, chunk),
          (error) => error instanceof VcfError && message.test(error.message),
        );
      }
    });
  }
});

function flipped(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  copy[40]! ^= 0xff;
  return copy;
}
