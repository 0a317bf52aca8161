import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { silentLog, systemClock } from '@helicase/kernel';
import {
  ACTOR,
  forgetGroups,
  noSandbox,
  temporaryDirectory,
  testGroups,
  testRunner,
  testSandbox,
} from '../testing/testing.ts';
import { createEngineHost } from './engine-host.ts';
import { type EngineRun, EngineStopped } from './engine-run.ts';

const directory = realpathSync(temporaryDirectory());
const owner = `test-engine-${process.pid}`;
const groups = testGroups(owner);
const skip = await noSandbox(directory);
const runner = testRunner(directory, [testSandbox(directory, `${owner}-tasks`)]);
const logged: string[] = [];
const host = createEngineHost({
  entry: new URL('../testing/engine-entry.ts', import.meta.url),
  clock: systemClock,
  log: silentLog,
  memoryMegabytes: 64,
  grace: 300,
  ...(groups ? { groups } : {}),
});
let runs = 0;

const commandLine = (id: number) => readFileSync(`/proc/${id}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();

after(() => host.close());
forgetGroups(owner);
forgetGroups(`${owner}-tasks`);

function engineRun(main: string, parameters: Record<string, unknown> = {}, signal?: AbortSignal): EngineRun {
  const runId = `run-${++runs}`;
  const runDirectory = join(directory, 'engines', runId);
  const definition = join(directory, 'definition');
  mkdirSync(runDirectory, { recursive: true });
  mkdirSync(definition, { recursive: true });
  return {
    ...{ language: 'WDL', definition, main, parameters, runDirectory },
    readable: [join(directory, 'runs', runId)],
    tasks: {
      run: (request, taskSignal) =>
        runner.run({
          ...{ runId, attemptId: `${runId}-attempt`, request, actor: ACTOR, readable: [directory] },
          ...(taskSignal ? { signal: taskSignal } : {}),
        }),
      stat: async () => ({ size: 7, isDirectory: false }),
      localize: async (uri) => uri.replace('file://', ''),
      log: (level, message) => logged.push(`${level} ${message}`),
    },
    ...(signal ? { signal } : {}),
  };
}

describe('an engine process', { skip }, () => {
  test('asks for facts, bytes and tasks, and answers with outputs and files', async () => {
    const input = join(directory, 'name.txt');
    writeFileSync(input, 'NA12878');
    const run = engineRun('greet', { input: `file://${input}` });
    const result = await host.run(run);
    assert.ok(result.status === 'completed', JSON.stringify(result));
    assert.equal(result.outputs.size, 7);
    assert.equal(result.outputs.exitCode, 0);
    assert.notEqual(result.outputs.pid, process.pid);
    assert.deepEqual(
      result.files.map(({ key }) => key),
      ['out/out.txt', 'out/note.txt'],
    );
    assert.equal(readFileSync(result.files[0]!.path, 'utf8'), 'done\n');
    assert.equal(readFileSync(result.files[1]!.path, 'utf8'), run.runDirectory);
    assert.deepEqual(logged, ['info greeted']);
  });

  test('tells why the workflow failed, with its place', async () => {
    assert.deepEqual(await host.run(engineRun('fail')), {
      status: 'failed',
      failure: {
        reason: 'RUN_TASK_FAILED',
        message: 'align failed',
        exitCode: 3,
        source: { file: 'main.wdl', line: 7, column: 3 },
      },
    });
  });

  test('is ended when it computes for ever and the run is cancelled', async () => {
    const result = await host.run(engineRun('endless', {}, AbortSignal.timeout(300)));
    assert.deepEqual(result, { status: 'cancelled' });
  });

  test('harms only its own run when it takes all memory', async () => {
    const result = await host.run(engineRun('hungry'));
    assert.ok(result.status === 'failed');
    assert.equal(result.failure.reason, 'WORKFLOW_RUN_FAILED');
    assert.match(result.failure.message, /takes more memory than an engine has/);
  });

  test('has its tasks cancelled with the run', async () => {
    assert.deepEqual(await host.run(engineRun('wait', {}, AbortSignal.timeout(600))), {
      status: 'cancelled',
    });
    const tasks = testGroups(`${owner}-tasks`)!;
    const left = tasks.list().flatMap((name) => tasks.open(name).processes());
    // The launcher of the next task may wait there.
    assert.deepEqual(
      left.map(commandLine).filter((line) => line.includes('sleep')),
      [],
    );
  });

  test('cannot publish a file of the host, named or linked', async () => {
    const named = await host.run(engineRun('steal', { path: '/etc/passwd' }));
    assert.ok(named.status === 'failed');
    assert.match(named.failure.message, /\/etc\/passwd is not a file of this run/);
    const run = engineRun('steal');
    const link = join(run.runDirectory, 'result.txt');
    symlinkSync('/etc/passwd', link);
    const linked = await host.run({ ...run, parameters: { path: link } });
    assert.ok(linked.status === 'failed');
    assert.match(linked.failure.message, /not a file of this run/);
  });

  test('is ended when it names an output key outside of the run', async () => {
    const result = await host.run(engineRun('escape'));
    assert.ok(result.status === 'failed');
    assert.match(result.failure.message, /broke the protocol.*relative key/s);
  });

  test('sees nothing of the server environment, starts no process, makes no code', async () => {
    process.env.HELICASE_TEST_SECRET = 'do-not-tell';
    const result = await host.run(engineRun('secrets'));
    delete process.env.HELICASE_TEST_SECRET;
    assert.ok(result.status === 'completed', JSON.stringify(result));
    const { names, ...rest } = result.outputs;
    assert.ok(!JSON.stringify(names).includes('SECRET'));
    assert.deepEqual(rest, { spawned: 'ERR_ACCESS_DENIED', evaluated: 'EvalError' });
  });

  test('waits idle, so that a run does not wait for its start', { skip: !groups }, async () => {
    await host.run(engineRun('who'));
    const idle = () => groups!.list().flatMap((name) => groups!.open(name).processes());
    while (idle().length === 0) await delay(10);
    const waiting = idle();
    const result = await host.run(engineRun('who'));
    assert.ok(result.status === 'completed');
    assert.ok(waiting.includes(result.outputs.pid as number), 'it was there before the run');
  });

  test('does not outlive a host that closes; its run is told to go on later', async () => {
    const closing = createEngineHost({
      entry: new URL('../testing/engine-entry.ts', import.meta.url),
      clock: systemClock,
      log: silentLog,
    });
    const run = closing.run(engineRun('wait'));
    setTimeout(() => void closing.close(), 500);
    await assert.rejects(run, EngineStopped);
    await assert.rejects(closing.run(engineRun('fail')), EngineStopped);
  });
});
