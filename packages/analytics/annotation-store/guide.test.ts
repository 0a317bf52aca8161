import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { importAnnotations, makeAnnotationStore, tsv } from '../testing/annotation-story.ts';
import { lacking } from '../testing/needs.ts';
import { SHARED, TestAnalytics } from '../testing/room.ts';
import { ask } from '../testing/story.ts';

const strings = (...names: string[]) => names.map((name) => ({ [name]: 'STRING' }));
const headerless = tsv({ sep: '\t', header: false, comment: '#' });
const GENEMAP = {
  annotationType: 'CHR_START_END_ONE_BASE',
  formatToHeader: { CHR: 'chromosome', START: 'genomic_position_start', END: 'genomic_position_end' },
  schema: [
    { chromosome: 'STRING' },
    { genomic_position_start: 'LONG' },
    { genomic_position_end: 'LONG' },
    ...strings('cyto_location', 'computed_cyto_location', 'mim_number', 'gene_symbols', 'gene_name'),
    ...strings('approved_gene_name', 'entrez_gene_id', 'ensembl_gene_id', 'comments', 'phenotypes'),
    ...strings('mouse_gene_symbol'),
  ],
};
const BED = {
  annotationType: 'CHR_START_END_ZERO_BASE',
  formatToHeader: { CHR: 'chromosome', START: 'start', END: 'end' },
  schema: [{ chromosome: 'STRING' }, { start: 'LONG' }, { end: 'LONG' }, { name: 'STRING' }],
};
const GNOMAD = {
  annotationType: 'CHR_POS_REF_ALT',
  formatToHeader: { CHR: 'chromosome', POS: 'start', REF: 'ref', ALT: 'alt' },
  schema: [
    { chromosome: 'STRING' },
    { start: 'LONG' },
    ...strings('ref', 'alt', 'filters', 'ac_hom', 'ac_het', 'af_hom', 'af_het', 'an'),
    ...strings('max_observed_heteroplasmy'),
  ],
};
const MIM2GENE = {
  annotationType: 'GENERIC',
  formatToHeader: {},
  schema: strings('mim_gene_id', 'mim_type', 'entrez_id', 'hgnc', 'ensembl'),
};

