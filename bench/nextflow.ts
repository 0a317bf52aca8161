/**
 * Nextflow: hello world from start to exit, echo tasks two at a time against `xargs -P2` starting the same sandbox, and
 * ten operators over a million items. node_modules/.bin/node bench/nextflow.ts [TASKS]
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const tasks = Number(process.argv[2] ?? 1_000);
const root = resolve(import.meta.dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'nextflow-bench-'));
const write = (name: string, content: string) => writeFileSync(join(folder, name), content);

function seconds(command: string, args: readonly string[]): number {
  const started = performance.now();
  const done = spawnSync(command, args, { cwd: folder, encoding: 'utf8', maxBuffer: 2 ** 28 });
  if (done.status !== 0) throw new Error(`${command} ${args.join(' ')}: ${done.stdout}${done.stderr}`);
  return (performance.now() - started) / 1_000;
}
const run = (script: string) =>
  seconds(join(root, 'node_modules/.bin/node'), [
    join(root, 'packages/cli/helicase.ts'),
    'nextflow',
    '-q',
    'run',
    script,
  ]);

write('hello.nf', "println 'Hello world!'\n");
write(
  'tasks.nf',
  `process E { input: val n\n script: "echo $n" }\nworkflow { E(channel.fromList((1..${tasks}).toList())) }\n`,
);
write(
  'items.nf',
  `workflow { channel.of(1..1000000)${'.map { v -> v + 1 }.filter { v -> v > 0 }'.repeat(5)}.count().view() }\n`,
);
const bwrap = [
  'bwrap',
  '--ro-bind',
  '/usr',
  '/usr',
  '--symlink',
  'usr/bin',
  '/bin',
  '--symlink',
  'usr/lib',
  '/lib',
  '--symlink',
  'usr/lib64',
  '/lib64',
];
const sandbox = [
  ...bwrap,
  '--proc',
  '/proc',
  '--dev',
  '/dev',
  '--tmpfs',
  '/tmp',
  '--unshare-all',
  '--die-with-parent',
  '/bin/bash',
  '-c',
];

try {
  console.log(
    `hello world, best of 5: ${(Math.min(...Array.from({ length: 5 }, () => run('hello.nf'))) * 1_000).toFixed(0)} ms`,
  );
  const items = run('items.nf');
  console.log(
    `10 operators over 1,000,000 items: ${items.toFixed(2)} s, ${((10 / items) * 1_000).toFixed(0)} thousand operator-items/s`,
  );
  const peer = seconds('sh', [
    '-c',
    `seq ${tasks} | xargs -P2 -I{} ${sandbox.join(' ')} 'echo {}' > /dev/null`,
  ]);
  const ours = run('tasks.nf');
  console.log(
    `${tasks} echo tasks: ${ours.toFixed(1)} s; xargs -P2 with a sandbox: ${peer.toFixed(1)} s; ratio ${(ours / peer).toFixed(2)}`,
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
