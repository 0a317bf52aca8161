import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, test } from 'node:test';
import { DuckDBInstance } from '@duckdb/node-api';
import { importVcf } from '../import/import-vcf.ts';
import { importedRows } from '../testing/imported.ts';
import { lacking } from '../testing/needs.ts';
import { VcfError } from './vcf-error.ts';

/** POS, REF, ALT, INFO, FORMAT and the samples' columns. */
type Line = readonly [number, string, string, string, string, ...string[]];

function vcf(version: string, lines: readonly Line[]): string {
  const head = `##fileformat=VCFv${version}
##contig=<ID=1,length=249250621>
##INFO=<ID=END,Number=1,Type=Integer,Description="Deprecated. Present for backwards compatibility with earlier versions of VCF.">
##INFO=<ID=SVLEN,Number=A,Type=Integer,Description="Length of structural variant">
##INFO=<ID=SVCLAIM,Number=A,Type=String,Description="Claim made by the structural variant call">
##INFO=<ID=CN,Number=A,Type=Float,Description="Copy number of CNV">
##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">
##FORMAT=<ID=DP,Number=1,Type=Integer,Description="Read depth">
##FORMAT=<ID=LEN,Number=1,Type=Integer,Description="Length of <*> reference block">
#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tA\tB
`;
  const records = lines.map(([position, reference, alternates, info, ...samples]) =>
    ['1', position, '.', reference, alternates, '.', '.', info, ...samples].join('\t'),
  );
  return `${head}${records.join('\n')}\n`;
}

async function endsOf(file: string | Buffer): Promise<readonly number[]> {
  const rows = await importedRows(Readable.from([Buffer.from(file)]));
  return rows.filter(({ sampleid }) => sampleid === 'A').map(({ end }) => Number(end));
}

/**
 * 1-based and inclusive, so the same numbers as the table's exclusive 0-based `end`. What VCF 4.5 says of each, and
 * what `bcftools query -f '%END[ %LEN]'` of 1.24 prints of it; without %LEN it reads no samples and knows no blocks.
 */
const EXAMPLES: readonly (readonly [what: string, line: Line, end: number])[] = [
  // 5.3, "Encoding Structural Variants": POS is the base before the variant.
  ['a sequence', [2, 'TGC', 'T', '.', 'GT', '0/1', '0/1'], 4],
  ['<DEL>', [2, 'T', '<DEL>', 'SVLEN=2;SVCLAIM=DJ', 'GT', '0/1', '0/1'], 4],
  ['<DUP>', [5, 'G', '<DUP>', 'SVLEN=3', 'GT', '0/1', '0/1'], 8],
  ['<INS>, whose bases are not on the reference', [14, 'T', '<INS>', 'SVLEN=100', 'GT', '0/1', '0/1'], 14],
  // 5.6, "Representing copy number variation" ("from position 101 to 130"), and 5.7 on tandem repeats.
  ['<CNV> of two copy numbers', [100, 'T', '<CNV>,<CNV>', 'SVLEN=30,30;CN=1,2', 'GT', '1/2', '1/2'], 130],
  ['<CNV:TR>', [100, 'T', '<CNV:TR>', 'SVLEN=30;CN=6.5', 'GT', './.', './.'], 130],
  // 5.4.6, "Event modifiers", and its <DUP> with CIPOS and CIEND, which change nothing.
  ['<INV>', [321681, 'G', '<INV>', 'SVLEN=100000', 'GT', '0/1', '0/1'], 421681],
  ['an evidence interval', [12665, 'A', '<DUP>', 'SVLEN=1021;SVCLAIM=D', 'GT', '0/1', '0/1'], 13686],
  // 3, SVLEN: "a negative SVLEN should be treated as positive values", one value for each ALT allele.
  ['a negative SVLEN', [4390, 'C', '<DEL>,<DUP>,<INS>', 'SVLEN=2,-60,900', 'GT', '0/1', '0/2'], 4450],
  ['an SVLEN of one allele', [4390, 'C', '<DEL:ME>,<CNV>', 'SVLEN=.,30', 'GT', '0/1', '0/2'], 4420],
  ['SVLEN beside a sequence', [4390, 'C', 'A', 'SVLEN=100', 'GT', '0/1', '0/1'], 4390],
  ['another symbolic allele', [4390, 'C', '<DELETED>', 'SVLEN=100', 'GT', '0/1', '0/1'], 4390],
  ['a REF that is longer', [4390, 'CACC', '<DEL>', 'SVLEN=2', 'GT', '0/1', '0/1'], 4393],
  ['"a missing SVLEN should be inferred from END"', [4390, 'C', '<DEL>', 'END=4400', 'GT', '0/1', '.'], 4400],
  // 5.5, "Representing unspecified alleles and REF-only blocks", its example.
  ['a block', [4370, 'G', '<*>', '.', 'GT:DP:LEN', '0/0:25:14', '.'], 4383],
  ['a block with END as well', [4370, 'G', '<*>', 'END=4383', 'GT:DP:LEN', '0/0:25:14', '.'], 4383],
  ['its record whose END is one beyond LEN', [4384, 'C', '<*>', 'END=4388', 'GT:LEN', '0/0:4', '.'], 4388],
  ['a variant among the blocks', [4389, 'T', 'TC,<*>', '.', 'GT:DP', '0/1:23', '.'], 4389],
  ['samples with blocks of their own', [4390, 'C', '<*>', '.', 'GT:LEN:DP', '0/0:30:4', '0/0:90:4'], 4479],
  ['one sample with a block', [4390, 'C', '<NON_REF>', '.', 'GT:LEN', '.', '0/0:7'], 4396],
  ['"a missing FORMAT LEN" with END', [4390, 'C', '<NON_REF>', 'END=4400', 'GT:LEN', '0/0:.', '0/0'], 4400],
  ['LEN beside a sequence', [4390, 'C', 'A', '.', 'GT:LEN', '0/0:30', '0/0:90'], 4390],
  ['a variant and a block', [4390, 'C', '<CNV>,<*>', 'SVLEN=5,200', 'GT:LEN', '0/0:7', '0/1:.'], 4396],
  // 1.6.1, END: "the maximum end reference position"; where two contradict each other htslib takes the greatest.
  ['an END that SVLEN exceeds', [4390, 'C', '<DEL>', 'END=4400;SVLEN=100', 'GT', '0/1', '0/1'], 4490],
  ['an END beyond all LEN', [4390, 'C', '<*>', 'END=4500', 'GT:LEN', '0/0:30', '0/0:90'], 4500],
  ['an END before POS', [4390, 'C', '<DEL>', 'END=4300', 'GT', '0/1', '0/1'], 4390],
];

