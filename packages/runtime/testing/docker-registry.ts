import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { systemClock } from '@helicase/kernel';

/** Debian's docker-registry on a free port of the loopback address. */
export interface TestRegistry {
  readonly port: number;
  readonly url: string;
  stop(): void;
}

/** Keeps its bytes in the folder; deletion is allowed. */
export async function startRegistry(folder: string): Promise<TestRegistry> {
  mkdirSync(folder, { recursive: true });
  const port = await freePort();
  const path = join(folder, 'registry.yml');
  const storage = `storage:\n  filesystem:\n    rootdirectory: ${join(folder, 'bytes')}\n  delete:\n    enabled: true\n`;
  writeFileSync(path, `version: 0.1\nlog:\n  level: error\n${storage}http:\n  addr: 127.0.0.1:${port}\n`);
  const child = spawn('docker-registry', ['serve', path], { stdio: 'ignore' });
  const url = `http://127.0.0.1:${port}`;
  const stop = () => void child.kill();
  for (let tries = 0; tries < 100; tries++) {
    const isThere = await fetch(`${url}/v2/`).then(
      (answer) => answer.ok,
      () => false,
    );
    if (isThere) return { port, url, stop };
    await systemClock.sleep(100);
  }
  stop();
  throw new Error('docker-registry did not answer within ten seconds');
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}
