import { spawn } from 'node:child_process';
import type { Writable } from 'node:stream';
import { signalProcessGroup } from '../cgroup/signal-all.ts';
import { enterGroup, SHELL } from './enter-group.ts';
import type { Program, StartedProgram } from './program.ts';
import { openStreams } from './streams.ts';
import { childEnding } from './supervise.ts';

const STATUS = 3;
const INPUT = 4;

/** Starts a program without the launcher: a shell enters the groups and becomes it. */
export async function startByShell(program: Program, entrances: readonly string[]): Promise<StartedProgram> {
  const streams = await openStreams(program);
  try {
    const child = spawn(SHELL, enterGroup(entrances, program.command, program.fileBytes), {
      env: { ...program.environment },
      cwd: program.folder,
      stdio: [...streams.descriptors, 'pipe', 'pipe'],
      detached: true, // a process group of its own, as under the launcher
    });
    let status = '';
    child.stdio[STATUS]?.on('data', (chunk: Buffer) => (status += chunk.toString('utf8')));
    const input = child.stdio[INPUT] as Writable | undefined;
    input?.on('error', () => {}); // it ended before it read it: its exit tells
    input?.end(program.input ?? '');
    return {
      id: () => child.pid,
      ending: childEnding(child),
      status: () => status,
      kill: () => child.pid !== undefined && signalProcessGroup(child.pid, 'SIGKILL'),
    };
  } finally {
    await streams.close();
  }
}
