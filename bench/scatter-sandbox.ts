/**
 * A 200-way scatter of `true`, two at a time, through the task runner, against `xargs -P2` starting the same sandbox
 * (the same bubblewrap arguments, a control group with the same limits) around `true`. Prints the ratio of wall times.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rootPrincipal, silentLog, systemClock } from '@helicase/kernel';
import {
  createSandboxBackend,
  createTaskRunner,
  detectControlGroups,
  type TaskRequest,
} from '@helicase/runtime';
import { makeScatterPeer } from './scatter-peer.ts';

const TASKS = 200;
const AT_ONCE = 2;
const ROUNDS = 3;
const MEMORY = 64 * 2 ** 20;
const directory = mkdtempSync(join(tmpdir(), 'scatter-'));

try {
  await compare();
} finally {
  rmSync(directory, { recursive: true, force: true });
}

async function compare(): Promise<void> {
  const ours: number[] = [];
  const peers: number[] = [];
  const peer = await makeScatterPeer({
    directory: join(directory, 'peer'),
    argv: ['true'],
    memoryBytes: MEMORY,
  });
  for (let round = 0; round < ROUNDS; round++) {
    peers.push(await peer.run(TASKS, AT_ONCE));
    ours.push(await runOurs(round));
    console.log(
      `round ${round + 1}: task runner ${ours.at(-1)!.toFixed(2)} s, xargs ${peers.at(-1)!.toFixed(2)} s`,
    );
  }
  const ratio = median(ours) / median(peers);
  console.log(
    `${TASKS} tasks of true, ${AT_ONCE} at a time: ${ratio.toFixed(2)} times the wall time of xargs (target: at most 1.3)`,
  );
  if (ratio > 1.3) process.exitCode = 1;
}

async function runOurs(round: number): Promise<number> {
  const sandbox = createSandboxBackend({
    clock: systemClock,
    log: silentLog,
    directory: join(directory, 'sandbox'),
    groups: () => detectControlGroups({ owner: 'bench' }),
  });
  const runner = createTaskRunner({
    backends: [sandbox],
    clock: systemClock,
    log: silentLog,
    directory: join(directory, 'runs'),
    capacity: { cpus: AT_ONCE, memoryBytes: 2 ** 31 },
    resolve: () => Promise.reject(new Error('no inputs here')),
  });
  const actor = {
    scope: { account: '123456789012', region: 'us-east-1' },
    principal: rootPrincipal('123456789012'),
  };
  const why = await sandbox.unavailable(); // compiles the launcher, once for a data directory
  if (why !== undefined) throw new Error(why);
  const begun = performance.now();
  const outcomes = await Promise.all(
    Array.from({ length: TASKS }, (_, index) =>
      runner.run({
        runId: `run-${round}`,
        attemptId: `attempt-${round}-${index}`,
        request: request(index),
        actor,
      }),
    ),
  );
  const seconds = (performance.now() - begun) / 1000;
  await sandbox.close?.();
  if (outcomes.some(({ exitCode }) => exitCode !== 0))
    throw new Error(`a task failed: ${JSON.stringify(outcomes[0])}`);
  return seconds;
}

function request(index: number): TaskRequest {
  return {
    call: `main.scatter[${index}]`,
    attempt: 1,
    name: `scatter-${index}`,
    argv: ['true'],
    environment: {},
    workDirectory: '/work',
    resources: { cpus: 1, memoryBytes: MEMORY },
    inputs: [],
  };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}
