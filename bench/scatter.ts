/**
 * A 200-way scatter (or as many as the first argument says) of `true`, two at a time, as a WDL run from StartRun to COMPLETED (engine, durable task rows,
 * recorded outcomes, logs, outputs), against `xargs -P2` starting the same sandbox around `true`. Prints the ratio of
 * wall times; exits 1 above the target of 1.3.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openTestRoom } from '../packages/workflows/testing-room.ts';
import { runToItsEnd, registerWdl } from './workflow-runs.ts';
import { makeScatterPeer } from './scatter-peer.ts';

const TASKS = Number(process.argv[2] ?? 200);
const AT_ONCE = 2;
const ROUNDS = Number(process.argv[3] ?? 3);
const TARGET = 1.3;
const MEBIBYTES = 64;

const WORKFLOW = `version 1.0
workflow Scatter { scatter (number in range(${TASKS})) { call nothing } }
task nothing {
  command { true }
  runtime { cpu: 1 memory: "${MEBIBYTES} MiB" }
}
`;

const directory = mkdtempSync(join(tmpdir(), 'scatter-run-'));
const peer = await makeScatterPeer({
  directory: join(directory, 'peer'),
  argv: ['bash', '-c', 'true'],
  memoryBytes: MEBIBYTES * 2 ** 20,
});
const room = await openTestRoom({
  folder: join(directory, 'server'),
  owner: `bench-scatter-${process.pid}`,
  capacity: { cpus: AT_ONCE, memoryBytes: 2 ** 31 },
});
try {
  await room.objects.makeBucket('bucket');
  const workflowId = await registerWdl(room, WORKFLOW);
  const ours: number[] = [];
  const peers: number[] = [];
  for (let round = 1; round <= ROUNDS; round += 1) {
    peers.push(await peer.run(TASKS, AT_ONCE));
    const begun = performance.now();
    await runToItsEnd(room, workflowId);
    ours.push((performance.now() - begun) / 1000);
    console.log(`round ${round}: run ${ours.at(-1)!.toFixed(2)} s, xargs ${peers.at(-1)!.toFixed(2)} s`);
  }
  const ratio = Math.min(...ours) / Math.min(...peers);
  console.log(
    `${TASKS} tasks of true, ${AT_ONCE} at a time, StartRun to COMPLETED: ${ratio.toFixed(2)} times the wall time of xargs (target: at most ${TARGET})`,
  );
  if (ratio > TARGET) process.exitCode = 1;
} finally {
  await room.close();
  rmSync(directory, { recursive: true, force: true });
}
