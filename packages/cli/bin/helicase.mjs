#!/usr/bin/env node
// Plain JavaScript for any Node: hands over to the Node 24 that the npm package `node` brings where this one is older.
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const entry = join(dirname(fileURLToPath(import.meta.url)), '..', 'helicase.ts');
if (Number(process.versions.node.split('.')[0]) >= 24) {
  await import(entry);
} else {
  const node = join(dirname(createRequire(import.meta.url).resolve('node/package.json')), 'bin', 'node');
  // A signal for the group reaches the child itself; this parent only waits for its end.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {});
  const run = spawnSync(node, [entry, ...process.argv.slice(2)], { stdio: 'inherit' });
  if (run.error) throw run.error;
  process.exitCode = run.status ?? 1;
}
