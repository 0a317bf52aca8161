/**
 * StartRun to the first process of its first task, which tells the time itself: with a warm engine, as the service
 * has it between runs. Against a bare sandboxed process in the same run of this program: the rest is the service's.
 * Prints milliseconds; exits 1 where the median is above the target of 150.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { openTestRoom } from '../packages/workflows/testing-room.ts';
import { makeScatterPeer } from './scatter-peer.ts';
import { registerWdl, runToItsEnd, taskLog } from './workflow-runs.ts';

const ROUNDS = 11;
const TARGET = 150;
/** Between runs: the next engine warms up. */
const PAUSE = 1_500;

const WORKFLOW = `version 1.0
workflow First { call tell }
task tell {
  command { date +%s%N }
  runtime { cpu: 1 memory: "64 MiB" }
}
`;

const directory = mkdtempSync(join(tmpdir(), 'start-run-'));
const peer = await makeScatterPeer({
  directory: join(directory, 'peer'),
  argv: ['true'],
  memoryBytes: 64 * 2 ** 20,
});
const room = await openTestRoom({ folder: join(directory, 'server'), owner: 'bench-start-run' });
try {
  await room.objects.makeBucket('bucket');
  const workflowId = await registerWdl(room, WORKFLOW);
  const times: number[] = [];
  for (let round = 1; round <= ROUNDS; round += 1) {
    await delay(PAUSE);
    const asked = performance.timeOrigin + performance.now();
    const runId = await runToItsEnd(room, workflowId);
    const [told] = await taskLog(room, runId);
    times.push(Number(BigInt(told!) / 1_000n) / 1_000 - asked);
  }
  const sorted = times.toSorted((a, b) => a - b);
  const median = sorted[Math.floor(ROUNDS / 2)]!;
  const bare = (await peer.run(20, 1)) * 50;
  console.log(
    `StartRun to first task process: median ${median.toFixed(0)} ms, ${sorted[0]!.toFixed(0)} to ${sorted.at(-1)!.toFixed(0)} ms ` +
      `(target: under ${TARGET}); ${(median / bare).toFixed(1)} times a bare sandboxed process (${bare.toFixed(0)} ms)`,
  );
  if (median >= TARGET) process.exitCode = 1;
} finally {
  await room.close();
  rmSync(directory, { recursive: true, force: true });
}
