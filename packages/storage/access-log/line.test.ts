import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { BucketAccess } from '@helicase/blobs';
import { accessLogLine } from './line.ts';

// AWS, "Querying access logs for requests by using Amazon Athena": the expression and the names of its groups.
const FORMAT =
  /^([^ ]*) ([^ ]*) \[(.*?)\] ([^ ]*) ([^ ]*) ([^ ]*) ([^ ]*) ([^ ]*) ("[^"]*"|-) (-|[0-9]*) ([^ ]*) ([^ ]*) ([^ ]*) ([^ ]*) ([^ ]*) ("[^"]*"|-) ("[^"]*"|-) ([^ ]*)(?: ([^ ]*) ([^ ]*) ([^ ]*) ([^ ]*) ([^ ]*) ([^ ]*) ([^ ]*) ([^ ]*))$/;
const NAMES = [
  ...[
    'bucketowner',
    'bucket_name',
    'requestdatetime',
    'remoteip',
    'requester',
    'requestid',
    'operation',
    'key',
  ],
  ...['request_uri', 'httpstatus', 'errorcode', 'bytessent', 'objectsize', 'totaltime', 'turnaroundtime'],
  ...['referrer', 'useragent', 'versionid', 'hostid', 'sigv', 'ciphersuite', 'authtype', 'endpoint'],
  ...['tlsversion', 'accesspointarn', 'aclrequired'],
];

const BUCKET = {
  account: '123456789012',
  accessPointArn: 'arn:aws:s3:us-west-1:123456789012:accesspoint/example-AP',
};
const ACCESS: BucketAccess = {
  bucket: 'amzn-s3-demo-bucket1',
  key: 'photos/2019/08/a puppy.jpg',
  at: Date.UTC(2019, 1, 6, 0, 0, 38),
  remoteAddress: '192.0.2.3',
  requester: 'arn:aws:iam::123456789012:user/reader',
  requestId: '3E57427F33A59F07',
  operation: 'REST.GET.OBJECT',
  requestLine: 'GET /amzn-s3-demo-bucket1/photos/2019/08/a%20puppy.jpg?x-foo=bar HTTP/1.1',
  status: 200,
  bytesSent: 2_662_992,
  objectSize: 3_462_992,
  totalTime: 70,
  turnAroundTime: 10,
  referer: 'http://www.example.com/webservices',
  userAgent: 'curl/7.15.1',
  signedBy: 'query',
  protocol: 'TLSv1.2',
  cipher: 'ECDHE-RSA-AES128-GCM-SHA256',
  host: 's3.us-west-1.amazonaws.com',
};
const fields = (access: BucketAccess) => {
  const [, ...found] = FORMAT.exec(accessLogLine(access, BUCKET)) ?? [];
  return Object.fromEntries(NAMES.map((name, index) => [name, found[index]]));
};

describe('a line of an access log', () => {
  test('has the fields of S3’s server access log format in their order', () => {
    assert.deepEqual(
      { ...fields(ACCESS), bucketowner: 'canonical id' },
      {
        bucketowner: 'canonical id',
        bucket_name: 'amzn-s3-demo-bucket1',
        requestdatetime: '06/Feb/2019:00:00:38 +0000',
        remoteip: '192.0.2.3',
        requester: 'arn:aws:iam::123456789012:user/reader',
        requestid: '3E57427F33A59F07',
        operation: 'REST.GET.OBJECT',
        key: 'photos/2019/08/a%20puppy.jpg',
        request_uri: '"GET /amzn-s3-demo-bucket1/photos/2019/08/a%20puppy.jpg?x-foo=bar HTTP/1.1"',
        httpstatus: '200',
        errorcode: '-',
        bytessent: '2662992',
        objectsize: '3462992',
        totaltime: '70',
        turnaroundtime: '10',
        referrer: '"http://www.example.com/webservices"',
        useragent: '"curl/7.15.1"',
        versionid: '-',
        hostid: '-',
        sigv: 'SigV4',
        ciphersuite: 'ECDHE-RSA-AES128-GCM-SHA256',
        authtype: 'QueryString',
        endpoint: 's3.us-west-1.amazonaws.com',
        tlsversion: 'TLSV1.2',
        accesspointarn: 'arn:aws:s3:us-west-1:123456789012:accesspoint/example-AP',
        aclrequired: '-',
      },
    );
  });

  test('has no secret of a presigned URL, however its name is written', () => {
    const query = 'X-Amz-Expires=60&X-Amz-Signature=secret1&X%2DAmz-Security-Token=secret2';
    const { request_uri: uri } = fields({ ...ACCESS, requestLine: `GET /b/k?${query} HTTP/1.1` });
    assert.equal(
      uri,
      '"GET /b/k?X-Amz-Expires=60&X-Amz-Signature=REDACTED&X%2DAmz-Security-Token=REDACTED HTTP/1.1"',
    );
  });

  test('is one line with the same fields whatever a client calls itself', () => {
    const { status, ...rest } = ACCESS;
    const found = fields({ ...rest, status, userAgent: 'a" 200 - "b\nc', key: 'x "y"\nz' });
    assert.equal(found['useragent'], '"a%22 200 - %22b%0Ac"');
    assert.equal(found['key'], 'x%20%22y%22%0Az');
    assert.equal(found['aclrequired'], '-');
  });
});
