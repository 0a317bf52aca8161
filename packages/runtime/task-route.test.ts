import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { silentLog, systemClock } from '@helicase/kernel';
import type { Backend } from './backend.ts';
import type { TaskRequest } from './task.ts';
import { createTaskRunner } from './task-runner.ts';
import { BUSYBOX, makeBusyboxImage, must } from './testing/busybox-image.ts';
import { testContainers } from './testing/container-runner.ts';
import { makeTestNetwork, type TestNetwork, withoutNamespaces } from './testing/network-namespace.ts';
import { FOUND_IMAGE } from './testing/shell-task.ts';
import {
  ACTOR,
  forgetGroups,
  MEBIBYTE,
  noSandbox,
  shellTask,
  temporaryDirectory,
  testSandbox,
} from './testing/testing.ts';

const directory = temporaryDirectory();
const owner = `test-route-${process.pid}`;
const withoutSandbox = await noSandbox(directory);
const sandbox = testSandbox(directory, owner);
const containers = testContainers(directory, `${owner}-containers`).backend;
const withoutContainers =
  (await containers.unavailable()) ?? (existsSync(BUSYBOX) ? false : 'busybox-static is not installed');
let attempts = 0;

if (!withoutContainers) {
  mkdirSync(join(directory, 'images'));
  await makeBusyboxImage(join(directory, 'build'));
  const to = `oci:${join(directory, 'images/busybox')}:${FOUND_IMAGE}`;
  await must('skopeo', ['copy', '--quiet', `oci:${join(directory, 'build/layout')}:made`, to]);
}
forgetGroups(owner);
forgetGroups(`${owner}-containers`);

/** A service of the host's own on its loopback: tasks must not reach it. */
const neighbour = createServer((socket) => socket.end('reached\n'));
await new Promise<void>((resolve) => neighbour.listen(0, '127.0.0.1', resolve));
after(() => neighbour.close());
const { port } = neighbour.address() as AddressInfo;

/** Runs a task that is given a way to a service which answers with what it was asked, and of whom. */
async function run(backend: Backend, request: TaskRequest, networkNamespace?: string) {
  const runner = createTaskRunner({
    ...{ backends: [backend], clock: systemClock, log: silentLog },
    directory: join(directory, 'runs'),
    capacity: { cpus: 2, memoryBytes: 4096 * MEBIBYTE },
    resolve: () => Promise.reject(new Error('no inputs here')),
    network: true,
    route: {
      programs: join(directory, 'sandbox/programs'),
      listener:
        ({ attemptId }) =>
        (asked, answer) => {
          let body = '';
          asked.on('data', (piece: Buffer) => (body += piece.toString()));
          asked.on('end', () => answer.end(`${attemptId} ${asked.method} ${asked.url} ${body.length}\n`));
        },
      environment: (_task, url) => ({ SERVICE: url }),
    },
  });
  const attemptId = `routed-${++attempts}`;
  const ofRun = networkNamespace === undefined ? {} : { networkNamespace };
  const outcome = await runner.run({ runId: 'run', attemptId, request, actor: ACTOR, ...ofRun });
  const read = (path: string) => (existsSync(path) ? readFileSync(path, 'utf8') : '');
  return { ...outcome, attemptId, stdout: read(outcome.stdoutPath), stderr: read(outcome.stderrPath) };
}

/** One request in bash alone, as no client is on every machine. */
const BASH_REQUEST =
  'exec 5<>/dev/tcp/127.0.0.1/${SERVICE##*:}; printf "GET /reads/%s HTTP/1.0\\r\\n\\r\\n" $i >&5; tail -n 1 <&5';

