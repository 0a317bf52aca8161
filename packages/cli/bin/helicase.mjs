#!/usr/bin/env node
// Plain JavaScript for any Node: hands over to the Node 24 that the npm package `node` brings where this one is older.
import { spawnSync } from 'node:child_process';
import * as modules from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(import.meta.url);
if (Number(process.versions.node.split('.')[0]) >= 24) {
  // Types are stripped and code compiled once per version of a file: before anything is loaded, so that all of it is.
  const cache = join(dirname(here), '..', '..', '..', 'node_modules', '.cache', 'helicase', 'compiled');
  modules.enableCompileCache(cache);
  await import('../helicase.ts');
} else {
  const node = join(dirname(modules.createRequire(here).resolve('node/package.json')), 'bin', 'node');
  // A signal for the group reaches the child itself; this parent only waits for its end.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {});
  const run = spawnSync(node, [here, ...process.argv.slice(2)], { stdio: 'inherit' });
  if (run.error) throw run.error;
  process.exitCode = run.status ?? 1;
}
