import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type {
  CreateWorkflowResponse,
  GetRunResponse,
  GetWorkflowResponse,
  StartRunResponse,
} from '@aws-sdk/client-omics';
import { zipSync } from 'fflate';
import { ROLE, temporaryFolder } from './testing.ts';
import { openTestRoom, type TestRoom } from './testing-room.ts';

/** Sixty doublings of a word: 10 GB and far beyond. */
const LONG_STRING = `version 1.0
workflow Long {
  String s0 = "ten letters"
${Array.from({ length: 60 }, (_, n) => `  String s${n + 1} = s${n} + s${n}`).join('\n')}
  output { String s = s60 }
}
`;
const ENDLESS_SCRIPT = `cwlVersion: v1.2
class: ExpressionTool
requirements: { InlineJavascriptRequirement: {} }
inputs: []
outputs: { never: string }
expression: "\${ while (true) {} }"
`;

/** Each shard is another way to keep a machine busy for ever. */
const HOSTILE_TASKS = `version 1.0
workflow Tasks {
  Array[String] scripts = [
    "bomb() { bomb | bomb & }; bomb; sleep 600",
    "trap '' TERM HUP INT; while :; do :; done",
    "setsid sh -c 'trap : TERM; sleep 611.25' & sleep 600"
  ]
  scatter (script in scripts) { call run { input: script = script } }
}
task run {
  input { String script }
  command <<< ~{script} >>>
  runtime { cpu: 0.5 memory: "256 MiB" }
}
`;

describe('hostile workflows', { timeout: 120_000 }, () => {
  let folder: string;
  let room: TestRoom;

  before(async () => {
    folder = await temporaryFolder();
    room = await openTestRoom({ folder, owner: `workflows-hostile-${process.pid}` });
    await room.objects.makeBucket('bucket');
  });
  after(async () => {
    await room.close();
    await rm(folder, { recursive: true, force: true });
  });

  async function workflow(main: string, content: string): Promise<string> {
    const definitionZip = zipSync({ [main]: new TextEncoder().encode(content) });
    const { id } = await room.call<CreateWorkflowResponse>('CreateWorkflow', { name: main, definitionZip });
    for (;;) {
      const found = await room.call<GetWorkflowResponse>('GetWorkflow', { id: id! });
      if (found.status !== 'CREATING') {
        assert.equal(found.status, 'ACTIVE', found.statusMessage);
        return id!;
      }
      await delay(20);
    }
  }

  async function start(workflowId: string): Promise<string> {
    const input = { workflowId, roleArn: ROLE, outputUri: 's3://bucket/out', parameters: {} };
    return (await room.call<StartRunResponse>('StartRun', input)).id!;
  }

  async function finished(id: string): Promise<GetRunResponse> {
    for (;;) {
      const run = await room.call<GetRunResponse>('GetRun', { id });
      if (['COMPLETED', 'FAILED', 'CANCELLED'].includes(run.status!)) return run;
      await delay(50);
    }
  }

  test('a string of 10 GB fails its run as the workflow’s own fault', async () => {
    const run = await finished(await start(await workflow('long.wdl', LONG_STRING)));
    assert.equal(run.status, 'FAILED');
    assert.equal(run.failureReason, 'WORKFLOW_RUN_FAILED');
    assert.match(
      run.statusMessage!,
      /long\.wdl:28:16: The text would have 369098752 characters; a String has 268435456 at most/,
    );
  });

  test('an endless expression ends with CancelRun, and the server answers meanwhile', async () => {
    await endsWhenCancelled(await start(await workflow('endless.cwl', ENDLESS_SCRIPT)));
  });

  test('fork bombs and tasks that ignore signals are gone when CancelRun has ended their run', async () => {
    await endsWhenCancelled(await start(await workflow('tasks.wdl', HOSTILE_TASKS)));
    assert.ok(!commandLines().some((line) => line.includes('sleep 611.25') || line.includes('bomb')));
  });

  async function endsWhenCancelled(id: string): Promise<void> {
    while ((await room.call<GetRunResponse>('GetRun', { id })).status !== 'RUNNING') await delay(20);
    await delay(3_000); // a fork bomb is at its limit by then
    await room.call('ListRuns', {});
    await room.call('CancelRun', { id });
    assert.equal((await finished(id)).status, 'CANCELLED');
  }
});

function commandLines(): string[] {
  const ids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return ids.map((id) => {
    try {
      return readFileSync(`/proc/${id}/cmdline`, 'utf8').replaceAll('\0', ' ');
    } catch {
      return ''; // it has just ended
    }
  });
}
