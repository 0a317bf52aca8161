import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { GetRunResponse, ListRunTasksResponse } from '@aws-sdk/client-omics';
import { temporaryFolder } from './testing.ts';
import { openTestRoom, type TestRoom } from './testing-room.ts';

const WORKFLOW = `version 1.0
workflow Chain {
  call make
  scatter (number in range(4)) { call shout { input: text = make.text, number = number } }
  output { Array[File] loud = shout.loud }
}
task make {
  command <<< sleep 0.3; echo a quiet word > text.txt >>>
  output { File text = "text.txt" }
}
task shout {
  input { File text Int number }
  command <<< sleep 0.5; tr a-z A-Z < ~{text} > loud.txt; echo ~{number} >> loud.txt >>>
  output { File loud = "loud.txt" }
}
`;

describe('kill -9 of the server in the middle of a run', { timeout: 120_000 }, () => {
  let folder: string;
  const owner = `workflows-crash-${process.pid}`;
  before(async () => {
    folder = await temporaryFolder();
    writeFileSync(join(folder, 'chain.wdl'), WORKFLOW);
  });
  after(() => rm(folder, { recursive: true, force: true }));

  // Before the first task has ended, between the tasks, and in the middle of the scatter.
  for (const moment of [150, 420, 900]) {
    test(`${moment} ms after StartRun: the next server finishes it, and runs no committed task again`, async () => {
      const home = join(folder, String(moment));
      const { child, runId } = await startServer(home, owner, join(folder, 'chain.wdl'));
      await delay(moment);
      child.kill('SIGKILL');
      await once(child, 'exit');
      const killedAt = Date.now();
      const room = await openTestRoom({ folder: home, owner });
      try {
        const before = await tasks(room, runId);
        const run = await finished(room, runId);
        assert.equal(run.status, 'COMPLETED', `${run.failureReason} ${run.statusMessage}`);
        const after = await tasks(room, runId);
        assert.equal(after.length, 5, 'one row a task');
        assert.ok(after.every(({ status }) => status === 'COMPLETED'));
        for (const { status, stopTime, taskId } of before) {
          if (status !== 'COMPLETED') continue;
          assert.ok(stopTime!.getTime() <= killedAt);
          const now = after.find((task) => task.taskId === taskId)!;
          assert.deepEqual(now.stopTime, stopTime, 'a task that was done ran again');
        }
        for (const number of [0, 1, 2, 3]) {
          const path = join(home, 'buckets/bucket/out', runId, `out/loud/${number}/loud.txt`);
          assert.equal(await readFile(path, 'utf8'), `A QUIET WORD\n${number}\n`);
        }
        await emptied(join(home, 'runs'));
      } finally {
        await room.close();
      }
    });
  }
});

async function startServer(
  home: string,
  owner: string,
  definition: string,
): Promise<{ child: ChildProcess; runId: string }> {
  const server = join(import.meta.dirname, 'testing-server.ts');
  const child = spawn(process.execPath, [server, home, owner, definition], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const line of createInterface({ input: child.stdout })) {
    const run = /^run (\d+)$/.exec(line);
    if (run) return { child, runId: run[1]! };
  }
  throw new Error('the server ended before it started the run');
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

/** A run's scratch goes right after its end. */
async function emptied(directory: string): Promise<void> {
  for (let waited = 0; waited < 5_000 && (await readdir(directory)).length > 0; waited += 20) await delay(20);
  assert.deepEqual(await readdir(directory), []);
}