describe('a sandboxed task with a way to one service', { skip: withoutSandbox }, () => {
  test('reaches it, several times at once, and is known there', async () => {
    const script = `for i in 1 2 3; do (${BASH_REQUEST}) & done; wait`;
    const outcome = await run(sandbox, { ...shellTask(''), argv: ['bash', '-c', script] });
    assert.equal(outcome.exitCode, 0, outcome.message ?? outcome.stderr);
    const lines = outcome.stdout.trim().split('\n').sort();
    assert.deepEqual(
      lines,
      [1, 2, 3].map((number) => `${outcome.attemptId} GET /reads/${number} 0`),
    );
  });

  test('reaches nothing else: no port of the host, no other address, no interface but the loopback', async () => {
    const script =
      `(exec 5<>/dev/tcp/127.0.0.1/${port} && cat <&5) 2>&1; ` +
      '(exec 5<>/dev/tcp/192.0.2.1/80) 2>&1; tail -n +3 /proc/net/dev | cut -d: -f1; exit 3';
    const outcome = await run(sandbox, { ...shellTask(''), argv: ['bash', '-c', script] });
    assert.equal(outcome.exitCode, 3, outcome.message);
    assert.match(outcome.stdout, new RegExp(`127.0.0.1/${port}: Connection refused`));
    assert.match(outcome.stdout, /192.0.2.1\/80: Network is unreachable/);
    assert.doesNotMatch(outcome.stdout, /reached/);
    assert.equal(outcome.stdout.trim().split('\n').at(-1)!.trim(), 'lo');
  });

  test('is as confined as any other: no capability, no sight of the socket, its own exit code and memory', async () => {
    const outcome = await run(
      sandbox,
      shellTask(`grep CapEff /proc/self/status; ls ${directory} 2>/dev/null; unshare -Ur true; exit 9`),
    );
    assert.equal(outcome.exitCode, 9);
    assert.equal(outcome.stdout, 'CapEff:\t0000000000000000\n');
    assert.ok(outcome.peakMemoryBytes! > 0);
  });

  test('has no way where it is given the network', async () => {
    const outcome = await run(sandbox, shellTask('echo "way: $SERVICE"', { network: true }));
    assert.equal(outcome.stdout, 'way: \n');
  });
});

describe('a task in a container with a way to one service', { skip: withoutContainers }, () => {
  test('reaches it and nothing else', async () => {
    const script =
      '/bin/busybox wget -qO- $SERVICE/calls.vcf; ' +
      `/bin/busybox wget -qO- http://127.0.0.1:${port}/ 2>&1; /bin/busybox wget -qO- http://192.0.2.1/ 2>&1; exit 4`;
    const outcome = await run(containers, shellTask(script, { image: FOUND_IMAGE }));
    assert.equal(outcome.exitCode, 4, outcome.message);
    const [answer, ...rest] = outcome.stdout.split('\n');
    assert.equal(answer, `${outcome.attemptId} GET /calls.vcf 0`);
    assert.match(rest.join('\n'), /Connection refused[^]*Network is unreachable/);
  });
});

describe('a task of a run that has a network of the operator’s', { skip: withoutNamespaces }, () => {
  let network: TestNetwork;
  before(async () => {
    network = await makeTestNetwork();
  });
  after(() => network.close());

  /** What a client hears of the network's service, and of the host's. */
  const heard = async (backend: Backend, client: (port: number) => string, changes: Partial<TaskRequest>) => {
    const script = `${client(network.port)}; ${client(port)}; echo "way: $SERVICE"; exit 5`;
    const request = shellTask('', { argv: ['sh', '-c', script], ...changes });
    const outcome = await run(backend, request, network.path);
    assert.equal(outcome.exitCode, 5, outcome.message ?? outcome.stderr);
    return outcome.stdout;
  };
  const bash = (to: number) =>
    `bash -c '(exec 5<>/dev/tcp/127.0.0.1/${to} && tail -n 1 <&5) 2>/dev/null || echo nothing'`;
  const wget = (to: number) => `/bin/busybox wget -qO- http://127.0.0.1:${to}/ 2>/dev/null || echo nothing`;

  test(
    'reaches what is in it, from the sandbox, and nothing of the host',
    { skip: withoutSandbox },
    async () => {
      assert.equal(await heard(sandbox, bash, {}), 'from the lab\nnothing\nway: \n');
    },
  );

  test(
    'reaches what is in it, from a container, and nothing of the host',
    { skip: withoutContainers },
    async () => {
      assert.equal(await heard(containers, wget, { image: FOUND_IMAGE }), 'from the lab\nnothing\nway: \n');
    },
  );

  test('has none where it asks for none', { skip: withoutSandbox }, async () => {
    assert.match(await heard(sandbox, bash, { network: false }), /^nothing\nnothing\nway: http/);
  });
});
