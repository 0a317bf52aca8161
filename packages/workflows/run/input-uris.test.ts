import assert from 'node:assert/strict';
import { test } from 'node:test';
import { foreignUris, inputUris } from './input-uris.ts';

const input = (name: string, type: string) => ({ name, type, optional: false });
// The guide's table "Complex types": a struct of a sample and its files.
const parameters = {
  bam: 's3://bucket/a.bam',
  label: 's3://bucket/not-a-file',
  labels: { left: 's3://bucket/x', right: ['s3://bucket/y'] },
  many: ['s3://bucket/b.bam', 's3://bucket/a.bam'],
  b_and_i: {
    sample_name: 'NA12878',
    bam: 'omics://1.storage.us-east-1.amazonaws.com/2/readSet/3',
    bam_index: 's3://bucket/i.bai',
  },
  local: '/etc/passwd',
};
const inputs = [
  input('bam', 'File'),
  input('label', 'String'),
  input('labels', 'Pair[String, Array[String]+]?'),
  input('many', 'Array[File]+'),
  input('b_and_i', 'SampleBamAndIndex'),
  input('local', 'File?'),
  input('absent', 'File?'),
];

test('the URIs of inputs that may hold files, each once, texts left alone', () => {
  assert.deepEqual(
    inputUris(parameters, inputs).map(({ uri }) => uri),
    ['s3://bucket/a.bam', 's3://bucket/b.bam', parameters.b_and_i.bam, 's3://bucket/i.bai'],
  );
});

test('files of other schemes are found: only S3 and HealthOmics URIs are supported', () => {
  assert.deepEqual(foreignUris(parameters, inputs), [{ uri: '/etc/passwd', parameter: 'local' }]);
});