const FILE = vcf(
  '4.5',
  EXAMPLES.map(([, line]) => line),
);

describe('The end of a record', () => {
  test('of VCF 4.5 is the furthest of REF, the alleles with an SVLEN, the samples with a LEN, and END', async () => {
    const ends = await endsOf(FILE);
    const found = EXAMPLES.map(([what], index) => [what, ends[index]]);
    assert.deepEqual(
      found,
      EXAMPLES.map(([what, , end]) => [what, end]),
    );
  });

  test('of a BCF of 4.5 is the same', { skip: lacking(['bcftools']) }, async () => {
    const bcf = execFileSync('bcftools', ['view', '-Ob', '-'], {
      input: FILE,
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    assert.deepEqual(
      await endsOf(bcf),
      EXAMPLES.map(([, , end]) => end),
    );
  });

  test('is what files and row groups say that they reach to, by which a region’s query leaves them out', async () => {
    const samples = Array.from({ length: 8 }, (_, index) => `S${index}`);
    const lengths = samples.map((_, index) => `0/0:${100 * (index + 1)}`);
    const cohort = vcf('4.5', [[100, 'T', '<*>', '.', 'GT:LEN', ...lengths]]).replace(
      'A\tB',
      samples.join('\t'),
    );
    const directory = mkdtempSync(join(tmpdir(), 'helicase-record-end-'));
    try {
      const request = { jobId: 'job-1', vepKey: 'CSQ', directory, format: { kind: 'vcf' as const } };
      const { files } = await importVcf(Readable.from([Buffer.from(cohort)]), request);
      assert.deepEqual(
        files.map(({ kind, ranges }) => [kind, ranges]),
        ['sites', 'genotypes'].map((kind) => [kind, { 1: [99, 899] }]),
      );
      const connection = await (await DuckDBInstance.create()).connect();
      const statistics = await connection.runAndReadAll(
        `SELECT stats_min_value, stats_max_value FROM parquet_metadata('${files[0]!.path}') WHERE path_in_schema = 'end'`,
      );
      assert.deepEqual(statistics.getRowsJson(), [['899', '899']]);
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  });

  const earlier: readonly Line[] = [
    [5, 'G', '<DUP>', 'SVLEN=3', 'GT', '0/1', '0/1'],
    [2, 'T', '<DEL>', 'SVLEN=2;END=3', 'GT', '0/1', '0/1'],
    [4370, 'G', '<*>', '.', 'GT:LEN', '0/0:14', '0/0:x'],
    [4390, 'C', '<*>', 'END=4400', 'GT:LEN', '0/0:30', '0/0:90'],
  ];
  test('of VCF 4.3 and before is END where it is given, and the last base of REF otherwise', async () => {
    for (const version of ['4.1', '4.2', '4.3'])
      assert.deepEqual(await endsOf(vcf(version, earlier)), [5, 3, 4370, 4400]);
  });

  // "If a record containing a symbolic structural variant allele does not have an END field, it must be computed from
  // the SVLEN field" (1.6.1), of which its own example is (5.3): chrA 5 <DUP> SVLEN=3.
  test('of VCF 4.4 is END where it is given, and what SVLEN reaches to otherwise', async () => {
    assert.deepEqual(await endsOf(vcf('4.4', earlier)), [8, 3, 4370, 4400]);
  });

  for (const [what, line, message] of [
    [
      'an SVLEN that is no number',
      [4390, 'C', '<DEL>', 'SVLEN=long', 'GT', '0/1', '0/1'],
      /line 11: INFO SVLEN must be whole numbers, found "long"/,
    ],
    [
      'a LEN that is no number',
      [4390, 'C', '<*>', '.', 'GT:LEN', '0/0:7', '0/0:7,9'],
      /line 11: sample B: LEN must be a whole number, found "7,9"/,
    ],
  ] as const satisfies readonly (readonly [string, Line, RegExp])[]) {
    test(`${what} is refused, with the line`, async () => {
      await assert.rejects(
        endsOf(vcf('4.5', [line])),
        (error) => error instanceof VcfError && message.test(error.message),
      );
    });
  }
});
