import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { silentLog, systemClock, systemRandom } from '@helicase/kernel';
import { createLocalHost } from '../local-host.ts';
import type { StagedInput, TaskRequest } from '../task.ts';
import { shellTask, temporaryDirectory } from '../testing/testing.ts';
import { createUnsandboxedBackend } from './backend.ts';

const directory = temporaryDirectory();
const reads = join(directory, 'reads.fq');
writeFileSync(reads, 'ACGT\n');
const backend = createUnsandboxedBackend({
  ...{ clock: systemClock, log: silentLog, grace: 200 },
  ...{ programs: join(directory, 'programs'), path: '/usr/bin:/bin' },
});
const hostIn = (folder: string) =>
  createLocalHost({
    ...{ backends: [backend], clock: systemClock, random: systemRandom, log: silentLog },
    directory: folder,
  });
const host = hostIn(join(directory, 'run'));

/** A task in the folders that the host names for it. */
function task(script: string, changes: (inputs: string) => Partial<TaskRequest> = () => ({})) {
  const { inputs, work } = host.folders!();
  return shellTask(script, { workDirectory: work, ...changes(inputs) });
}

async function run(request: TaskRequest, signal?: AbortSignal) {
  const outcome = await host.run(request, signal);
  return { ...outcome, said: existsSync(outcome.stdoutPath) ? readFileSync(outcome.stdoutPath, 'utf8') : '' };
}

const read = (target: string): StagedInput => ({ kind: 'uri', uri: reads, target });

describe('a task without a sandbox', () => {
  test('works in the folder that its host named, and its exit code and output are told', async () => {
    const request = task('pwd; echo made > made; exit 3');
    const { exitCode, said, status, workDirectory } = await run(request);
    assert.deepEqual([status, exitCode, said], ['exited', 3, `${request.workDirectory}\n`]);
    assert.equal(workDirectory, request.workDirectory);
    assert.equal(readFileSync(join(workDirectory, 'made'), 'utf8'), 'made\n');
  });

  test('finds its inputs by links, which are gone when it has ended', async () => {
    const request = task('cat ../seen/0/reads.fq in/reads.fq; cat', (inputs) => ({
      inputs: [read(`${inputs}/0/reads.fq`), read(join(inputs, '..', 'work', 'in', 'reads.fq'))],
      stdin: `${inputs}/0/reads.fq`,
    }));
    const { said, workDirectory } = await run(request);
    assert.equal(said, 'ACGT\n'.repeat(3));
    assert.deepEqual(readdirSync(workDirectory), []);
    assert.equal(readFileSync(reads, 'utf8'), 'ACGT\n');
  });

  test('gets nothing of the environment but PATH, LANG and what it asked for', async () => {
    const { said } = await run({ ...task('env'), environment: { HOME: '/nowhere' } });
    const names = said.split('\n').map((line) => line.split('=')[0]);
    assert.deepEqual(names.filter((name) => !['', 'PWD', 'OLDPWD', 'SHLVL', '_'].includes(name!)).sort(), [
      'HOME',
      'LANG',
      'PATH',
    ]);
  });

  test('ends with everything that it started when it is cancelled', async () => {
    const stop = new AbortController();
    const request = task('trap "" TERM; sleep 61.25 & echo $! > child; mv child started; wait; sleep 61.25');
    const running = run(request, stop.signal);
    const started = join(request.workDirectory, 'started');
    while (!existsSync(started)) await systemClock.sleep(10);
    stop.abort();
    assert.equal((await running).status, 'cancelled');
    const child = readFileSync(started, 'utf8').trim();
    assert.equal(existsSync(`/proc/${child}`), false);
  });

  test('cannot be given a file in a place that only a sandbox could make', async () => {
    for (const target of ['/data/reads.fq', '/tmp/reads.fq']) {
      const { message, status } = await run(task('true', () => ({ inputs: [read(target)] })));
      assert.equal(status, 'failed-to-start');
      assert.equal(message, `Without a sandbox nothing can be put at ${target}.`);
    }
  });

  test(
    'may run below /dev, where no task is given anything else',
    { skip: !existsSync('/dev/shm') },
    async () => {
      const folder = mkdtempSync('/dev/shm/helicase-');
      try {
        const shared = hostIn(folder);
        const { inputs, work } = shared.folders!();
        const literal = (target: string): StagedInput => ({ kind: 'literal', content: 'there\n', target });
        const reading = shellTask('cat ../seen/text', {
          workDirectory: work,
          inputs: [literal(`${inputs}/text`)],
        });
        const { status, stdoutPath } = await shared.run(reading);
        assert.equal(status, 'exited');
        assert.equal(readFileSync(stdoutPath, 'utf8'), 'there\n');
        const { message } = await shared.run(task('true', () => ({ inputs: [literal('/dev/text')] })));
        assert.match(message!, /^The path \/dev\/text inside the task belongs to the system/);
      } finally {
        rmSync(folder, { recursive: true });
      }
    },
  );

  test('is given nothing through a link that a copied folder brought along', async () => {
    const elsewhere = join(directory, 'elsewhere');
    const folder = join(directory, 'linking');
    for (const path of [elsewhere, folder]) mkdirSync(path);
    symlinkSync(elsewhere, join(folder, 'out'));
    const { message, status } = await run(
      task('true', (inputs) => ({
        inputs: [
          { kind: 'uri', uri: folder, target: `${inputs}/copy`, writable: true },
          { kind: 'literal', content: 'B', target: `${inputs}/copy/out/new.txt` },
        ],
      })),
    );
    assert.equal(status, 'failed-to-start');
    assert.match(message!, /lies outside/);
    assert.deepEqual(readdirSync(elsewhere), []);
  });

  test('that names no program says so', async () => {
    const { message, status } = await run({ ...task(''), argv: ['no-such-program'] });
    assert.equal(status, 'failed-to-start');
    assert.match(message!, /^no-such-program could not be started: .*No such file/);
  });
});
