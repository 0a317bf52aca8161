import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { silentLog, systemClock } from '@helicase/kernel';
import { BUSYBOX, makeBusyboxImage, must } from '../testing/busybox-image.ts';
import { testContainers } from '../testing/container-runner.ts';
import { FOUND_IMAGE } from '../testing/shell-task.ts';
import { ACTOR, forgetGroups, shellTask, temporaryDirectory, testGroups } from '../testing/testing.ts';

const directory = temporaryDirectory();
const owner = `test-found-${process.pid}`;
const logged: { readonly facts: object; readonly message: string }[] = [];
const log = {
  ...silentLog,
  warn: (facts: object, message: string) => void logged.push({ facts, message }),
};
const { backend, runner } = testContainers(directory, owner, log);
const why = await backend.unavailable();
const skip = why ?? (existsSync(BUSYBOX) ? false : 'busybox-static is not installed');

if (!skip) {
  mkdirSync(join(directory, 'images'));
  await makeBusyboxImage(join(directory, 'build'));
  const to = `oci:${join(directory, 'images/busybox')}:${FOUND_IMAGE}`;
  await must('skopeo', ['copy', '--quiet', `oci:${join(directory, 'build/layout')}:made`, to]);
}

const servers: ChildProcess[] = [];
after(() => servers.forEach((server) => server.kill('SIGKILL')));
forgetGroups(owner);

