import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { emptyGenotype, parseGenotype } from './genotype.ts';
import { readVcf } from './reader.ts';
import type { VcfRecord } from './record.ts';
import { VcfError } from './vcf-error.ts';

const HEADER = '##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS1\tS2\n';
const RECORD = '20\t100\t.\tA\tG\t50\tPASS\tDP=3\tGT:AD\t0/1:1,2\t1|1:0,3\n';
const BGZF_END = Buffer.from('1f8b08040000000000ff0600424302001b0003000000000000000000', 'hex');

async function read(source: string | Buffer, chunk = 7): Promise<readonly VcfRecord[]> {
  const bytes = Buffer.from(source);
  const chunks: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += chunk) chunks.push(bytes.subarray(at, at + chunk));
  const records: VcfRecord[] = [];
  let samples: readonly string[] = [];
  await readVcf(Readable.from(chunks), {
    header: async (header) => void (samples = header.samples),
    record: (record, line) => {
      for (const [index, sample] of samples.entries()) {
        parseGenotype(record.formatKeys, record.samples[index]!, { line, sample });
      }
      records.push(record);
    },
  });
  return records;
}

/** One BGZF block of the text: a gzip member with the BC extra field (SAM specification, 4.1). */
function bgzfBlock(text: string): Buffer {
  const deflated = gzipSync(text).subarray(10);
  const head = Buffer.from('1f8b08040000000000ff0600424302000000', 'hex');
  head.writeUInt16LE(head.length + deflated.length - 1, 16);
  return Buffer.concat([head, deflated]);
}

describe('Reading a VCF', () => {
  test('plain, gzip and bgzip of several members give the same records, however the bytes are cut', async () => {
    const plain = await read(HEADER + RECORD + RECORD.trimEnd());
    assert.equal(plain.length, 2);
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
    const { site } = record!;
    assert.deepEqual([site.start, site.end, site.quality], [99, 150, null]);
    assert.deepEqual([site.names, site.filters, site.alternates], [[], [], ['<NON_REF>']]);
    assert.deepEqual(
      [...site.info],
      [
        ['END', '150'],
        ['DB', 'true'],
      ],
    );
  });

  test('FORMAT values: trailing ones may be left out, unnamed keys are kept as text', () => {
    const place = { line: 1, sample: 's' };
    const keys = ['GT', 'AD', 'DP', 'GQ', 'PL', 'GL', 'PS', 'FT', 'PID'];
    const full = parseGenotype(keys, '0|1:1,.:9:47.3:0,10,20:-1.5,0,-2:7:q10:abc', place);
    assert.deepEqual(full, {
      phased: true,
      calls: [0, 1],
      alleleDepths: [1, null],
      depth: 9,
      conditionalQuality: 47,
      phredLikelihoods: [0, 10, 20],
      genotypeLikelihoods: [-1.5, 0, -2],
      ps: 7,
      spl: null,
      information: new Map([
        ['genotype_filters', 'q10'],
        ['PID', 'abc'],
      ]),
    });
    assert.deepEqual(parseGenotype(keys, './.:.', place), {
      ...emptyGenotype(),
      calls: [-1, -1],
      phased: false,
    });
    assert.deepEqual(parseGenotype(keys, '1', place), { ...emptyGenotype(), calls: [1], phased: false });
  });

  const broken: readonly (readonly [string, string | Buffer, RegExp])[] = [
    ['an empty file', '', /the file is empty/],
    ['no fileformat', '#CHROM\n', /line 1: .*##fileformat=VCFv4/],
    ['no #CHROM line', '##fileformat=VCFv4.2\n', /no #CHROM line/],
    ['a record before #CHROM', '##fileformat=VCFv4.2\n20\t1\n', /line 2: the #CHROM line must come before/],
    ['a wrong header column', HEADER.replace('REF', 'RFE'), /line 2: column 4 .* must be REF, found "RFE"/],
    ['a sample twice', HEADER.replace('S2', 'S1'), /line 2: sample "S1" is named twice/],
    [
      'an INFO header twice',
      HEADER.replace('#CHROM', '##INFO=<ID=A,Number=1>\n##INFO=<ID=A,Number=1>\n#CHROM'),
      /line 3: INFO header A/,
    ],
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
