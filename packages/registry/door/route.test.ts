import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { routeOf } from './route.ts';

// The end points of https://github.com/opencontainers/distribution-spec/blob/main/spec.md#endpoints, and the actions of
// https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-push-iam.html

const DIGEST = `sha256:${'0'.repeat(64)}`;

describe('requests of docker as actions of ECR', () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ['GET', '/v2/tools/bwa/manifests/0.7', 'BatchGetImage'],
    ['HEAD', `/v2/tools/bwa/manifests/${DIGEST}`, 'BatchGetImage'],
    ['PUT', '/v2/bwa/manifests/latest', 'PutImage'],
    ['DELETE', `/v2/bwa/manifests/${DIGEST}`, 'BatchDeleteImage'],
    ['GET', `/v2/bwa/blobs/${DIGEST}`, 'GetDownloadUrlForLayer'],
    ['HEAD', `/v2/bwa/blobs/${DIGEST.replace(':', '%3A')}`, 'BatchCheckLayerAvailability'],
    ['POST', '/v2/bwa/blobs/uploads/', 'InitiateLayerUpload'],
    ['PATCH', '/v2/bwa/blobs/uploads/1f-2', 'UploadLayerPart'],
    ['PUT', '/v2/bwa/blobs/uploads/1f-2', 'CompleteLayerUpload'],
    ['GET', '/v2/bwa/tags/list', 'ListImages'],
  ];
  for (const [method, path, operation] of cases)
    test(`${method} ${path}`, () => assert.equal(routeOf(method, path)?.operation, operation));

  test('names with slashes are the repository, not the path', () => {
    const { name, reference } = routeOf('GET', '/v2/a/manifests/b/manifests/1')!;
    assert.deepEqual({ name, reference }, { name: 'a/manifests/b', reference: '1' });
  });

  test('nothing leads out of the repository, however it is written', () => {
    const out = '..%2F..%2F..%2F210987654321%2Fus-east-1%2Fsecret';
    for (const path of [
      `/v2/bwa/blobs/${out}%2Fblobs%2F${DIGEST}`,
      `/v2/bwa/blobs/uploads/${out}`,
      `/v2/bwa/manifests/${out}%2Fmanifests%2F1`,
      `/v2/bwa/blobs/../../secret/blobs/${DIGEST}`,
    ])
      for (const method of ['GET', 'PUT', 'PATCH']) assert.equal(routeOf(method, path), undefined, path);
  });

  test('what is none of them has no route', () => {
    for (const path of [
      '/v2/_catalog',
      '/v2/bwa/../other/manifests/1',
      '/v2/BWA/manifests/1',
      '/v2//manifests/1',
    ])
      assert.equal(routeOf('GET', path), undefined, path);
    assert.equal(routeOf('DELETE', `/v2/bwa/blobs/${DIGEST}`), undefined);
    assert.equal(routeOf('GET', '/v2/bwa%2F..%2Fother/manifests/1'), undefined);
  });
});