/** A server of its own that runs the script; resolves when it says `word`. */
async function server(attempt: string, script: string, word: string, limit = 0): Promise<ChildProcess> {
  const path = new URL('../testing/lone-container-server.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, [path, directory, owner, attempt, String(limit), script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  servers.push(child);
  let said = '';
  for await (const chunk of child.stdout) {
    said += String(chunk);
    if (said.includes(word)) return child;
  }
  throw new Error(`the server ended before it said ${word}`);
}

/** Starts the script in a server and kills it -9 as soon as the task's first line is there. */
async function orphan(attempt: string, script: string, limit = 0): Promise<void> {
  const child = await server(attempt, script, 'started', limit);
  await waitFor(() => existsSync(work(attempt, 'count')));
  child.kill('SIGKILL');
  await once(child, 'exit');
}

const work = (attempt: string, name: string) => join(directory, 'runs/run', attempt, 'work', name);
const bundle = (attempt: string) => join(directory, 'containers/bundles', attempt);
const lines = (path: string) => readFileSync(path, 'utf8').split('\n').length - 1;

function resume(attemptId: string, signal?: AbortSignal) {
  const request = shellTask('this is not run', { image: FOUND_IMAGE });
  return runner.resume({
    ...{ runId: 'run', attemptId, actor: ACTOR, request },
    ...(signal ? { signal } : {}),
  });
}

function nothingLeft(attempt: string): void {
  assert.ok(!testGroups(owner)!.list().includes(attempt));
  assert.ok(!existsSync(bundle(attempt)));
  assert.ok(!existsSync(join(directory, 'containers/state', attempt)));
}

const COUNT = 'echo once >> count; echo out; echo err >&2;';

describe('a container whose server was killed', { skip, timeout: 60_000 }, () => {
  test('is found while it runs, and ends as if nothing had happened', async () => {
    const begun = Date.now();
    await orphan('running', `${COUNT} sleep 3; head -c 20m /dev/zero > big; echo end > end; exit 7`);
    const killed = Date.now();
    const outcome = await resume('running');
    assert.equal(outcome?.status, 'exited', JSON.stringify(outcome));
    assert.equal(outcome.exitCode, 7);
    assert.equal(lines(work('running', 'count')), 1);
    assert.equal(readFileSync(work('running', 'end'), 'utf8'), 'end\n');
    assert.equal(readFileSync(outcome.stdoutPath, 'utf8'), 'out\n');
    assert.equal(readFileSync(outcome.stderrPath, 'utf8'), 'err\n');
    assert.match(outcome.imageDigest!, /^sha256:[0-9a-f]{64}$/);
    assert.ok(outcome.startedAt >= begun && outcome.startedAt <= killed);
    assert.ok(outcome.finishedAt >= outcome.startedAt + 3_000 && outcome.finishedAt > killed);
    assert.ok(outcome.peakMemoryBytes! > 1_000_000 && outcome.cpuSeconds! > 0);
    nothingLeft('running');
  });

  test('keeps its way to the server: what it asks then, the next server answers', async () => {
    const ask = '/bin/busybox wget -qO- $SERVICE/x';
    const script = `${ask} > first || exit 8; ${COUNT} until [ -e go ] && ${ask}; do sleep 0.1; done; exit 4`;
    await orphan('routed', script);
    const [, before] = readFileSync(work('routed', 'first'), 'utf8').trim().split(' ');
    assert.notEqual(before, String(process.pid));
    const ended = resume('routed');
    writeFileSync(work('routed', 'go'), '');
    const outcome = await ended;
    assert.equal(outcome?.exitCode, 4, JSON.stringify(outcome));
    assert.equal(readFileSync(outcome.stdoutPath, 'utf8'), `out\nrouted ${process.pid}\n`);
    nothingLeft('routed');
  });

  test('has ended while no server lived: its exit and its time are known', async () => {
    await orphan('ended', `${COUNT} sleep 1; exit 3`);
    await waitFor(() => existsSync(join(bundle('ended'), 'exit')));
    await systemClock.sleep(300);
    const asked = Date.now();
    const outcome = await resume('ended');
    assert.equal(outcome?.exitCode, 3, JSON.stringify(outcome));
    assert.ok(outcome.finishedAt <= asked - 250 && outcome.cpuSeconds! > 0);
    assert.equal(lines(work('ended', 'count')), 1);
    nothingLeft('ended');
    assert.deepEqual(await resume('ended'), outcome, 'the outcome was recorded before the container went');
  });

  test('ran out of memory while no server lived', async () => {
    await orphan('memory', `${COUNT} sleep 0.5; (head -c 300m /dev/zero | tail) | cat; exit 0`);
    await waitFor(() => existsSync(join(bundle('memory'), 'exit')));
    const outcome = await resume('memory');
    assert.equal(outcome?.status, 'out-of-memory', JSON.stringify(outcome));
    assert.equal(lines(work('memory', 'count')), 1);
    nothingLeft('memory');
  });

  test('keeps its time limit, counted from its start', async () => {
    await orphan('limited', `${COUNT} sleep 64.1`, 2);
    await systemClock.sleep(1_000);
    const outcome = await resume('limited');
    assert.equal(outcome?.status, 'timed-out');
    const took = outcome.finishedAt - outcome.startedAt;
    assert.ok(took >= 2_000 && took < 3_500, `${took} ms`);
  });

  test('came too late where it ended after its limit while nobody was there', async () => {
    await orphan('late', `${COUNT} sleep 2`, 1);
    await waitFor(() => existsSync(join(bundle('late'), 'exit')));
    assert.equal((await resume('late'))?.status, 'timed-out');
  });

  test('is cancelled like any other', async () => {
    await orphan('cancelled', `${COUNT} trap "" TERM; sleep 64.2`);
    const outcome = await resume('cancelled', AbortSignal.timeout(200));
    assert.equal(outcome?.status, 'cancelled');
    nothingLeft('cancelled');
  });

  test('is not run again where its server died after the end', async () => {
    const child = await server('collected', `${COUNT} exit 5`, 'ended');
    child.kill('SIGKILL');
    assert.equal((await resume('collected'))?.exitCode, 5);
    assert.equal(lines(work('collected', 'count')), 1);
  });

  test('stays while somebody wants it, and is removed when nobody does', async () => {
    await orphan('unwanted', `${COUNT} sleep 64.3`);
    await runner.cleanUp((attemptId) => attemptId === 'unwanted');
    assert.ok(testGroups(owner)!.open('unwanted').processes().length > 0);
    await runner.cleanUp(() => false);
    nothingLeft('unwanted');
    assert.equal(await resume('unwanted'), undefined);
  });

  test('goes with its run', async () => {
    await orphan('over', `${COUNT} sleep 64.4`);
    await runner.discard('run');
    nothingLeft('over');
  });

  test('whose supervisor was killed too, or whose machine was started anew, runs again, with a logged reason', async () => {
    await orphan('blind', `${COUNT} sleep 64.5`);
    process.kill(Number(readFileSync(join(bundle('blind'), 'supervisor'), 'utf8')), 'SIGKILL');
    await systemClock.sleep(100);
    assert.equal(await resume('blind'), undefined);
    nothingLeft('blind');
    await orphan('rebooted', `${COUNT} sleep 64.6`);
    const facts = JSON.parse(readFileSync(join(bundle('rebooted'), 'facts.json'), 'utf8')) as object;
    writeFileSync(join(bundle('rebooted'), 'facts.json'), JSON.stringify({ ...facts, boot: 'another' }));
    assert.equal(await resume('rebooted'), undefined);
    nothingLeft('rebooted');
    const reasons = logged.map(({ facts: { reason } }: { facts: { reason?: string } }) => reason);
    assert.ok(reasons.includes('its supervisor is gone and left no exit code'));
    assert.ok(reasons.includes('the machine was started anew'));
  });

  test('leaves nothing at all behind', () => {
    assert.deepEqual(testGroups(owner)!.list(), []);
    assert.deepEqual(readdirSync(join(directory, 'containers/bundles')), []);
    assert.ok(!readFileSync('/proc/self/mountinfo', 'utf8').includes(directory));
    rmSync(join(directory, 'runs'), { recursive: true });
  });
});

async function waitFor(condition: () => boolean): Promise<void> {
  for (let tries = 0; !condition(); tries++) {
    assert.ok(tries < 1_000, 'it did not happen within ten seconds');
    await systemClock.sleep(10);
  }
}
