import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { attemptPaths, type LocalInput, removeStands, stage } from './staging.ts';
import {
  forgetGroups,
  noSandbox,
  shellTask,
  temporaryDirectory,
  testRunner,
  testSandbox,
  ACTOR,
} from './testing/testing.ts';
import type { StagedInput, TaskRequest } from './task.ts';

const directory = realpathSync(temporaryDirectory());
const sources = join(directory, 'sources');
mkdirSync(join(sources, 'folder'), { recursive: true });
writeFileSync(join(sources, 'reads.txt'), 'ACGT');
writeFileSync(join(sources, 'folder', 'a.txt'), 'A');
const skip = await noSandbox(directory);
forgetGroups(`test-staging-${process.pid}`);
const runner = testRunner(directory, [testSandbox(directory, `test-staging-${process.pid}`)]);
/** Of `shellTask`. */
const WORK = '/work';
let attempts = 0;

async function staged(inputs: LocalInput[], changes: Partial<TaskRequest> = {}) {
  const paths = attemptPaths(directory, 'staged', `attempt-${++attempts}`);
  return { paths, ...(await stage(paths, shellTask('true', changes), inputs)) };
}

function local(name: string, target: string, writable = false): LocalInput {
  const source = join(sources, name);
  return { input: { kind: 'path', path: source, target, ...(writable ? { writable } : {}) }, source };
}

async function run(script: string, inputs: StagedInput[], changes: Partial<TaskRequest> = {}) {
  const outcome = await runner.run({
    ...{ runId: 'run', attemptId: `run-attempt-${++attempts}`, actor: ACTOR, readable: [sources] },
    request: shellTask(script, { inputs, ...changes }),
  });
  const stdout = existsSync(outcome.stdoutPath) ? readFileSync(outcome.stdoutPath, 'utf8') : '';
  return { ...outcome, stdout };
}

describe('staging inputs', () => {
  test('read-only inputs are mounted where they lie, not copied', async () => {
    const { mounts, paths } = await staged([
      local('reads.txt', '/in/reads.txt'),
      local('folder', '/in/folder'),
    ]);
    assert.deepEqual(mounts.slice(2), [
      { source: join(sources, 'reads.txt'), target: '/in/reads.txt', readOnly: true },
      { source: join(sources, 'folder'), target: '/in/folder', readOnly: true },
    ]);
    assert.deepEqual(readdirSync(paths.work), []);
  });

  test('writable inputs are copies, literals are written, in the work directory where they belong there', async () => {
    const literal: LocalInput = { input: { kind: 'literal', content: 'k=v', target: `${WORK}/conf/x.ini` } };
    const { mounts, paths } = await staged([
      local('folder', `${WORK}/folder`, true),
      local('reads.txt', '/elsewhere/reads.txt', true),
      literal,
    ]);
    assert.equal(readFileSync(join(paths.work, 'folder/a.txt'), 'utf8'), 'A');
    assert.equal(readFileSync(join(paths.work, 'conf/x.ini'), 'utf8'), 'k=v');
    const copy = mounts.find(({ target }) => target === '/elsewhere/reads.txt')!;
    assert.equal(copy.readOnly, false);
    writeFileSync(copy.source, 'changed');
    assert.equal(readFileSync(join(sources, 'reads.txt'), 'utf8'), 'ACGT');
  });

  test('what stands in the work directory for a mounted input is gone afterwards, and nothing else', async () => {
    const { paths, stands } = await staged([
      local('reads.txt', `${WORK}/in/deep/reads.txt`),
      local('folder', `${WORK}/folder`),
    ]);
    assert.equal(statSync(join(paths.work, 'in/deep/reads.txt')).size, 0);
    writeFileSync(join(paths.work, 'in/result.txt'), '');
    await removeStands(paths.work, stands);
    assert.deepEqual(readdirSync(paths.work), ['in']);
    assert.deepEqual(readdirSync(join(paths.work, 'in')), ['result.txt']);
  });

  test('a link that the task put in a parent folder leads the removal nowhere', async () => {
    const { paths, stands } = await staged([local('reads.txt', `${WORK}/in/reads.txt`)]);
    const other = join(directory, 'other');
    mkdirSync(other);
    writeFileSync(join(other, 'reads.txt'), '');
    rmSync(join(paths.work, 'in'), { recursive: true });
    symlinkSync(other, join(paths.work, 'in'));
    await removeStands(paths.work, stands);
    assert.deepEqual(readdirSync(other), ['reads.txt']);
  });

  test('many inputs of one folder share one mount of hard links', async () => {
    mkdirSync(join(sources, 'many'));
    const inputs = Array.from({ length: 500 }, (_, index) => {
      writeFileSync(join(sources, 'many', `${index}.vcf`), `${index}`);
      return local(`many/${index}.vcf`, `/in/${index}.vcf`);
    });
    const { mounts } = await staged([...inputs, local('folder', '/in/folder')]);
    assert.deepEqual(
      mounts.slice(2).map(({ target }) => target),
      ['/in', '/in/folder'],
    );
    const linked = statSync(join(mounts[2]!.source, '17.vcf'));
    assert.equal(linked.ino, statSync(join(sources, 'many/17.vcf')).ino);
  });

  test('standard input is the host file of an input, a file in an input folder, and never anything else', async () => {
    const inputs = [local('reads.txt', '/in/reads.txt'), local('folder', '/in/folder')];
    assert.equal((await staged(inputs, { stdin: '/in/reads.txt' })).stdin, join(sources, 'reads.txt'));
    assert.equal((await staged(inputs, { stdin: '/in/folder/a.txt' })).stdin, join(sources, 'folder/a.txt'));
    await assert.rejects(staged(inputs, { stdin: '/etc/shadow' }), /none of its inputs/);
    symlinkSync('/etc/hostname', join(sources, 'folder', 'link'));
    await assert.rejects(staged(inputs, { stdin: '/in/folder/link' }), /outside of its folders/);
    rmSync(join(sources, 'folder', 'link'));
  });
});

