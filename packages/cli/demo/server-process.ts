import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { readEndpoint } from '@helicase/server';

/** A `helicase serve` of its own process, as a user would start it. */
export interface ServerProcess {
  readonly url: string;
  readonly process: ChildProcess;
  /** Graceful: SIGTERM and wait. */
  stop(): Promise<void>;
}

const START_TIMEOUT = 30_000;

/** Starts a server on `data` and a free port (or the port given); its log goes to `<data>.log`. */
export async function startServer(
  data: string,
  flags: readonly string[] = [],
  how: { readonly node?: readonly string[]; readonly environment?: NodeJS.ProcessEnv } = {},
): Promise<ServerProcess> {
  const entry = join(import.meta.dirname, '..', 'helicase.ts');
  const log = `${data}.log`;
  const child = spawn(
    process.execPath,
    [...(how.node ?? []), entry, 'serve', '--data', data, '--host', '127.0.0.1', '--port', '0', ...flags],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...how.environment },
    },
  );
  const sink = createWriteStream(log, { flags: 'a' });
  child.stdout.pipe(sink, { end: false });
  child.stderr.pipe(sink, { end: false });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const url = await waitForEndpoint(data, child, log);
  return {
    url,
    process: child,
    async stop() {
      child.kill('SIGTERM');
      await exited;
    },
  };
}

async function waitForEndpoint(data: string, child: ChildProcess, log: string): Promise<string> {
  const deadline = Date.now() + START_TIMEOUT;
  while (Date.now() < deadline) {
    if (child.exitCode !== null || child.signalCode !== null)
      throw new Error(
        `the server ended with status ${child.exitCode ?? child.signalCode}:\n${readFileSync(log, 'utf8')}`,
      );
    const endpoint = readEndpoint(data);
    if (endpoint && endpoint.processId === child.pid) return endpoint.urls[0]!;
    await delay(25);
  }
  child.kill('SIGKILL');
  throw new Error(`the server did not answer within ${START_TIMEOUT / 1000} s; its log is ${log}`);
}
