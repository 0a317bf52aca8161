/**
 * The peer of the scatter benchmarks: `xargs -P` starting the sandbox that tasks run in (the same bubblewrap
 * arguments, a control group with the same limits) around `true`, as a shell user would write it by hand.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { rootPrincipal, systemClock } from '@helicase/kernel';
import { detectControlGroups, type TaskLaunch } from '@helicase/runtime';
import { emptyAndRemove } from '../packages/runtime/cgroup/empty.ts';
import { enterGroup } from '../packages/runtime/process/enter-group.ts';
import { environmentArguments, sandboxArguments } from '../packages/runtime/sandbox/arguments.ts';
import { makeHostView } from '../packages/runtime/sandbox/host-view.ts';

/** Of this process: a round that was broken off leaves groups. */
const OWNER = `bench-peer-${process.pid}`;
const SCOPE = { account: '123456789012', region: 'us-east-1' };

export interface PeerOptions {
  /** A folder of the peer's own. */
  readonly directory: string;
  readonly argv: readonly string[];
  readonly memoryBytes: number;
}

export interface ScatterPeer {
  /** Seconds that `tasks` sandboxes took, `atOnce` at a time. */
  run(tasks: number, atOnce: number): Promise<number>;
}

/** A group, its limits, the sandbox, in a script that takes the task's name. */
export async function makeScatterPeer({ argv, directory, memoryBytes }: PeerOptions): Promise<ScatterPeer> {
  execFileSync('mkdir', ['-p', directory]);
  const view = await makeHostView(join(directory, 'view'), []);
  const launch: TaskLaunch = {
    attemptId: 'peer',
    actor: { scope: SCOPE, principal: rootPrincipal(SCOPE.account) },
    argv,
    environment: {},
    workDirectory: '/work',
    mounts: [
      { source: '@WORK@/work', target: '/work', readOnly: false },
      { source: '@WORK@/tmp', target: '/tmp', readOnly: false },
    ],
    resources: { cpus: 1, memoryBytes },
    network: false,
    stdoutPath: '',
    stderrPath: '',
  };
  const args = sandboxArguments(view, launch);
  const environment = join(directory, 'environment');
  writeFileSync(environment, environmentArguments(launch));
  const group = detectControlGroups({ owner: OWNER }).open('@NAME@');
  const groups = group.entrances.map((entrance) =>
    entrance.slice(0, entrance.lastIndexOf('/')).replace('@NAME@', '$1'),
  );
  const enter = enterGroup(group.entrances, ['bwrap', ...args])
    .map(quote)
    .join(' ');
  const script = [
    '#!/bin/sh -e',
    `w="${directory}/tasks/$1"; mkdir -p "$w/work" "$w/tmp"`,
    `mkdir ${groups.map((path) => `"${path}"`).join(' ')}`,
    ...groups.map((path) => limits(path, memoryBytes)).filter(Boolean),
    `sh ${enter} > "$w/stdout" 2> "$w/stderr" 3> /dev/null 4< "${environment}"`,
    'rmdir "$w/tmp"',
  ];
  const path = join(directory, 'peer.sh');
  writeFileSync(path, script.join('\n'), { mode: 0o755 });
  return { run: (tasks, atOnce) => run(directory, path, tasks, atOnce) };
}

async function run(directory: string, script: string, tasks: number, atOnce: number): Promise<number> {
  execFileSync('rm', ['-rf', join(directory, 'tasks')]);
  detectControlGroups({ owner: OWNER }); // makes the folder that went with the last round's last group
  const names = Array.from({ length: tasks }, (_, index) => `t${index}`).join('\n');
  try {
    const begun = performance.now();
    const { status, stderr } = spawnSync('xargs', [`-P${atOnce}`, '-n1', script], { input: names });
    const seconds = (performance.now() - begun) / 1000;
    if (status !== 0) throw new Error(`xargs failed: ${stderr.toString()}`);
    return seconds;
  } finally {
    await removeGroups();
  }
}

/** Outside of the peer's time: removing a group at once often finds it busy still, and waiting in a shell is dear. */
async function removeGroups(): Promise<void> {
  const groups = detectControlGroups({ owner: OWNER });
  for (const name of groups.list()) await emptyAndRemove(groups.open(name), systemClock);
  groups.open('').remove();
}

/** One word of the shell, with the two places that differ from task to task left open. */
function quote(argument: string): string {
  const word = `'${argument.replaceAll("'", `'\\''`)}'`;
  return word.replaceAll('@WORK@', `'"$w"'`).replaceAll('@NAME@', `'"$1"'`);
}

function limits(group: string, memory: number): string {
  if (group.includes('/memory/')) return `echo ${memory} > "${group}/memory.limit_in_bytes"`;
  if (group.includes('/cpu/')) return `echo 100000 > "${group}/cpu.cfs_quota_us"`;
  if (group.includes('/pids/')) return `echo 4096 > "${group}/pids.max"`;
  if (group.includes('/cpuacct/')) return '';
  return `echo ${memory} > "${group}/memory.max"; echo '100000 100000' > "${group}/cpu.max"; echo 4096 > "${group}/pids.max"`;
}
