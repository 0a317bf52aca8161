import assert from 'node:assert/strict';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { temporaryDirectory } from '../testing/testing.ts';
import { Launcher } from './launcher.ts';

const directory = temporaryDirectory();

/** A program that stands for the launcher at a moment at which it is hard to meet. */
function standIn(name: string, script: string): Launcher {
  const path = join(directory, name);
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  return new Launcher(path, 'plain', []);
}

const program = {
  ...{ command: ['true'], folder: directory, environment: {}, stdin: '/dev/null' },
  ...{ stdoutPath: join(directory, 'out'), stderrPath: join(directory, 'err') },
};

describe('a task whose launcher', () => {
  test('is killed before it said that the task began is lost, and may start again', async () => {
    const launcher = standIn('silent', 'exec sleep 60');
    const { ending } = launcher.start(program, []);
    process.kill(launcher.id!, 'SIGKILL');
    assert.deepEqual(await ending, { code: null, signal: 'SIGKILL' });
  });

  test('was killed while it was idle is lost as well', async () => {
    const launcher = standIn('idle', 'exec sleep 60');
    process.kill(launcher.id!, 'SIGKILL');
    await launcher.exited;
    assert.deepEqual(await launcher.start(program, []).ending, { code: null, signal: 'SIGKILL' });
  });

  test('ends by itself could not be started', async () => {
    const { spawnError } = await standIn('broken', 'exit 3').start(program, []).ending;
    assert.match(spawnError!.message, /the launcher ended/);
  });

  test('was told to end as the task ended by itself is not lost, and no other task is given that launcher', async () => {
    const launcher = standIn(
      'late',
      'read request; echo started 7; echo ended 0 -1; echo empty; exec sleep 60',
    );
    const task = launcher.start(program, []);
    task.kill();
    assert.deepEqual(await task.ending, { code: 0, signal: null });
    assert.equal(await task.empty, true);
    assert.equal(launcher.alive, false);
    process.kill(launcher.id!, 'SIGKILL');
  });
});
