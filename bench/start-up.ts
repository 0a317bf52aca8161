/**
 * From starting the process to the first answered request: /healthz, and a signed GetCallerIdentity. First on an empty
 * folder, then on the same folder again; against the time that bare Node needs to answer HTTP. Target: under 1 s.
 * Usage: node bench/start-up.ts [runs]
 */
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readCredentials } from '@helicase/server';

const runs = Number(process.argv[2] ?? 7);
const entry = join(import.meta.dirname, '..', 'packages', 'cli', 'helicase.ts');
const bare = `require('node:http').createServer((q, r) => r.end('{}')).listen(Number(process.argv[1]), '127.0.0.1')`;

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

/** Milliseconds until `ask` succeeds first. */
async function untilAnswered(start: number, ask: () => Promise<unknown>): Promise<number> {
  for (;;) {
    try {
      await ask();
      return performance.now() - start;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 2)); // not listening yet
    }
  }
}

async function stop(child: ChildProcess): Promise<void> {
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await gone;
}

async function timeBare(): Promise<number> {
  const port = await freePort();
  const start = performance.now();
  const child = spawn(process.execPath, ['-e', bare, String(port)], { stdio: 'ignore' });
  const answered = await untilAnswered(start, () => fetch(`http://127.0.0.1:${port}/`));
  await stop(child);
  return answered;
}

async function timeHelicase(data: string): Promise<{ health: number; signed: number }> {
  const port = await freePort();
  const start = performance.now();
  const child = spawn(
    process.execPath,
    [entry, 'serve', '--data', data, '--port', String(port), '--host', '127.0.0.1'],
    { stdio: 'ignore' },
  );
  const health = await untilAnswered(start, () => fetch(`http://127.0.0.1:${port}/healthz`));
  const credentials = readCredentials(data)!;
  const sts = new STSClient({
    endpoint: `http://127.0.0.1:${port}`,
    region: credentials.region,
    credentials,
  });
  const signed = await untilAnswered(start, () => sts.send(new GetCallerIdentityCommand({})));
  await stop(child);
  return { health, signed };
}

const median = (values: readonly number[]) =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;

const bareTimes: number[] = [];
const fresh: { health: number; signed: number }[] = [];
const again: { health: number; signed: number }[] = [];
for (let run = 0; run < runs; run++) {
  const folder = mkdtempSync(join(tmpdir(), 'helicase-bench-'));
  bareTimes.push(await timeBare());
  fresh.push(await timeHelicase(join(folder, 'data')));
  again.push(await timeHelicase(join(folder, 'data')));
  rmSync(folder, { recursive: true, force: true });
}
const peer = median(bareTimes);
const row = (name: string, value: number) =>
  console.log(
    `${name.padEnd(48)} ${value.toFixed(0).padStart(6)} ms  ${(value / peer).toFixed(1)} x bare Node`,
  );
console.log(`Median of ${runs} runs; target for Helicase: under 1000 ms`);
row('bare Node HTTP server, first answer', peer);
row('helicase serve, empty folder: /healthz', median(fresh.map((time) => time.health)));
row('helicase serve, empty folder: signed request', median(fresh.map((time) => time.signed)));
row('helicase serve, same folder again: /healthz', median(again.map((time) => time.health)));
row('helicase serve, same folder again: signed request', median(again.map((time) => time.signed)));
