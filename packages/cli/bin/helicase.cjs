#!/usr/bin/env node
'use strict';
// Plain JavaScript for any Node: hands over to the Node 24 that the npm package `node` brings where this one is older.
const { dirname, join } = require('node:path');

const args = process.argv.slice(2);
if (Number(process.versions.node.split('.')[0]) >= 24) start();
else handOver();

function start() {
  const { freshBundle, runCompiled } = require('../bundle/load.cjs');
  const bundle = freshBundle(join(__dirname, '..', 'command-line.ts'));
  if (bundle !== undefined) void runCompiled(bundle, require, (address) => import(address)).commandLine(args);
  else
    void import('../bundle/bundled.ts')
      .then(({ bundled }) => bundled('command-line.ts'))
      .then(({ commandLine }) => commandLine(args));
}

function handOver() {
  const { spawnSync } = require('node:child_process');
  const node = join(dirname(require.resolve('node/package.json')), 'bin', 'node');
  // A signal for the group reaches the child itself; this parent only waits for its end.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {});
  const run = spawnSync(node, [__filename, ...args], { stdio: 'inherit' });
  if (run.error) throw run.error;
  process.exitCode = run.status ?? 1;
}
