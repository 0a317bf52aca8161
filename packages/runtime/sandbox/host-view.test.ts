import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { describe, test } from 'node:test';
import { noSandbox, temporaryDirectory } from '../testing/testing.ts';
import { makeHostView } from './host-view.ts';

const directory = temporaryDirectory();
const ISOLATION = ['--unshare-all', '--unshare-user', '--uid', '1000', '--gid', '1000', '--cap-drop', 'ALL'];

describe('what a task with a GPU sees', { skip: await noSandbox(directory) }, () => {
  const said = async (script: string) => {
    const { gpu } = await makeHostView(directory, []);
    const args = [...ISOLATION, ...gpu(), '--remount-ro', '/', '--', 'bash', '-c', script];
    return execFileSync('bwrap', args, { encoding: 'utf8' });
  };

  test('it names its threads, as CUDA does', async () => {
    assert.equal(
      await said('echo cuda > /proc/self/task/$$/comm; read -r name < /proc/$$/comm; echo "$name"'),
      'cuda\n',
    );
  });

  test('it can change nothing of the kernel', async () => {
    // Opened, not asked for: under a server of root the files' owner is the task's own user.
    const open =
      'find /proc -regex "/proc/[^0-9].*" -type f | while read -r f; do (: >> "$f") 2>&- && echo "$f"; done';
    assert.equal(await said(`cd /proc; ${open}; true`), '');
  });

  test('it reads nothing of what the kernel knows of others', async () => {
    const files =
      'kcore keys key-users kmsg kpagecount kpageflags sched_debug slabinfo timer_list vmallocinfo';
    const read = `for f in ${files}; do timeout 5 head -c 1 /proc/$f 2>&- | wc -c; done | sort -u`;
    assert.equal(await said(read), '0\n');
  });
});