describe('a task with staged inputs', { skip }, () => {
  test('sees them all, in its work directory and elsewhere', async () => {
    const outcome = await run(
      `cat /in/reads.txt ${WORK}/folder/a.txt ${WORK}/x.txt; cat`,
      [
        { kind: 'uri', uri: `file://${sources}/reads.txt`, target: '/in/reads.txt' },
        { kind: 'path', path: join(sources, 'folder'), target: `${WORK}/folder` },
        { kind: 'literal', content: ' literal ', target: `${WORK}/x.txt` },
      ],
      { stdin: '/in/reads.txt' },
    );
    assert.equal(outcome.stdout, 'ACGTA literal ACGT');
    assert.deepEqual(readdirSync(outcome.workDirectory), ['x.txt']);
  });

  test('sees five hundred of them, read-only', async () => {
    const inputs = Array.from({ length: 500 }, (_, index): StagedInput => ({
      ...{ kind: 'path', path: join(sources, 'many', `${index}.vcf`) },
      target: `/in/${index}.vcf`,
    }));
    const outcome = await run('cat /in/*.vcf | wc -c; echo x > /in/3.vcf; ls /in | wc -l', inputs);
    assert.equal(outcome.stdout, '1390\n500\n');
    assert.equal(readFileSync(join(sources, 'many/3.vcf'), 'utf8'), '3');
  });

  test('cannot be given a file outside of what the run may read, named or linked', async () => {
    const link = join(sources, 'passwords');
    symlinkSync('/etc/shadow', link);
    for (const path of ['/etc/shadow', link]) {
      const outcome = await run('cat /in/x', [{ kind: 'path', path, target: '/in/x' }]);
      assert.equal(outcome.status, 'failed-to-start');
      assert.match(outcome.message!, /is not a file of this run/);
    }
  });

  test('is not written through a link that a copied folder brought along', async () => {
    mkdirSync(join(directory, 'elsewhere'));
    symlinkSync(join(directory, 'elsewhere'), join(sources, 'folder', 'out'));
    symlinkSync(join(directory, 'elsewhere', 'b.txt'), join(sources, 'folder', 'b.txt'));
    const copied: StagedInput = {
      ...{ kind: 'path', path: join(sources, 'folder'), target: `${WORK}/copy`, writable: true },
    };
    const through = (target: string): StagedInput => ({ kind: 'literal', content: 'B', target });
    const refused = await run('true', [copied, through(`${WORK}/copy/out/new.txt`)]);
    assert.equal(refused.status, 'failed-to-start');
    assert.match(refused.message!, /lies outside/);
    const replaced = await run('cat copy/b.txt', [copied, through(`${WORK}/copy/b.txt`)]);
    assert.equal(replaced.stdout, 'B');
    const attemptId = `run-attempt-${++attempts}`;
    const { directory: own, work } = runner.paths('run', attemptId);
    const place = join(own, 'copy');
    const inputs = [{ ...copied, target: place }, through(join(place, 'out', 'host.txt'))];
    await runner.run({
      ...{ runId: 'run', attemptId, actor: ACTOR, readable: [sources] },
      request: shellTask('true', { workDirectory: work, inputs }),
    });
    assert.deepEqual(readdirSync(join(directory, 'elsewhere')), []);
  });

  test('cannot be staged over the system or out of the sandbox', async () => {
    for (const target of ['/usr/bin/env', '/proc/1', `${WORK}/../etc/x`, 'relative', '/']) {
      const outcome = await run('true', [{ kind: 'literal', content: '', target }]);
      assert.equal(outcome.status, 'failed-to-start', target);
    }
  });

  test('finds its output in its work directory under the name that was asked for', async () => {
    const names = { stdout: `${WORK}/logs/out.txt`, stderr: `${WORK}/err.txt` };
    const outcome = await run(
      'echo ACGT; echo warning >&2; rm -rf err.txt; ln -s /etc/passwd err.txt',
      [],
      names,
    );
    assert.equal(outcome.exitCode, 0, outcome.message);
    assert.equal(readFileSync(join(outcome.workDirectory, 'logs/out.txt'), 'utf8'), 'ACGT\n');
    assert.equal(readFileSync(join(outcome.workDirectory, 'err.txt'), 'utf8'), 'warning\n');
    assert.equal(outcome.stdout, 'ACGT\n');
    const outside = await run('true', [], { stdout: '/elsewhere/out.txt' });
    assert.match(outside.message!, /does not lie in the work directory/);
    const led = await run('rm -r logs; ln -s /tmp logs; echo x', [], names);
    assert.equal(led.status, 'failed-to-start');
    assert.match(led.message!, /not a file of this run|outside|leaves|allowed/i);
  });

  test('is not given two different inputs at one place', async () => {
    const literal = (content: string): StagedInput => ({ kind: 'literal', content, target: '/in/a.txt' });
    const outcome = await run('cat /in/a.txt', [literal('one'), literal('two')]);
    assert.match(outcome.message!, /Two different inputs would lie at \/in\/a\.txt/);
    assert.equal((await run('cat /in/a.txt', [literal('one'), literal('one')])).stdout, 'one');
  });

  test('a task larger than the machine says what the machine has', async () => {
    const outcome = await run('true', [], { resources: { cpus: 96, memoryBytes: 2 ** 40 } });
    assert.equal(outcome.status, 'failed-to-start');
    assert.match(outcome.message!, /96 vCPUs and 1024 GiB of memory; this machine has 2 vCPUs and 4 GiB/);
  });

  test('a task that is cancelled while it waits never starts', async () => {
    const busy = run('sleep 1', [], { resources: { cpus: 2, memoryBytes: 2 ** 26 } });
    const abort = new AbortController();
    const waiting = runner.run({
      ...{ runId: 'run', attemptId: 'never', actor: ACTOR, request: shellTask('true'), signal: abort.signal },
    });
    abort.abort();
    assert.equal((await waiting).status, 'cancelled');
    assert.ok(!existsSync(runner.paths('run', 'never').directory));
    await busy;
  });
});
