import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { formatImageReference, mapRegistry, parseImageReference } from './image-reference.ts';

const DIGEST = `sha256:${'0123456789abcdef'.repeat(4)}`;
const normal = (text: string) => formatImageReference(parseImageReference(text)!);

describe('names of images', () => {
  test('are completed as docker completes them', () => {
    assert.equal(normal('ubuntu'), 'docker.io/library/ubuntu:latest');
    assert.equal(normal('ubuntu:22.04'), 'docker.io/library/ubuntu:22.04');
    assert.equal(normal('biocontainers/samtools:v1.9'), 'docker.io/biocontainers/samtools:v1.9');
    assert.equal(normal('docker.io/bash:4.4'), 'docker.io/library/bash:4.4');
    assert.equal(normal('localhost/x'), 'localhost/x:latest');
    assert.equal(normal('localhost:5000/x/y:1'), 'localhost:5000/x/y:1');
    assert.equal(normal(`quay.io/x/y@${DIGEST}`), `quay.io/x/y@${DIGEST}`);
    assert.equal(normal(`quay.io/x/y:1@${DIGEST}`), `quay.io/x/y@${DIGEST}`);
  });

  test('that are none are recognised', () => {
    for (const text of ['', ' ', 'a b', 'x:', 'x@sha256:12', '-x', '--root=/', 'x/']) {
      assert.equal(parseImageReference(text), undefined, text);
    }
  });

  test('are led to the registry that stands for theirs, by whole path parts and the longest prefix', () => {
    const map = {
      '123456789012.dkr.ecr.us-east-1.amazonaws.com': 'mirror.local:5000/ecr',
      '123456789012.dkr.ecr.us-east-1.amazonaws.com/special': 'quay.io/special',
      'quay.io/bio': 'mirror.local/bio',
    };
    const mapped = (text: string) => formatImageReference(mapRegistry(parseImageReference(text)!, map));
    const ecr = '123456789012.dkr.ecr.us-east-1.amazonaws.com';
    assert.equal(mapped(`${ecr}/bwa:0.7`), 'mirror.local:5000/ecr/bwa:0.7');
    assert.equal(mapped(`${ecr}/special/x@${DIGEST}`), `quay.io/special/x@${DIGEST}`);
    assert.equal(mapped('quay.io/biocontainers/bwa:1'), 'quay.io/biocontainers/bwa:1');
  });
});
