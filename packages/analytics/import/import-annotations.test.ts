import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createReadStream, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { after, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { DuckDBInstance, type Json } from '@duckdb/node-api';
import { lacking } from '../testing/needs.ts';
import { SHARED } from '../testing/room.ts';
import type { AnnotationType, LayoutKey, SchemaType, TsvLayout } from '../tsv/layout.ts';
import { type ReadOptionsInput, tsvReading } from '../tsv/reading.ts';
import { importFile } from './import-file.ts';
import type { FileFormat } from './protocol.ts';

const annotation = join(SHARED, 'annotation');
const folder = mkdtempSync(join(tmpdir(), 'helicase-annotations-'));
after(() => rmSync(folder, { recursive: true, force: true }));

type Row = Record<string, Json>;

/** Imports the text or file and reads the Parquet back. */
async function rowsOf(
  source: string | Buffer | Readable,
  format: FileFormat,
  reference?: { fasta: string; index: string },
): Promise<readonly Row[]> {
  const directory = mkdtempSync(join(folder, 'out-'));
  const input = source instanceof Readable ? source : Readable.from([Buffer.from(source)]);
  const request = { jobId: 'job', vepKey: 'CSQ', directory, format, ...(reference ? { reference } : {}) };
  const { files, rows } = await importFile(input, request);
  if (files.length === 0) return [];
  const paths = files.map((file) => `'${file.path}'`).join(', ');
  const connection = await (await DuckDBInstance.create()).connect();
  const reader = await connection.runAndReadAll(`SELECT * FROM read_parquet([${paths}])`);
  assert.equal(reader.currentRowCount, rows);
  return reader.getRowObjectsJson();
}

function shell(script: string, ...args: string[]): string[] {
  const output = execFileSync('bash', ['-c', script, 'bash', ...args], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return output.split('\n').slice(0, -1);
}

const schema = (...columns: (readonly [string, SchemaType])[]) =>
  columns.map(([name, type]) => ({ name, type }));
const GENERIC = (...columns: (readonly [string, SchemaType])[]): TsvLayout => ({
  annotationType: 'GENERIC',
  formatToHeader: {},
  schema: schema(...columns),
});
const tsv = (layout: TsvLayout, options: ReadOptionsInput = {}): FileFormat => ({
  kind: 'tsv',
  layout,
  reading: tsvReading(options),
});
const values = (rows: readonly Row[]) => rows.map((row) => Object.values(row).slice(0, -1));

describe('GFF3 of Ensembl', { skip: lacking([], [annotation]) }, () => {
  test('every feature, coordinate and attribute is as awk reads it', async () => {
    const path = join(annotation, 'ensembl.gff3.gz');
    const rows = await rowsOf(createReadStream(path), { kind: 'gff' });
    const lines = rows.map(
      ({ seqid, source, type, start, end, score, strand, phase, parent, information, id }) =>
        [
          ...[seqid, source ?? '.', type, Number(start) + 1, end, score === null ? '.' : String(score)],
          ...[strand ?? '.', phase ?? '.', id ?? '.', (parent as string[] | null)?.join(',') ?? '.'],
          (information as { key: string; value: string }[]).find(({ key }) => key === 'biotype')?.value ??
            '.',
        ].join('\t'),
    );
    const program = `!/^#/ { id = "."; parent = "."; biotype = "."; n = split($9, all, ";");
      for (i = 1; i <= n; i++) { at = index(all[i], "="); key = substr(all[i], 1, at - 1); value = substr(all[i], at + 1);
        if (key == "ID") id = value; if (key == "Parent") parent = value; if (key == "biotype") biotype = value }
      print $1, $2, $3, $4, $5, ($6 == "." ? "." : $6 + 0), $7, $8, id, parent, biotype }`;
    const expected = shell(
      `zcat "$1" | awk -F'\\t' -v OFS='\\t' -v CONVFMT=%.17g -v OFMT=%.15g "$2"`,
      path,
      program,
    );
    assert.equal(lines.length, expected.length);
    assert.deepEqual(lines, expected);
  });
});

describe('GFF3', () => {
  test('escapes, lists, reserved attributes and a FASTA part are read as the specification says', async () => {
    const attributes =
      'ID=m%3B1;Name=EDEN;Alias=a1;Parent=g1,g2;Target=EST23 1 21;Gap=M8 D3;Derives_from=d;Note=a%2Cb,c;' +
      'Dbxref=EMBL:AA816246;Ontology_term=GO:0046703;Is_circular=true;custom=x%09y';
    const file = `##gff-version 3\nctg%20123\t.\tmRNA\t1050\t9000\t.\t?\t.\t${attributes}\n##FASTA\n>ctg\nACGT\n`;
    const [row] = await rowsOf(gzipSync(file), { kind: 'gff' });
    assert.deepEqual(Object.values(row!), [
      ...['ctg 123', null, 'mRNA', '1049', '9000', null, '?', null, 'm;1', 'EDEN', 'a1', ['g1', 'g2']],
      ...['EST23 1 21', 'M8 D3', 'd', ['a,b', 'c'], ['EMBL:AA816246'], ['GO:0046703'], true],
      [{ key: 'custom', value: 'x\ty' }],
    ]);
  });

  for (const [line, message] of [
    ['chr1\tx\tgene\t1\t9\t.\t+\t.', /line 2: 8 columns/],
    ['chr1\tx\tgene\t9\t1\t.\t+\t.\t.', /line 2: end 1 lies before start 9/],
    ['chr1\tx\tgene\t0\t9\t.\t+\t.\t.', /line 2: start must be a number from 1, found "0"/],
    ['chr1\tx\tgene\t1\t9\tz\t+\t.\t.', /line 2: score/],
    ['chr1\tx\tgene\t1\t9\t.\t+\t3\t.', /line 2: phase must be 0, 1, 2/],
    ['chr1\tx\tgene\t1\t9\t.\t+\t.\tID', /line 2: attribute "ID" is not key=value/],
  ] as const) {
    test(`${JSON.stringify(line)} is refused with its line`, async () => {
      await assert.rejects(rowsOf(`##gff-version 3\n${line}\n`, { kind: 'gff' }), message);
    });
  }
});

describe('VCF annotations of ExAC', { skip: lacking(['bcftools'], [annotation]) }, () => {
  const path = join(annotation, 'exac.vcf.gz');
  const site = (row: Row) => [
    row['contigname'],
    Number(row['start']) + 1,
    row['referenceallele'],
    row['alternatealleles'],
  ];

  test('one row a record, as bcftools reads them; QUAL and FILTER as asked for', async () => {
    const expected = shell(
      `bcftools query -f '%CHROM\\t%POS\\t%REF\\t%ALT\\t%QUAL\\t%FILTER\\n' "$1"`,
      path,
    ).map((line) => line.split('\t'));
    for (const [ignoreQuality, ignoreFilter] of [
      [false, false],
      [true, false],
      [false, true],
    ] as const) {
      const rows = await rowsOf(createReadStream(path), { kind: 'vcf', ignoreQuality, ignoreFilter });
      assert.deepEqual(
        rows.map((row) => [...site(row), row['qual'], row['filters']]),
        expected.map(([contig, position, reference, alternates, quality, filters]) => [
          ...[contig, Number(position), reference, alternates!.split(',')],
          ignoreQuality || quality === '.' ? null : Number(quality),
          ignoreFilter || filters === '.' ? [] : filters!.split(';'),
        ]),
      );
      assert.ok(rows.every(({ sampleid, calls }) => sampleid === null && calls === null));
    }
  });

  test('a QUAL that is no number fails, unless it is ignored', async () => {
    const file =
      '##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n1\t5\t.\tA\tC\thigh\tPASS\t.\n';
    await assert.rejects(rowsOf(file, { kind: 'vcf' }), /line 3: QUAL must be a number/);
    const [row] = await rowsOf(file, { kind: 'vcf', ignoreQuality: true });
    assert.deepEqual([row!['qual'], row!['filters']], [null, ['PASS']]);
  });
});

describe('The seven annotation types', () => {
  const range = { CHR: 'c', START: 's', END: 'e' };
  const alleles = { REF: 'r', ALT: 'a' };
  const column = (name: string, type: SchemaType) => ({ name, type });
  const [c, s, e] = [column('c', 'STRING'), column('s', 'LONG'), column('e', 'INT')];
  const [r, a] = [column('r', 'STRING'), column('a', 'STRING')];
  const cases: readonly (readonly [
    AnnotationType,
    Partial<Record<LayoutKey, string>>,
    readonly (typeof c)[],
    string,
    readonly Json[],
  ])[] = [
    ['GENERIC', {}, [c, s], 'chr1\t100', ['chr1', '100']],
    ['CHR_POS', { CHR: 'c', POS: 's' }, [c, s], 'chr1\t100', ['chr1', '99', '100']],
    [
      'CHR_POS_REF_ALT',
      { CHR: 'c', POS: 's', ...alleles },
      [c, s, r, a],
      'chr1\t100\tAC\tA',
      ['chr1', '99', 'AC', 'A', '101'],
    ],
    ['CHR_START_END_ONE_BASE', range, [c, s, e], 'chr1\t100\t200', ['chr1', '99', 200]],
    ['CHR_START_END_ZERO_BASE', range, [c, s, e], 'chr1\t100\t200', ['chr1', '100', 200]],
    [
      'CHR_START_END_REF_ALT_ONE_BASE',
      { ...range, ...alleles },
      [c, s, e, r, a],
      'chr1\t100\t101\tAC\tA',
      ['chr1', '99', 101, 'AC', 'A'],
    ],
    [
      'CHR_START_END_REF_ALT_ZERO_BASE',
      { ...range, ...alleles },
      [c, s, e, r, a],
      'chr1\t99\t101\tAC\tA',
      ['chr1', '99', 101, 'AC', 'A'],
    ],
  ];
  for (const [annotationType, formatToHeader, columns, line, expected] of cases) {
    test(annotationType, async () => {
      const layout = { annotationType, formatToHeader, schema: columns };
      assert.deepEqual(values(await rowsOf(`${line}\n`, tsv(layout))), [expected]);
    });
  }

  test(
    'alleles are left-normalized where asked, as in figure 1 of Tan, Abecasis and Kang',
    { skip: lacking(['samtools']) },
    async () => {
      const fasta = join(folder, 'reference.fa');
      writeFileSync(fasta, '>c\nGGGCACACACAGGG\n');
      execFileSync('samtools', ['faidx', fasta]);
      const reference = { fasta, index: `${fasta}.fai` };
      const keys = { CHR: 'c', POS: 's', ...alleles };
      const layout: TsvLayout = {
        annotationType: 'CHR_POS_REF_ALT',
        formatToHeader: keys,
        schema: [c, s, r, a],
      };
      assert.deepEqual(values(await rowsOf('c\t8\tCAC\tC\n', tsv(layout), reference)), [
        ['c', '2', 'GCA', 'G', '5'],
      ]);
      assert.deepEqual(values(await rowsOf('c\t8\tCAC\tC\n', tsv(layout))), [['c', '7', 'CAC', 'C', '10']]);
      await assert.rejects(
        rowsOf('c\t1\tT\tA\n', tsv(layout), reference),
        /line 1: REF is "T", but the reference has "G"/,
      );
    },
  );
});

describe('Read options', () => {
  const pair = GENERIC(['a', 'STRING'], ['b', 'STRING']);
  const cases: readonly (readonly [
    string,
    ReadOptionsInput,
    string | Buffer,
    readonly (readonly Json[])[],
  ])[] = [
    ['tab without options', {}, 'x\ty\n', [['x', 'y']]],
    ['sep as the guide’s shell line gives it', { sep: '\\t' }, 'x\ty\n', [['x', 'y']]],
    ['sep: comma and quotes', { sep: ',' }, '"x, 1",y\n', [['x, 1', 'y']]],
    ['sep of several characters', { sep: '||' }, 'x|1||y\n', [['x|1', 'y']]],
    ['header: by name, any order and case', { header: true }, 'B\tA\n1\t2\n', [['2', '1']]],
    ['header: an absent column is null', { header: true }, 'a\n1\n', [['1', null]]],
    ['quote', { sep: ',', quote: "'" }, `'x,1',"y"\n`, [['x,1', '"y"']]],
    ['quotes doubled', { sep: ',' }, '"say ""a""",y\n', [['say "a"', 'y']]],
    ['escape by default', { sep: ',' }, '"say \\"a\\"",y\n', [['say "a"', 'y']]],
    ['escape given', { sep: ',', escape: '!' }, '"say !"a!"",y\n', [['say "a"', 'y']]],
    ['escapeQuotes false', { sep: ',', escapeQuotes: false }, '"say "a" b",y\n', [['say "a" b', 'y']]],
    ['quoteAll', { sep: ',', quoteAll: true }, '"x","y"\n', [['x', 'y']]],
    ['comment', { comment: '#' }, '# c\nx\ty\n#d\n', [['x', 'y']]],
    [
      'encoding latin-1',
      { encoding: 'ISO-8859-1' },
      Buffer.from('caf\u00e9\ty\n', 'latin1'),
      [['café', 'y']],
    ],
    ['encoding UTF-16', { encoding: 'UTF-16LE' }, Buffer.from('caf\u00e9\ty\n', 'utf16le'), [['café', 'y']]],
    [
      'line ends of Windows',
      {},
      'x\ty\r\nz\tw\r\n',
      [
        ['x', 'y'],
        ['z', 'w'],
      ],
    ],
    [
      'lineSep',
      { lineSep: ';' },
      'x\ty;z\tw\n;',
      [
        ['x', 'y'],
        ['z', 'w\n'],
      ],
    ],
    ['empty values are null, quoted ones empty', { sep: ',' }, ',""\n', [[null, '']]],
    [
      'no line end at the end, empty lines',
      {},
      '\nx\ty\n\nz\tw',
      [
        ['x', 'y'],
        ['z', 'w'],
      ],
    ],
  ];
  for (const [name, options, file, expected] of cases) {
    test(name, async () => assert.deepEqual(values(await rowsOf(file, tsv(pair, options))), expected));
  }

  test('columns beyond the schema go into the information map', async () => {
    const [row] = await rowsOf('a\tExtra\tb\n1\t2\t3\n', tsv(pair, { header: true }));
    assert.deepEqual(row, { a: '1', b: '3', information: [{ key: 'Extra', value: '2' }] });
  });

  test('values are of their schema’s types', async () => {
    const types = ['LONG', 'INT', 'FLOAT', 'DOUBLE', 'BOOLEAN', 'STRING'] as const;
    const layout = GENERIC(...types.map((type) => [type.toLowerCase(), type] as const));
    const file = '9223372036854775807\t-2147483648\t0.5\t1e-300\tTRUE\t=1+1\n\t\t\t\t\t\n';
    assert.deepEqual(values(await rowsOf(file, tsv(layout))), [
      ['9223372036854775807', -2147483648, 0.5, 1e-300, true, '=1+1'],
      [null, null, null, null, null, null],
    ]);
    for (const [type, value] of [
      ['LONG', '9223372036854775808'],
      ['LONG', '1.5'],
      ['INT', '2147483648'],
      ['DOUBLE', '1,5'],
      ['BOOLEAN', 'yes'],
    ] as const) {
      const one = tsv(GENERIC(['v', type]));
      await assert.rejects(
        rowsOf(`\n${value}\n`, one),
        new RegExp(`line 2: column "v": "${value}" is no ${type}`),
      );
    }
  });

  for (const [name, options, file, message] of [
    ['a short row', {}, 'x\ty\nx\n', /line 2: 1 columns, where 2 are expected/],
    ['a quote that is not closed', { sep: ',' }, 'x,"y\n', /line 1: .*no closing quote/],
    ['a quote that is not escaped', { sep: ',' }, '"a "b" c",y\n', /line 1: a quote after "a " is neither/],
    [
      'an unquoted value with quoteAll',
      { sep: ',', quoteAll: true },
      '"x",y\n',
      /line 1: value "y" is not quoted/,
    ],
    ['bytes of another encoding', {}, Buffer.from('x\ty\ncaf\u00e9\ty\n', 'latin1'), /are not utf-8 text/],
    ['a header twice the same', { header: true }, 'a\tA\n', /line 1: the header has the column "a" twice/],
    ['no header', { header: true }, '', /no header line/],
  ] as const) {
    test(`${name} fails with its line`, async () => {
      await assert.rejects(rowsOf(file, tsv(pair, options)), message);
    });
  }

  test('a header without a column that formatToHeader names is refused', async () => {
    const layout: TsvLayout = {
      annotationType: 'CHR_POS',
      formatToHeader: { CHR: 'chrom', POS: 'pos' },
      schema: schema(['chrom', 'STRING'], ['pos', 'LONG'], ['n', 'STRING']),
    };
    const file = 'pos\tchrom\n1\tchr1\n';
    assert.deepEqual(values(await rowsOf(file, tsv(layout, { header: true }))), [['chr1', '0', null, '1']]);
    await assert.rejects(
      rowsOf('chrom\tsite\n', tsv(layout, { header: true })),
      /line 1: the header has no column "pos"/,
    );
    await assert.rejects(
      rowsOf('chr1\t\tx\n', tsv(layout)),
      /line 1: column "pos" is POS and must have a value/,
    );
  });
});