describe('The guide’s TSV examples', () => {
  const folder = mkdtempSync(join(tmpdir(), 'helicase-guide-'));
  let room: TestAnalytics;
  before(async () => {
    room = await TestAnalytics.open({ contigs: [{ name: 'chr1', length: 248956422 }] });
  });
  after(async () => {
    await room.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const make = (name: string, tsvStoreOptions: object) =>
    makeAnnotationStore(room, name, { storeFormat: 'TSV', storeOptions: { tsvStoreOptions } });

  function awk(program: string, path: string): string[][] {
    const lines = execFileSync('awk', ['-F\t', program, path], { encoding: 'utf8' }).trimEnd().split('\n');
    return lines.map((line) => line.split('\t'));
  }

  test('genemap: one-based starts become zero-based, comments are left out, formulas stay as they are', async () => {
    const path = join(folder, 'genemap2.txt');
    const row = (...cells: string[]) => [...cells, ...Array<string>(14 - cells.length).fill('')].join('\t');
    const rows = [
      '# Copyright (c) 1966-2022 Johns Hopkins University',
      '# Chromosome\tGenomic Position Start\tGenomic Position End\tCyto Location',
      row('chr1', '0', '27600000', '1p36', '', '607413', 'AD7CNTP', "Alzheimer's, 'neuronal'"),
      row('chr1', '1001138', '1014540', '1p36.33', '1p36.33', '147571', 'ISG15, "G1P2"', '=SUM(A1:A9)'),
      row('chr7', '117480025', '117668665', '7q31.2', '7q31.2', '602421', 'CFTR', '@cmd|calc'),
    ];
    writeFileSync(path, `${rows.join('\n')}\n# the end\n`);
    await make('mimgenemap', GENEMAP);
    const job = await importAnnotations(room, 'mimgenemap', path, headerless);
    assert.equal(job.status, 'COMPLETED', JSON.stringify(job));
    const { rows: found } = await ask(
      room,
      `SELECT chromosome, genomic_position_start, genomic_position_end, gene_symbols, gene_name
       FROM mimgenemap.mimgenemap ORDER BY 3`,
    );
    const expected = awk('!/^#/ {print $1 "\\t" $2-1 "\\t" $3 "\\t" $7 "\\t" $8}', path);
    assert.deepEqual([...found.slice(1)].sort(), expected.sort());
    const nulls = await ask(room, 'SELECT count(*) FROM mimgenemap WHERE mouse_gene_symbol IS NULL');
    assert.deepEqual(nulls.rows[1], ['3']);
  });

  const blacklist = join(SHARED, 'annotation', 'hg38-blacklist.bed');
  test('BED: every region of the blacklist, as it is', { skip: lacking([], [blacklist]) }, async () => {
    await make('cexbed', { ...BED, schema: BED.schema.slice(0, 3) });
    const job = await importAnnotations(room, 'cexbed', blacklist, headerless);
    assert.equal(job.status, 'COMPLETED', JSON.stringify(job));
    assert.match(job.statusMessage!, /no contig .*chr2/);
    const { rows } = await ask(
      room,
      'SELECT chromosome, count(*), sum("end" - start) FROM cexbed GROUP BY 1 ORDER BY 1',
    );
    const expected = awk(
      '{n[$1]++; s[$1] += $3-$2} END {for (c in n) print c "\\t" n[c] "\\t" s[c]}',
      blacklist,
    );
    assert.deepEqual(rows.slice(1), expected.sort());
  });

  test('BED: names in the fourth column; a region without one fails with its line', async () => {
    await make('exome', BED);
    const good = Buffer.from('chr1\t14361\t14829\tWASH7P\nchr1\t14969\t15038\tWASH7P_2\n');
    assert.equal((await importAnnotations(room, 'exome', good, headerless)).status, 'COMPLETED');
    const bad = Buffer.from('# exome\nchr1\t14361\t14829\tWASH7P\nchr1\t14969\t15038\n');
    const job = await importAnnotations(room, 'exome', bad, headerless);
    assert.equal(job.status, 'FAILED');
    assert.match(job.statusMessage!, /s3:\/\/bucket\/exome\.txt: line 3: 3 columns, where 4 are expected/);
    const { rows } = await ask(room, 'SELECT name FROM exome ORDER BY start');
    assert.deepEqual(rows.slice(1), [['WASH7P'], ['WASH7P_2']]);
  });

  test('gnomAD: position and alleles with the header of the release, which calls the start "position"', async () => {
    // The header and the first records of gnomad.genomes.v3.1.sites.chrM.reduced_annotations.tsv.
    const header =
      'chromosome\tposition\tref\talt\tfilters\tAC_hom\tAC_het\tAF_hom\tAF_het\tAN\tmax_observed_heteroplasmy';
    const rows = [
      'chrM\t3\tT\tC\tPASS\t19\t1\t3.4e-04\t1.8e-05\t56434\t9.97e-01',
      'chrM\t6\tC\tCCTCA\t\t0\t0\t0\t0\t1\t0',
    ];
    await make('gnomadchrx', GNOMAD);
    const file = Buffer.from(`${[header, ...rows].join('\n')}\n`);
    const options = tsv({ sep: '\t', header: true, comment: '#' });
    const job = await importAnnotations(room, 'gnomadchrx', file, options);
    assert.equal(job.status, 'COMPLETED', JSON.stringify(job));
    const { rows: found } = await ask(
      room,
      'SELECT chromosome, start, "end", ref, alt, filters, ac_hom, af_hom FROM gnomadchrx ORDER BY start',
    );
    assert.deepEqual(found.slice(1), [
      ['chrM', '2', '3', 'T', 'C', 'PASS', '19', '3.4e-04'],
      ['chrM', '5', '6', 'C', 'CCTCA', null, '0', '0'],
    ]);
  });

  test('mim2gene: generic annotations need no reference, and have no coordinates', async () => {
    const path = join(folder, 'mim2gene.txt');
    writeFileSync(
      path,
      '# MIM Number\tMIM Entry Type\n100050\tpredominantly phenotypes\t\t\t\n' +
        '100640\tgene\t216\tALDH1A1\tENSG00000165092\n100650\tgene/phenotype\t217\tALDH2\tENSG00000111275\n',
    );
    const storeOptions = { tsvStoreOptions: MIM2GENE };
    await makeAnnotationStore(room, 'mim2gene', { storeFormat: 'TSV', storeOptions, reference: undefined });
    const job = await importAnnotations(room, 'mim2gene', path, headerless);
    assert.equal(job.status, 'COMPLETED', JSON.stringify(job));
    const { rows } = await ask(room, 'SELECT mim_gene_id, hgnc, ensembl FROM mim2gene ORDER BY 1');
    const expected = awk('!/^#/ {print $1 "\\t" $4 "\\t" $5}', path);
    assert.deepEqual(
      rows.slice(1).map((row) => row.map((cell) => cell ?? '')),
      expected,
    );
    const described = await ask(room, 'DESCRIBE mim2gene');
    assert.deepEqual(
      described.rows.map(([name, type]) => `${name} ${type}`).at(-1),
      'information map<string,string>',
    );
  });
});
