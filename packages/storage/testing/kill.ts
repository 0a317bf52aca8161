import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const SERVER = fileURLToPath(new URL('./import-server.ts', import.meta.url));

/** A repeatable sequence of numbers from 0 to 1. */
export function* seeded(seed: number): Generator<number, never> {
  for (let state = seed; ;) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    yield state / 2 ** 32;
  }
}

/** Lets a server work for so many milliseconds after it began to claim jobs, then kills it. */
export async function workAndDie(
  folder: string,
  milliseconds: number,
  ...more: readonly string[]
): Promise<void> {
  const server = spawn(process.execPath, [SERVER, folder, ...more], { stdio: ['pipe', 'pipe', 'inherit'] });
  const exit = once(server, 'exit');
  await once(server.stdout, 'data');
  await delay(milliseconds);
  server.kill('SIGKILL');
  await exit;
}
