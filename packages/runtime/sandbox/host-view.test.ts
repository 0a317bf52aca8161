import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { describe, test } from 'node:test';
import type { GpuDevice } from '../accelerators.ts';
import { ACTOR, noSandbox, shellTask, temporaryDirectory } from '../testing/testing.ts';
import { sandboxArguments } from './arguments.ts';
import { makeHostView } from './host-view.ts';

const directory = temporaryDirectory();
const ISOLATION = ['--unshare-all', '--unshare-user', '--uid', '1000', '--gid', '1000', '--cap-drop', 'ALL'];

describe('what a task with a GPU sees', { skip: await noSandbox(directory) }, () => {
  const said = async (script: string) => {
    const { gpu } = await makeHostView(directory, []);
    const args = [...ISOLATION, ...gpu(), '--remount-ro', '/', '--', 'bash', '-c', script];
    return execFileSync('bwrap', args, { encoding: 'utf8' });
  };

  test('its devices are its own, and not those that its launcher keeps for all of its tasks, read-only', async () => {
    const view = await makeHostView(directory, []);
    const { resources } = shellTask('');
    const launch = {
      ...{
        attemptId: 'a',
        actor: ACTOR,
        argv: ['true'],
        environment: {},
        workDirectory: '/work',
        mounts: [],
        resources,
      },
      ...{ network: false, stdoutPath: '', stderrPath: '' },
    };
    const shared = view.apart.join(' ');
    const args = (devices: readonly GpuDevice[]) =>
      sandboxArguments(view, { ...launch, devices }, { apart: true }).join(' ');
    assert.ok(args([]).includes(shared));
    const own = args([{ minor: 0, model: 'Tesla T4' }]);
    assert.ok(!own.includes(shared));
    assert.match(own, / --dev \/dev .* --dev-bind \/dev\/nvidia0 \/dev\/nvidia0 /);
  });

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
