import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { shellTask } from '../testing/shell-task.ts';
import type { TaskRequest } from '../task.ts';
import { keyDifferences, nearestKey, taskKey } from './task-key.ts';

const request = shellTask('bwa mem ref.fa reads.fq', {
  image: 'bwa:1',
  environment: { THREADS: '4' },
  inputs: [
    { kind: 'path', path: '/host/reads.fq', target: '/in/reads.fq' },
    { kind: 'literal', content: 'bwa mem ref.fa reads.fq', target: '/command' },
  ],
});
const facts = { imageDigest: 'sha256:11', digestOf: async () => 'etag:abc' };
const key = (changes: Partial<TaskRequest> = {}, others: Partial<typeof facts> = {}) =>
  taskKey({ ...request, ...changes }, { ...facts, ...others });

describe('the key of a task', () => {
  test('keeps every component by its name', async () => {
    assert.deepEqual((await key()).components, {
      command: '["sh","-c","bwa mem ref.fa reads.fq"]',
      'environment THREADS': '4',
      image: 'sha256:11',
      'input /command': 'bwa mem ref.fa reads.fq',
      'input /in/reads.fq': 'etag:abc',
      'work directory': '/work',
    });
  });

  test('is the same for the same work elsewhere in the workflow, on another host path, with more memory', async () => {
    const elsewhere = await key({
      call: 'main.again',
      attempt: 3,
      name: 'again',
      resources: { cpus: 8, memoryBytes: 2 ** 33 },
      inputs: request.inputs.map((input) => (input.kind === 'path' ? { ...input, path: '/b/x' } : input)),
    });
    assert.equal(elsewhere.digest, (await key()).digest);
  });

  const changes: [string, Partial<TaskRequest>, Partial<typeof facts>?][] = [
    ['command', { argv: ['sh', '-c', 'bwa mem -t 4 ref.fa reads.fq'] }],
    ['environment THREADS', { environment: { THREADS: '8' } }],
    ['image', {}, { imageDigest: 'sha256:22' }],
    ['input /in/reads.fq', {}, { digestOf: async () => 'etag:def' }],
    ['accelerators', { resources: { ...request.resources, accelerators: { count: 1 } } }],
    ['standard output', { stdout: `${request.workDirectory}/out.txt` }],
    ['network', { network: true }],
    ['secret TOKEN', { secrets: { TOKEN: 'registry' } }],
  ];
  for (const [component, change, others] of changes) {
    test(`differs in ${component}, and says so`, async () => {
      const [before, now] = [await key(), await key(change, others)];
      assert.notEqual(now.digest, before.digest);
      assert.deepEqual(
        keyDifferences(before, now).map((difference) => difference.component),
        [component],
      );
    });
  }

  test('a text of many megabytes is kept as its length and digest', async () => {
    const long = await key({ argv: ['x'.repeat(10_000)] });
    assert.match(long.components.command!, /^10004 characters, sha256:[0-9a-f]{64}$/);
  });

  test('of several earlier keys the one with least differences explains a miss', async () => {
    const [far, near] = [await key({ argv: ['x'], environment: {} }), await key({ network: true })];
    assert.equal(nearestKey([far, near], await key()), near);
    assert.equal(nearestKey([], await key()), undefined);
  });
});
