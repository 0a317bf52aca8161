import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { copyFile, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { GetRunResponse, ListRunTasksResponse } from '@aws-sdk/client-omics';
import { runCommand } from '@helicase/kernel';
import { detectControlGroups } from '@helicase/runtime';
import { temporaryFolder } from './testing.ts';
import { openTestRoom, type TestRoom } from './testing-room.ts';

const BUSYBOX = '/bin/busybox';
const IMAGE = 'quay.io/test/busybox:1';
const WORKFLOW = `version 1.0
workflow Long {
  call wait
  output { File lines = wait.lines }
}
task wait {
  command <<< echo once >> lines.txt; sleep 3; echo end >> lines.txt >>>
  output { File lines = "lines.txt" }
  runtime { docker: "${IMAGE}" memory: "64 MiB" }
}
`;

const skip = await lack();

async function lack(): Promise<string | false> {
  if (process.getuid?.() !== 0) return 'containers are run by root';
  if (!existsSync(BUSYBOX)) return 'busybox-static is not installed';
  for (const program of ['runc', 'skopeo', 'umoci']) {
    const there = await runCommand(program, ['--version']).then(
      () => true,
      () => false,
    );
    if (!there) return `${program} is not installed`;
  }
  return false;
}

describe('kill -9 of the server while a container runs', { skip, timeout: 60_000 }, () => {
  let folder: string;
  const owner = `workflows-found-${process.pid}`;
  before(async () => {
    folder = await temporaryFolder();
    writeFileSync(join(folder, 'long.wdl'), WORKFLOW);
    await makeImage(folder);
  });
  after(() => rm(folder, { recursive: true, force: true }));

  // While it runs, and after it has ended with no server there.
  for (const pause of [0, 3_500]) {
    test(`the next server, ${pause} ms later, takes the outcome of the same start`, async () => {
      const { home, taskId } = await killedInTheMiddle(String(pause));
      await delay(pause);
      const room = await openTestRoom({ folder: home, owner });
      try {
        const run = await finished(room, await onlyRun(room));
        assert.equal(run.status, 'COMPLETED', `${run.failureReason} ${run.statusMessage}`);
        const [task] = await tasks(room, run.id!);
        assert.equal(task!.taskId, taskId);
        assert.equal(task!.status, 'COMPLETED');
        assert.ok(task!.stopTime!.getTime() - task!.startTime!.getTime() < 4_500);
        const path = join(home, 'buckets/bucket/out', run.id!, 'out/lines/lines.txt');
        assert.equal(readFileSync(path, 'utf8'), 'once\nend\n');
        assert.deepEqual(containers(), []);
      } finally {
        await room.close();
      }
    });
  }

  test('the next server ends it where its run was cancelled', async () => {
    const { home } = await killedInTheMiddle('cancelled');
    const room = await openTestRoom({ folder: home, owner });
    try {
      const id = await onlyRun(room);
      await room.call('CancelRun', { id });
      assert.equal((await finished(room, id)).status, 'CANCELLED');
      for (let waited = 0; waited < 15_000 && containers().length > 0; waited += 20) await delay(20);
      assert.deepEqual(containers(), []);
    } finally {
      await room.close();
    }
  });

  const containers = () => detectControlGroups({ owner: `${owner}-containers` }).list();

  async function killedInTheMiddle(name: string): Promise<{ home: string; taskId: string }> {
    const home = join(folder, name);
    await mkdir(home);
    symlinkSync(join(folder, 'images'), join(home, 'images'));
    const child = await startServer(home, owner, join(folder, 'long.wdl'));
    const attempts = () => written(join(home, 'runs'));
    try {
      for (let waited = 0; attempts().length === 0; waited += 20) {
        assert.ok(waited < 15_000, 'the task has written nothing within 15 seconds');
        await delay(20);
      }
    } finally {
      child.kill('SIGKILL'); // whatever went wrong: the test would wait for it
      await once(child, 'exit');
    }
    return { home, taskId: /(\d+)-1\/work/.exec(attempts()[0]!)![1]! };
  }
});

/** The files of tasks that have written something; none while a folder goes that is being read. */
function written(runs: string): readonly string[] {
  try {
    const paths = readdirSync(runs, { recursive: true, encoding: 'utf8' });
    return paths.filter((path) => path.endsWith('work/lines.txt'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** An OCI image of busybox. */
async function makeImage(folder: string): Promise<void> {
  const root = join(folder, 'root');
  for (const name of ['bin', 'dev', 'proc', 'tmp']) await mkdir(join(root, name), { recursive: true });
  await copyFile(BUSYBOX, join(root, 'bin/busybox'));
  for (const applet of ['sh', 'echo', 'sleep', 'cat', 'env'])
    symlinkSync('busybox', join(root, 'bin', applet));
  // Busybox has no bash of its own.
  writeFileSync(join(root, 'bin/bash'), '#!/bin/sh\nexec /bin/sh "$@"\n', { mode: 0o755 });
  await mkdir(join(folder, 'images'));
  const layout = join(folder, 'images/busybox');
  const image = ['--image', `${layout}:${IMAGE}`];
  await must('umoci', ['init', '--layout', layout]);
  await must('umoci', ['new', ...image]);
  await must('umoci', ['insert', ...image, root, '/']);
}

async function must(program: string, args: readonly string[]): Promise<void> {
  const { code, stderr } = await runCommand(program, args);
  assert.equal(code, 0, `${program} ${args.join(' ')}: ${stderr}`);
}

async function startServer(home: string, owner: string, definition: string): Promise<ChildProcess> {
  const server = join(import.meta.dirname, 'testing-server.ts');
  const child = spawn(process.execPath, [server, home, owner, definition], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const line of createInterface({ input: child.stdout })) {
    if (line.startsWith('run ')) return child;
  }
  throw new Error('the server ended before it started the run');
}

async function onlyRun(room: TestRoom): Promise<string> {
  return (await room.call<{ items: readonly { id: string }[] }>('ListRuns', {})).items[0]!.id;
}

async function tasks(room: TestRoom, id: string) {
  return (await room.call<ListRunTasksResponse>('ListRunTasks', { id, maxResults: 100 })).items!;
}

async function finished(room: TestRoom, id: string): Promise<GetRunResponse> {
  for (;;) {
    const run = await room.call<GetRunResponse>('GetRun', { id });
    if (['COMPLETED', 'FAILED', 'CANCELLED'].includes(run.status!)) return run;
    await delay(50);
  }
}
