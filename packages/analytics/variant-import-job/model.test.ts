import assert from 'node:assert/strict';
import { test } from 'node:test';
import { messageOf } from './model.ts';

test('a job names the first file that failed, once', () => {
  const source = 's3://bucket/a.vcf';
  const saying = (message: string) => messageOf([{ source, status: 'FAILED', message }]);
  assert.equal(
    saying('line 4: POS is missing'),
    '1 of 1 files failed: s3://bucket/a.vcf: line 4: POS is missing',
  );
  const missing = 's3://bucket/a.vcf: The key a.vcf does not exist in the bucket bucket.';
  assert.equal(saying(missing), `1 of 1 files failed: ${missing}`);
});
