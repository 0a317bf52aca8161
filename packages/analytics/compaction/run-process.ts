import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { MergeRequest } from './merge.ts';

const PROGRAM = fileURLToPath(new URL('./process.ts', import.meta.url));
const LONGEST = 60 * 60 * 1000;
const KEPT_OUTPUT = 4000;

/** Merges files in a process of its own. Rejects with the signal's reason, or what the process last said. */
export async function runMergeProcess(request: MergeRequest, signal: AbortSignal): Promise<number> {
  signal.throwIfAborted();
  const child = spawn(process.execPath, ['--no-warnings', PROGRAM, JSON.stringify(request)], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    env: { PATH: process.env['PATH'] },
    timeout: LONGEST,
    killSignal: 'SIGKILL',
  });
  const kill = () => child.kill('SIGKILL');
  signal.addEventListener('abort', kill, { once: true });
  try {
    return await new Promise<number>((resolve, reject) => {
      let rows: number | undefined;
      let said = '';
      child.stderr!.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-KEPT_OUTPUT)));
      child.on('message', (message) => (rows = message as number));
      child.on('error', reject);
      child.on('close', (code, ended) => {
        if (rows !== undefined) resolve(rows);
        else reject(new Error(`the merging process ended with ${ended ?? code}: ${said.trim()}`));
      });
    });
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener('abort', kill);
    kill();
  }
}
