import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { runScript } from '../testing/run-script.ts';

const PARAMETERS = JSON.stringify({
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  $defs: {
    input_output_options: {
      title: 'Input/output options',
      type: 'object',
      required: ['input'],
      properties: {
        input: { type: 'string', format: 'file-path', exists: true, schema: 'assets/schema_input.json' },
        aligner: { type: 'string', enum: ['bwa', 'star'], default: 'bwa' },
      },
    },
  },
  allOf: [{ $ref: '#/$defs/input_output_options' }],
});
const SHEET = JSON.stringify({
  type: 'array',
  items: {
    type: 'object',
    properties: {
      sample: {
        type: 'string',
        pattern: '^\\S+$',
        meta: ['id'],
        errorMessage: 'Sample names have no blanks',
      },
      fastq: { type: 'string', format: 'file-path', exists: true },
      depth: { type: 'integer', meta: ['depth'] },
    },
    required: ['sample', 'fastq'],
  },
});
const FILES = { 'nextflow_schema.json': PARAMETERS, 'assets/schema_input.json': SHEET, 'a.fq': '@r\n' };
const INCLUDE = "include { validateParameters; samplesheetToList } from 'plugin/nf-schema'\n";

describe('nf-schema', () => {
  test('a sample sheet becomes lists: meta as a map, paths as files', async () => {
    const { end, lines } = await runScript(
      `${INCLUDE}samplesheetToList(params.input, 'assets/schema_input.json').each { meta, fq -> println "$meta $fq.name \${fq.class.simpleName}" }`,
      {
        files: { ...FILES, 'sheet.csv': 'sample,fastq,depth\n001,a.fq,30\n' },
        params: { input: 'sheet.csv' },
      },
    );
    assert.equal(end.report, undefined);
    assert.deepEqual(lines, ['[id:001, depth:30] a.fq UnixPath']);
  });

  test('all that is wrong with parameters and sheet is told at once', async () => {
    const { end } = await runScript(`${INCLUDE}validateParameters()`, {
      files: { ...FILES, 'sheet.csv': 'sample,fastq\na b,gone.fq\n' },
      params: { input: 'sheet.csv', aligner: 'hisat' },
    });
    assert.match(end.report!, /--aligner: 'hisat' is not one of bwa, star/);
    assert.match(end.report!, /--input \(sheet\.csv\) entry 1 -> sample: Sample names have no blanks/);
    assert.match(end.report!, /entry 1 -> fastq: 'gone\.fq' does not exist/);
  });

  test('uniqueEntries compares the rows that have one of its columns', async () => {
    const unique = JSON.stringify({ ...JSON.parse(SHEET), allOf: [{ uniqueEntries: ['depth'] }] });
    const check = async (rows: string) => {
      const { end } = await runScript(`${INCLUDE}validateParameters()`, {
        files: { ...FILES, 'assets/schema_input.json': unique, 'sheet.csv': `sample,fastq,depth\n${rows}` },
        params: { input: 'sheet.csv' },
      });
      return end.report;
    };
    assert.equal(await check('a,a.fq,\nb,a.fq,\nc,a.fq,30\n'), undefined);
    assert.match((await check('a,a.fq,30\nb,a.fq,30\n'))!, /the combination 30 is there twice/);
  });

  test('a parameter that is false counts as not given', async () => {
    const { end } = await runScript(`${INCLUDE}validateParameters()`, {
      files: { ...FILES, 'sheet.csv': 'sample,fastq\na,a.fq\n' },
      params: { input: 'sheet.csv', aligner: false },
    });
    assert.equal(end.report, undefined);
  });

  test("nf-validation's fromSamplesheet makes a channel of the sheet that a parameter names", async () => {
    const { lines } = await runScript(
      "include { fromSamplesheet } from 'plugin/nf-validation'\nworkflow { channel.fromSamplesheet('input').view { meta, fq -> \"$meta.id $fq.name\" } }",
      { files: { ...FILES, 'sheet.csv': 'sample,fastq\ns1,a.fq\n' }, params: { input: 'sheet.csv' } },
    );
    assert.deepEqual(lines, ['s1 a.fq']);
  });

  test('a required parameter is asked for', async () => {
    const { end } = await runScript(`${INCLUDE}validateParameters()`, { files: FILES });
    assert.match(end.report!, /Missing required parameter or field: input/);
  });
});
