/**
 * A 200-way scatter of `true`, two at a time, through the task runner, against `xargs -P2` starting the same sandbox
 * (the same bubblewrap arguments, a control group with the same limits) around `true`. Prints the ratio of wall times.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rootPrincipal, silentLog, systemClock } from '@helicase/kernel';
import {
  createSandboxBackend,
  createTaskRunner,
  detectControlGroups,
  type TaskRequest,
} from '@helicase/runtime';
import { emptyAndRemove } from '../packages/runtime/cgroup/empty.ts';
import { enterGroup } from '../packages/runtime/process/enter-group.ts';
import { sandboxArguments } from '../packages/runtime/sandbox/arguments.ts';
import { makeHostView } from '../packages/runtime/sandbox/host-view.ts';

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
  const peer = await writePeer();
  for (let round = 0; round < ROUNDS; round++) {
    peers.push(runPeer(peer));
    await removePeerGroups();
    ours.push(await runOurs(round));
    console.log(
      `round ${round + 1}: task runner ${ours.at(-1)!.toFixed(2)} s, xargs ${peers.at(-1)!.toFixed(2)} s`,
    );
  }
  const ratio = median(ours) / median(peers);
  console.log(
    `${TASKS} tasks of true, ${AT_ONCE} at a time: ${ratio.toFixed(2)} times the wall time of xargs (target: at most 2)`,
  );
  if (ratio > 2) process.exitCode = 1;
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

/** What a shell user would write by hand for the same effect: a group, its limits, the sandbox, the group's end. */
async function writePeer(): Promise<string> {
  const view = await makeHostView(join(directory, 'peer'), []);
  const args = sandboxArguments(view, {
    attemptId: 'peer',
    argv: ['true'],
    environment: {},
    workDirectory: '/work',
    mounts: [
      { source: '@WORK@/work', target: '/work', readOnly: false },
      { source: '@WORK@/tmp', target: '/tmp', readOnly: false },
    ],
    resources: { cpus: 1, memoryBytes: MEMORY },
    network: false,
    stdoutPath: '',
    stderrPath: '',
  });
  const group = detectControlGroups({ owner: 'bench-peer' }).open('@NAME@');
  const groups = group.entrances.map((entrance) =>
    entrance.slice(0, entrance.lastIndexOf('/')).replace('@NAME@', '$1'),
  );
  const enter = enterGroup(group.entrances, ['bwrap', ...args])
    .map(quote)
    .join(' ');
  const limits = groups.map(limitLine).filter(Boolean);
  const script = [
    '#!/bin/sh -e',
    `w="${directory}/peer-work/$1"; mkdir -p "$w/work" "$w/tmp"`,
    `mkdir ${groups.map((path) => `"${path}"`).join(' ')}`,
    ...limits,
    `sh ${enter} > "$w/stdout" 2> "$w/stderr" 3> /dev/null`,
    'rmdir "$w/tmp"',
  ];
  const path = join(directory, 'peer.sh');
  writeFileSync(path, script.join('\n'), { mode: 0o755 });
  return path;
}

/** One word of the shell, with the two places that differ from task to task left open. */
function quote(argument: string): string {
  const word = `'${argument.replaceAll("'", `'\\''`)}'`;
  return word.replaceAll('@WORK@', `'"$w"'`).replaceAll('@NAME@', `'"$1"'`);
}

function limitLine(group: string): string {
  if (group.includes('/memory/')) return `echo ${MEMORY} > "${group}/memory.limit_in_bytes"`;
  if (group.includes('/cpu/')) return `echo 100000 > "${group}/cpu.cfs_quota_us"`;
  if (group.includes('/pids/')) return `echo 4096 > "${group}/pids.max"`;
  if (group.includes('/cpuacct/')) return '';
  return `echo ${MEMORY} > "${group}/memory.max"; echo '100000 100000' > "${group}/cpu.max"; echo 4096 > "${group}/pids.max"`;
}

function runPeer(script: string): number {
  execFileSync('rm', ['-rf', join(directory, 'peer-work')]);
  detectControlGroups({ owner: 'bench-peer' }); // makes the folder that went with the last group
  const numbers = Array.from({ length: TASKS }, (_, index) => `t${index}`).join('\n');
  const begun = performance.now();
  const { status, stderr } = spawnSync('xargs', [`-P${AT_ONCE}`, '-n1', script], { input: numbers });
  const seconds = (performance.now() - begun) / 1000;
  if (status !== 0) throw new Error(`xargs failed: ${stderr.toString()}`);
  return seconds;
}

/** Outside of the peer's time: removing a group at once often finds it busy still, and waiting in a shell is dear. */
async function removePeerGroups(): Promise<void> {
  const groups = detectControlGroups({ owner: 'bench-peer' });
  for (const name of groups.list()) await emptyAndRemove(groups.open(name), systemClock);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}
