import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import {
  ACTOR,
  forgetGroups,
  MEBIBYTE,
  noSandbox,
  shellTask,
  temporaryDirectory,
  testGroups,
  testRunner,
  testSandbox,
} from '../testing/testing.ts';
import type { TaskRequest } from '../task.ts';

const directory = temporaryDirectory();
const owner = `test-${process.pid}`;
const skip = await noSandbox(directory);
const sandbox = testSandbox(directory, owner);
const runner = testRunner(directory, [sandbox]);
let attempts = 0;

async function run(request: TaskRequest, signal?: AbortSignal) {
  const attemptId = `attempt-${++attempts}`;
  const outcome = await runner.run({
    runId: 'run',
    attemptId,
    request,
    actor: ACTOR,
    readable: [directory],
    ...(signal ? { signal } : {}),
  });
  return { ...outcome, stdout: read(outcome.stdoutPath), stderr: read(outcome.stderrPath) };
}

function read(path: string): string {
  return readFileSync(path, 'utf8');
}

forgetGroups(owner);
forgetGroups(`${owner}-killed`);

describe('a sandboxed task', { skip }, () => {
  test('runs its command and reports the exit code, memory and processor time', async () => {
    const outcome = await run(
      shellTask('echo out; echo err >&2; i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done; exit 7'),
    );
    assert.equal(outcome.status, 'exited');
    assert.equal(outcome.exitCode, 7);
    assert.equal(outcome.stdout, 'out\n');
    assert.equal(outcome.stderr, 'err\n');
    assert.ok(outcome.peakMemoryBytes! > 100_000 && outcome.peakMemoryBytes! <= 64 * MEBIBYTE);
    assert.ok(outcome.cpuSeconds! > 0.02 && outcome.cpuSeconds! < 30);
    assert.ok(outcome.finishedAt >= outcome.startedAt);
  });

  test('reads its inputs and cannot change them', async () => {
    const path = join(directory, 'reads.fastq');
    writeFileSync(path, '@r1\nACGT\n+\nIIII\n');
    const outcome = await run(
      shellTask(
        'cat /in/reads.fastq; echo x >> /in/reads.fastq || rm -f /in/reads.fastq || chmod 777 /in/reads.fastq',
        {
          inputs: [{ kind: 'uri', uri: `file://${path}`, target: '/in/reads.fastq' }],
        },
      ),
    );
    assert.equal(outcome.stdout, '@r1\nACGT\n+\nIIII\n');
    assert.notEqual(outcome.exitCode, 0);
    assert.match(outcome.stderr, /Read-only file system/);
    assert.equal(read(path), '@r1\nACGT\n+\nIIII\n');
  });

  test('keeps what it writes to its work directory', async () => {
    const outcome = await run(shellTask('mkdir -p a/b && echo calls > a/b/out.vcf'));
    assert.equal(read(join(outcome.workDirectory, 'a/b/out.vcf')), 'calls\n');
  });

  test('sees neither the host passwords, homes, sockets, devices nor the data directory', async () => {
    const hidden = [
      '/etc/shadow',
      '/etc/ssh',
      '/root',
      '/home',
      '/run',
      '/var',
      '/sys',
      '/dev/vda',
      '/dev/sda',
      '/dev/mem',
      directory,
    ];
    const outcome = await run(shellTask(`ls -d ${hidden.join(' ')} 2>/dev/null; cat /etc/shadow`));
    assert.equal(outcome.stdout, '');
    assert.notEqual(outcome.exitCode, 0);
  });

  test('can write nothing but its work directory, /tmp and its devices', async () => {
    const outcome = await run(
      shellTask(
        'find / -path /proc -prune -o -path /dev -prune -o -path /tmp -prune -o -path /work -prune -o -type l -o -writable -print 2>/dev/null > /tmp/all; ' +
          'while read -r p; do if [ -d "$p" ]; then touch "$p/probe" 2>/dev/null && echo "$p"; fi; done < /tmp/all; ' +
          'for f in $(find /proc/sys -type f -writable 2>/dev/null); do : > "$f" && echo "$f"; done 2>/dev/null; exit 0',
        { resources: { cpus: 2, memoryBytes: 256 * MEBIBYTE } },
      ),
    );
    assert.equal(outcome.stdout, '');
    assert.equal(outcome.exitCode, 0);
  });

  test('can change nothing by way of /proc, and writes to its streams by their names there', async () => {
    const settings = [
      'sysrq-trigger',
      'irq/default_smp_affinity',
      'sys/kernel/hostname',
      'self/oom_score_adj',
    ];
    const outcome = await run(
      shellTask(
        `for f in ${settings.join(' ')}; do (: >> /proc/$f) 2>/dev/null && echo $f; done; ` +
          'echo out > /dev/stdout; echo err > /proc/self/fd/2; echo shared > /dev/shm/x && cat /dev/shm/x',
      ),
    );
    assert.equal(outcome.stdout, 'out\nshared\n');
    assert.equal(outcome.stderr, 'err\n');
  });

  test('reads nothing of what the kernel knows of others', async () => {
    const files =
      'kcore keys key-users kmsg kpagecount kpageflags sched_debug slabinfo timer_list vmallocinfo';
    const outcome = await run(
      shellTask(`for f in ${files}; do timeout 5 head -c 1 /proc/$f 2>/dev/null | wc -c; done | sort -u`),
    );
    assert.equal(outcome.stdout, '0\n');
  });

  test('has no capability, is not root and gets no further user namespace', async () => {
    const outcome = await run(
      shellTask(
        'id -u; grep CapBnd /proc/self/status; grep NoNewPrivs /proc/self/status; unshare -Ur true && echo escaped',
      ),
    );
    assert.equal(outcome.stdout, '1000\nCapBnd:\t0000000000000000\nNoNewPrivs:\t1\n');
  });

  test('has no network: not even a listener on the loopback of the host', async () => {
    const server = createServer((socket) => socket.on('error', () => {}).end('hello')).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const script = `(exec 3<>/dev/tcp/127.0.0.1/${port}) 2>/dev/null && echo reached || echo refused`;
    const connect = { argv: ['bash', '-c', script] };
    try {
      assert.equal((await run(shellTask('', connect))).stdout, 'refused\n');
      assert.equal((await run(shellTask('', { ...connect, network: true }))).stdout, 'reached\n');
    } finally {
      server.close();
    }
  });

  test('gets the environment it was given and nothing of the server', async () => {
    process.env.HELICASE_TEST_SECRET = 'do-not-tell';
    const outcome = await run(
      shellTask('env', { environment: { SAMPLE: 'NA12878; $(id)', LD_PRELOAD_X: '' } }),
    );
    delete process.env.HELICASE_TEST_SECRET;
    const names = outcome.stdout
      .trim()
      .split('\n')
      .map((line) => line.split('=')[0])
      .toSorted();
    assert.deepEqual(names, ['HOME', 'LANG', 'LD_PRELOAD_X', 'PATH', 'PWD', 'SAMPLE']);
    assert.match(outcome.stdout, /^SAMPLE=NA12878; \$\(id\)$/m);
  });

  test('is out of memory when it exceeds its limit, also when only a child died of it', async () => {
    const eat = 'head -c 300m /dev/zero | tail';
    assert.equal((await run(shellTask(`exec ${eat}`))).status, 'out-of-memory');
    const hidden = await run(shellTask(`(${eat}) | cat; exit 0`));
    assert.equal(hidden.status, 'out-of-memory');
    assert.equal(hidden.exitCode, 0);
    assert.ok(hidden.peakMemoryBytes! > 60 * MEBIBYTE);
  });

  test('is not called out of memory when it is killed otherwise', async () => {
    const outcome = await run(shellTask('kill -9 $$'));
    assert.equal(outcome.status, 'exited');
    assert.equal(outcome.exitCode, 137);
  });

  test('is ended at its time limit, also when it ignores SIGTERM', async () => {
    const outcome = await run(
      shellTask('trap "" TERM; echo started; while :; do sleep 1; done', {
        resources: { cpus: 1, memoryBytes: 64 * MEBIBYTE, timeoutSeconds: 0.5 },
      }),
    );
    assert.equal(outcome.status, 'timed-out');
    assert.equal(outcome.stdout, 'started\n');
    assert.ok(outcome.finishedAt - outcome.startedAt < 4_000);
  });

  test('may end in order when it is cancelled', async () => {
    const abort = new AbortController();
    const running = run(
      shellTask('trap "echo saved > saved; exit 3" TERM; echo ready > ready; sleep 60 & wait'),
      abort.signal,
    );
    setTimeout(() => abort.abort(), 700);
    const outcome = await running;
    assert.equal(outcome.status, 'cancelled');
    assert.equal(read(join(outcome.workDirectory, 'saved')), 'saved\n');
  });

  test('is gone when it was cancelled, with all it started, whatever it does with SIGTERM', async () => {
    const abort = new AbortController();
    const running = run(
      shellTask('trap "" TERM; for i in 1 2 3 4 5; do (trap "" TERM; setsid sleep 61.5) & done; wait', {}),
      abort.signal,
    );
    setTimeout(() => abort.abort(), 400);
    assert.equal((await running).status, 'cancelled');
    assert.equal(processesNamed('sleep\x0061.5'), 0);
  });

  test('cannot hurt the host with a fork bomb', async () => {
    const outcome = await run(
      shellTask('bomb() { bomb | bomb & }; bomb; sleep 61.7', {
        resources: { cpus: 0.5, memoryBytes: 256 * MEBIBYTE, timeoutSeconds: 1 },
      }),
    );
    assert.ok(['timed-out', 'out-of-memory', 'exited'].includes(outcome.status), outcome.status);
    assert.equal(processesNamed('bomb'), 0);
  });

  test('says which program is missing', async () => {
    const outcome = await run(shellTask('', { argv: ['no-such-aligner', 'x'] }));
    assert.equal(outcome.status, 'failed-to-start');
    assert.match(outcome.message!, /no-such-aligner: No such file or directory/);
  });

  test('uses at most its share of the processors', async () => {
    const outcome = await run(
      shellTask('while :; do :; done', {
        resources: { cpus: 0.25, memoryBytes: 64 * MEBIBYTE, timeoutSeconds: 1.5 },
      }),
    );
    const seconds = (outcome.finishedAt - outcome.startedAt) / 1000;
    assert.ok(outcome.cpuSeconds! < seconds * 0.25 + 0.15, `${outcome.cpuSeconds} s of ${seconds} s`);
  });

  test('fifty of them, two at a time, leave no control group and no process behind', async () => {
    const outcomes = await Promise.all(
      Array.from({ length: 50 }, (_, index) => run(shellTask(`echo ${index} > out; sleep 0.01`))),
    );
    assert.ok(outcomes.every(({ exitCode }) => exitCode === 0));
    assert.ok(testGroups(owner)!.list().length <= 2, 'a group is used again');
    await sandbox.close!();
    assert.deepEqual(testGroups(owner)!.list(), []);
  });

  test('ends with a server that is killed, and the next one clears its control group', async () => {
    const attempt = join(directory, 'killed');
    mkdirSync(join(attempt, 'work'), { recursive: true });
    const child = spawn(
      process.execPath,
      [fileURLToPath(new URL('../testing/lone-server.ts', import.meta.url)), attempt, `${owner}-killed`],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    await once(child.stdout, 'data');
    const groups = testGroups(`${owner}-killed`)!;
    assert.equal(groups.list().length, 1);
    child.kill('SIGKILL');
    await once(child, 'exit');
    await testSandbox(directory, `${owner}-killed`).cleanUp(() => false);
    assert.deepEqual(groups.list(), []);
    assert.equal(processesNamed('sleep\x0062.5'), 0);
  });
});

function processesNamed(text: string): number {
  const ids = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
  return ids.filter((id) => {
    try {
      const command = readFileSync(`/proc/${id}/cmdline`, 'utf8');
      return command.startsWith(text);
    } catch {
      return false; // it ended meanwhile
    }
  }).length;
}
