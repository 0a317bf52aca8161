import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { sourceAddress } from '../object/copy.ts';
import { addressOf, type Names } from './address.ts';

const ARN = 'arn:aws:s3:us-east-1:123456789012:accesspoint/123456789012-77';
const NAMES: Names = {
  domains: ['localhost'],
  region: 'us-east-1',
  aliasOf: (arn) => (arn === ARN ? 'an-s3alias' : undefined),
};
const read = (host: string, path: string) => {
  const { bucket, key } = addressOf(path, host, NAMES);
  return [bucket, key];
};

describe('the address of a request', () => {
  test('is in the path, or the bucket in the host', () => {
    for (const [host, path, bucket, key] of [
      ['127.0.0.1:4600', '/', undefined, undefined],
      ['127.0.0.1:4600', '/reads', 'reads', undefined],
      ['127.0.0.1:4600', '/reads/a%20b/c', 'reads', 'a b/c'],
      ['omics.localhost:4600', '/reads/c', 'reads', 'c'],
      ['reads.localhost:4600', '/a/c', 'reads', 'a/c'],
      ['my.reads.localhost', '/', 'my.reads', undefined],
      ['reads.s3.us-east-1.localhost', '/c', 'reads', 'c'],
      ['reads.omics.localhost:4600', '/c', 'reads', 'c'],
      ['reads.elsewhere', '/bucket/c', 'bucket', 'c'],
    ] as const)
      assert.deepEqual(read(host, path), [bucket, key], `${host}${path}`);
  });

  // S3's endpoint rules: `{accessPointName}-{accountId}.{authority of the endpoint}`, whatever the addressing style.
  test('is that of an access point where clients put its ARN into the host, by name or address of the endpoint', () => {
    const label = '123456789012-77-123456789012';
    for (const endpoint of [
      'localhost:4600',
      'omics.localhost:4600',
      '127.0.0.1:4600',
      'omics.hospital.example',
      's3-accesspoint.us-east-1.amazonaws.com',
    ])
      assert.deepEqual(read(`${label}.${endpoint}`, '/a/b.bam'), ['an-s3alias', 'a/b.bam'], endpoint);
    assert.deepEqual(read(`${label}.localhost`, '/'), ['an-s3alias', undefined]);
    assert.deepEqual(read('logs-123456789012.localhost', '/a'), ['logs-123456789012', 'a'], 'a bucket');
  });

  test('is that of an access point where its ARN stands in the path, encoded or not', () => {
    for (const bucket of [encodeURIComponent(ARN), ARN, ARN.replace('/', ':')]) {
      assert.deepEqual(read('127.0.0.1:4600', `/${bucket}/a/b%20c`), ['an-s3alias', 'a/b c'], bucket);
      assert.deepEqual(read('127.0.0.1:4600', `/${bucket}`), ['an-s3alias', undefined], bucket);
    }
    const other = ARN.replace('-77', '-78');
    assert.deepEqual(read('127.0.0.1:4600', `/${other}/a`), [other, 'a'], 'there is no such bucket');
  });
});

describe('the source of a copy', () => {
  const source = (header: string) => sourceAddress(header, (arn) => NAMES.aliasOf(arn));

  // https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html, "x-amz-copy-source".
  test('is a bucket and a key, or the ARN of an access point and an object', () => {
    assert.deepEqual(source('/reads/a%2Fb'), { bucket: 'reads', key: 'a/b' });
    assert.deepEqual(source('reads/a?versionId=null'), { bucket: 'reads', key: 'a' });
    assert.deepEqual(source(`${ARN}/object/a/b.bam`), { bucket: 'an-s3alias', key: 'a/b.bam' });
    const quoted = ARN.replaceAll(':', '%3A'); // as botocore quotes it
    assert.deepEqual(source(`${quoted}/object/a/b.bam`), { bucket: 'an-s3alias', key: 'a/b.bam' });
    for (const wrong of [`${ARN}/a/b.bam`, ARN, 'reads', 'reads/', '/reads/%zz'])
      assert.throws(() => source(wrong), { code: 'InvalidArgument' }, wrong);
  });
});
