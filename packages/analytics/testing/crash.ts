import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const SERVER = fileURLToPath(new URL('./importing-server.ts', import.meta.url));

/** A server on the directory, killed after the time given. */
export async function crashAfter(directory: string, milliseconds: number): Promise<void> {
  const child: ChildProcess = spawn(process.execPath, ['--no-warnings', SERVER, directory], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout!, 'data');
  await delay(milliseconds);
  child.kill('SIGKILL');
  await once(child, 'exit');
}
