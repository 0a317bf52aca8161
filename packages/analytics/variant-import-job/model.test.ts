import assert from 'node:assert/strict';
import { test } from 'node:test';
import { messageOf } from './model.ts';

test('a job names the first file that failed, once', () => {
  const source = 's3://bucket/a.vcf';
  const saying = (message: string) => messageOf([{ source, status: 'FAILED', message }]);
  assert.equal(
    saying('line 4: POS is missing'),
    '1 of 1 files failed: s3://bucket/a.vcf: line 4: POS is missing.',
  );
  const missing = 's3://bucket/a.vcf: The key a.vcf does not exist in the bucket bucket.';
  assert.equal(saying(missing), `1 of 1 files failed: ${missing}`);
});

test('a job’s message is whole sentences: failures, contigs that the reference lacks, files that are not sorted', () => {
  const done = (name: string, line: number) =>
    ({
      source: `s3://bucket/${name}.vcf`,
      status: 'COMPLETED',
      message: '',
      unknownContigs: ['20'],
      unsorted: line,
    }) as const;
  const failed = {
    source: 's3://bucket/a.vcf',
    status: 'FAILED',
    message: 'line 1: the file is empty',
  } as const;
  assert.equal(
    messageOf([failed, done('b', 9), done('c', 7)]),
    '1 of 3 files failed: s3://bucket/a.vcf: line 1: the file is empty. The reference has no contig 20; what lies on them ' +
      'was imported as it is. s3://bucket/b.vcf is not sorted from line 9 on (and 1 other file); it was imported as it is.',
  );
});

test('a file without the annotation that annotationFields names is told of', () => {
  const item = {
    source: 's3://bucket/a.vcf',
    status: 'COMPLETED',
    message: '',
    noAnnotation: 'VEPS',
  } as const;
  assert.equal(
    messageOf([item, item, item]),
    's3://bucket/a.vcf has no INFO VEPS with the header "Consequence annotations from Ensembl VEP. Format: ..." ' +
      '(and 2 other files); its rows have no annotations.',
  );
});
