/**
 * Nextflow: hello world from start to exit, echo tasks two at a time against `xargs -P2` starting the same sandbox, and
 * ten operators over a million items with the most memory that they took.
 * node_modules/.bin/node bench/nextflow.ts [TASKS] [hello|items|tasks...]
 * With NEXTFLOW set to the command of a JVM's Nextflow the same is measured of it, which takes minutes a part.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { makeScatterPeer } from './scatter-peer.ts';

const [given = '1000', ...parts] = process.argv.slice(2);
const tasks = Number(given);
const isAsked = (part: 'hello' | 'items' | 'tasks') => parts.length === 0 || parts.includes(part);
const helicase = [resolve(import.meta.dirname, '../packages/cli/bin/helicase'), 'nextflow'];
const jvm = process.env['NEXTFLOW'] === undefined ? undefined : [process.env['NEXTFLOW']];
const folder = mkdtempSync(join(tmpdir(), 'nextflow-bench-'));
const write = (name: string, content: string) => writeFileSync(join(folder, name), content);

interface Measured {
  readonly seconds: number;
  readonly mebibytes: number;
}

/** A run of a script from start to exit, and the most memory that one of its processes had. */
function run([command = '', ...args]: readonly string[], script: string): Measured {
  const started = performance.now();
  const timed = ['-f', '%M', '-o', 'memory', command, ...args, '-q', 'run', script];
  const done = spawnSync('/usr/bin/time', timed, { cwd: folder, encoding: 'utf8', maxBuffer: 2 ** 28 });
  const seconds = (performance.now() - started) / 1_000;
  if (done.status !== 0) throw new Error(`${command} ${script}: ${done.stdout}${done.stderr}`);
  const { stdout } = spawnSync('tail', ['-n1', 'memory'], { cwd: folder, encoding: 'utf8' });
  rmSync(join(folder, 'work'), { recursive: true, force: true });
  return { seconds, mebibytes: Number(stdout) / 1_024 };
}

const operators = '.map { v -> v + 1 }.filter { v -> v > 0 }'.repeat(5);
const items = (count: number) => `workflow { channel.of(1..${count})${operators}.count().view() }\n`;
write('hello.nf', "println 'Hello world!'\n");
write('items.nf', items(1_000_000));
write('fewer.nf', items(100_000));
write(
  'tasks.nf',
  `process E { maxForks 2\n cpus 1\n memory '256 MB'\n input: val n\n script: "echo $n" }\nworkflow { E(channel.fromList((1..${tasks}).toList())) }\n`,
);

const commands = { ours: helicase, ...(jvm && { 'the JVM’s': jvm }) };

try {
  for (const [name, command] of Object.entries(commands)) {
    if (!isAsked('hello')) continue;
    run(command, 'hello.nf'); // what is made once is made
    const hellos = Array.from({ length: 5 }, () => run(command, 'hello.nf').seconds);
    console.log(`hello world, ${name}, best of 5: ${(Math.min(...hellos) * 1_000).toFixed(0)} ms`);
  }
  for (const [name, command] of Object.entries(commands)) {
    if (!isAsked('items')) continue;
    const [fewer, all] = [run(command, 'fewer.nf'), run(command, 'items.nf')];
    console.log(
      `10 operators over 1,000,000 items, ${name}: ${all.seconds.toFixed(2)} s, ${(10_000 / all.seconds).toFixed(0)} thousand operator-items/s; ${all.mebibytes.toFixed(0)} MiB, for 100,000 items ${fewer.mebibytes.toFixed(0)} MiB`,
    );
  }
  if (isAsked('tasks')) await measureTasks();
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function measureTasks(): Promise<void> {
  const argv = ['/bin/bash', '-c', 'echo 1'];
  const peer = await makeScatterPeer({ directory: join(folder, 'peer'), argv, memoryBytes: 256 * 2 ** 20 });
  const xargs = await peer.run(tasks, 2);
  const told = (name: string, { seconds }: Measured) =>
    console.log(
      `${tasks} echo tasks, two at a time, ${name}: ${seconds.toFixed(1)} s; xargs -P2 with the same sandbox: ${xargs.toFixed(1)} s; ratio ${(seconds / xargs).toFixed(2)}`,
    );
  told('ours', run(helicase, 'tasks.nf'));
  if (jvm) told('the JVM’s, without a sandbox', run(jvm, 'tasks.nf'));
}
