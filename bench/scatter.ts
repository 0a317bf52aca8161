/**
 * A scatter of `true`, two at a time, as a WDL run from StartRun to COMPLETED (engine, durable task rows, recorded
 * outcomes, logs, outputs), against `xargs -P2` starting the same sandbox around `true`, in turns:
 *
 *     node_modules/.bin/node bench/scatter.ts [--rounds N] [COUNT ...]     200 tasks and 3 rounds unless told
 *
 * Prints the ratio of the best wall times for each count, what one task takes, and the memory of the server; exits 1 where
 * a ratio is above the target of 1.3, or a task of the largest count takes more than 1.3 times one of the smallest.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openTestRoom } from '../packages/workflows/testing-room.ts';
import { runToItsEnd, registerWdl } from './workflow-runs.ts';
import { makeScatterPeer } from './scatter-peer.ts';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: 'string', default: '3' } },
});
const COUNTS = positionals.length > 0 ? positionals.map(Number) : [200];
const ROUNDS = Number(values.rounds);
const AT_ONCE = 2;
const TARGET = 1.3;
const MEBIBYTES = 64;

const workflow = (tasks: number) => `version 1.0
workflow Scatter { scatter (number in range(${tasks})) { call nothing } }
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
  const milliseconds: number[] = [];
  for (const tasks of COUNTS) milliseconds.push(await compare(tasks));
  const growth = milliseconds.at(-1)! / milliseconds[0]!;
  if (COUNTS.length > 1)
    console.log(
      `a task of ${COUNTS.at(-1)} takes ${growth.toFixed(2)} times one of ${COUNTS[0]} (target: ${TARGET})`,
    );
  if (growth > TARGET) process.exitCode = 1;
} finally {
  await room.close();
  rmSync(directory, { recursive: true, force: true });
}

/** Milliseconds that one of our tasks took. */
async function compare(tasks: number): Promise<number> {
  const workflowId = await registerWdl(room, workflow(tasks));
  const ours: number[] = [];
  const peers: number[] = [];
  for (let round = 1; round <= ROUNDS; round += 1) {
    peers.push(await peer.run(tasks, AT_ONCE));
    const begun = performance.now();
    await runToItsEnd(room, workflowId);
    ours.push((performance.now() - begun) / 1000);
    console.log(`round ${round}: run ${ours.at(-1)!.toFixed(2)} s, xargs ${peers.at(-1)!.toFixed(2)} s`);
  }
  const best = Math.min(...ours);
  const ratio = best / Math.min(...peers);
  console.log(
    `${tasks} tasks of true, ${AT_ONCE} at a time, StartRun to COMPLETED: ${ratio.toFixed(2)} times the wall time of xargs ` +
      `(target: at most ${TARGET}), ${((best / tasks) * 1000).toFixed(1)} ms a task; ` +
      `the server had ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MiB at most`,
  );
  if (ratio > TARGET) process.exitCode = 1;
  return (best / tasks) * 1000;
}
