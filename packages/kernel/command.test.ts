import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { runCommand } from './command.ts';

describe('running a program', () => {
  test('gives its exit code and both streams, and takes input', async () => {
    const result = await runCommand('sh', ['-c', 'cat; echo told >&2; exit 3'], { input: 'given' });
    assert.deepEqual(result, { code: 3, signal: null, stdout: 'given', stderr: 'told\n' });
  });

  test('kills it after the timeout', async () => {
    const result = await runCommand('sleep', ['30'], { timeout: 50 });
    assert.equal(result.signal, 'SIGKILL');
  });

  test('rejects where there is no such program', async () => {
    await assert.rejects(runCommand('no-such-program-here', []), /ENOENT/);
  });
});
