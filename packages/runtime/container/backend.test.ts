import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { silentLog, systemClock } from '@helicase/kernel';
import { detectControlGroups } from '../cgroup/detect.ts';
import type { TaskRequest } from '../task.ts';
import { BUSYBOX, makeBusyboxImage, must } from '../testing/busybox-image.ts';
import {
  ACTOR,
  forgetGroups,
  MEBIBYTE,
  shellTask,
  temporaryDirectory,
  testGroups,
  testRunner,
} from '../testing/testing.ts';
import { archiveSource } from './archive-source.ts';
import { createContainerBackend } from './backend.ts';
import { ImageStore } from './image-store.ts';

const IMAGE = '123456789012.dkr.ecr.us-east-1.amazonaws.com/busybox:1.35';
const directory = temporaryDirectory();
const owner = `test-container-${process.pid}`;
const images = join(directory, 'images');
const store = new ImageStore({
  directory: join(directory, 'unpacked'),
  sources: [archiveSource(images)],
  registryMap: { '123456789012.dkr.ecr.us-east-1.amazonaws.com': 'registry.example/mirror' },
});
const backend = createContainerBackend({
  clock: systemClock,
  log: silentLog,
  directory: join(directory, 'containers'),
  images: store,
  groups: () => detectControlGroups({ owner }),
  grace: 300,
});
const runner = testRunner(directory, [backend]);
const why = await backend.unavailable();
const skip = why ?? (existsSync(BUSYBOX) ? false : 'busybox-static is not installed');
let digest = '';
let attempts = 0;

if (!skip) {
  mkdirSync(images);
  digest = await makeBusyboxImage(join(directory, 'build'));
  await must('skopeo', [
    ...['copy', '--quiet', `oci:${join(directory, 'build/layout')}:made`],
    `docker-archive:${join(images, 'busybox.tar')}:registry.example/mirror/busybox:1.35`,
  ]);
  await makeBusyboxImage(join(directory, 'build-user'), 'analyst');
  await must('skopeo', [
    ...['copy', '--quiet', `oci:${join(directory, 'build-user/layout')}:made`],
    `oci:${join(images, 'analyst')}:quay.io/test/analyst:1`,
  ]);
}

forgetGroups(owner);

async function run(request: TaskRequest, signal?: AbortSignal) {
  const attemptId = `attempt-${++attempts}`;
  const outcome = await runner.run({
    ...{
      runId: 'run',
      attemptId,
      request: { image: IMAGE, ...request },
      actor: ACTOR,
      readable: [directory],
    },
    ...(signal ? { signal } : {}),
  });
  const read = (path: string) => (existsSync(path) ? readFileSync(path, 'utf8') : '');
  return { ...outcome, stdout: read(outcome.stdoutPath), stderr: read(outcome.stderrPath) };
}

describe('a task in a container', { skip }, () => {
  test('runs in the image that the registry map leads to, and its digest is told', async () => {
    const outcome = await run(
      shellTask('echo $REFERENCE $SAMPLE; id -u; exit 7', { environment: { SAMPLE: 'NA12878' } }),
    );
    assert.equal(outcome.status, 'exited', outcome.message);
    assert.equal(outcome.exitCode, 7);
    assert.equal(outcome.stdout, 'GRCh38 NA12878\n0\n');
    assert.match(outcome.imageDigest!, /^sha256:[0-9a-f]{64}$/);
    assert.ok(outcome.peakMemoryBytes! > 10_000 && outcome.cpuSeconds! > 0);
  });

  test('is known by the digest of its manifest where the image lies as an OCI layout', async () => {
    const wanted = (
      await must('skopeo', [
        'inspect',
        '--format',
        '{{.Digest}}',
        `oci:${join(images, 'analyst')}:quay.io/test/analyst:1`,
      ])
    ).trim();
    const byTag = await run(shellTask('true', { image: 'quay.io/test/analyst:1' }));
    assert.equal(byTag.imageDigest, wanted);
    const byDigest = await run(shellTask('true', { image: `quay.io/test/analyst@${wanted}` }));
    assert.equal(byDigest.status, 'exited', byDigest.message);
    assert.notEqual(wanted, digest);
  });

  test('runs as the user that the image names, and can write to its work directory', async () => {
    const outcome = await run(
      shellTask('id -u; id -g; echo x > out && cat /secret/key', { image: 'quay.io/test/analyst:1' }),
    );
    assert.equal(outcome.stdout, '2001\n2002\n', outcome.message);
    assert.equal(readFileSync(join(outcome.workDirectory, 'out'), 'utf8'), 'x\n');
    assert.match(outcome.stderr, /secret.*Permission denied/);
  });

  test('reads its inputs, keeps its outputs, and changes neither inputs nor image', async () => {
    const path = join(directory, 'reads.txt');
    writeFileSync(path, 'ACGT\n');
    const outcome = await run(
      shellTask(
        'cat /in/deep/reads.txt > out; echo x >> /in/deep/reads.txt; touch /bin/x; rm /bin/cat; exit 0',
        {
          inputs: [{ kind: 'uri', uri: `file://${path}`, target: '/in/deep/reads.txt' }],
        },
      ),
    );
    assert.equal(readFileSync(join(outcome.workDirectory, 'out'), 'utf8'), 'ACGT\n');
    assert.equal(readFileSync(path, 'utf8'), 'ACGT\n');
    assert.equal(outcome.stderr.match(/Read-only file system/g)?.length, 3);
    const { rootfs } = await store.resolve(ACTOR, IMAGE);
    assert.deepEqual(readdirSync(rootfs).toSorted(), ['bin', 'dev', 'etc', 'proc', 'secret', 'tmp']);
  });

  test('has no capability, no network, no kernel settings and no further namespace', async () => {
    const outcome = await run(
      shellTask(
        'grep CapBnd /proc/self/status; grep NoNewPrivs /proc/self/status; cat /proc/net/dev | grep -c :; ' +
          'unshare -U true && echo namespace; mount -t tmpfs x /tmp && echo mount; echo core > /proc/sys/kernel/core_pattern && echo kernel; ls /sys; exit 0',
      ),
    );
    assert.equal(outcome.stdout, 'CapBnd:\t0000000000000000\nNoNewPrivs:\t1\n1\n');
  });

  test('can change nothing of the kernel, though it is root there', async () => {
    const outcome = await run(
      shellTask(
        `cd /proc; find [a-z]* -type f | grep -v self/ | while read -r f; do (: >> "$f") 2>/dev/null && echo "$f"; done; true`,
      ),
    );
    assert.equal(outcome.stdout, '');
    assert.equal(outcome.exitCode, 0);
  });

  test('is out of memory when a child of it was killed for it', async () => {
    const outcome = await run(shellTask('(head -c 300m /dev/zero | tail) | cat; exit 0'));
    assert.equal(outcome.status, 'out-of-memory', outcome.message);
  });

  test('is ended at its time limit and when it is cancelled, ignoring SIGTERM or not', async () => {
    const limited = { cpus: 1, memoryBytes: 64 * MEBIBYTE, timeoutSeconds: 1 };
    const late = await run(shellTask('trap "" TERM; sleep 64.5', { resources: limited }));
    assert.equal(late.status, 'timed-out');
    const cancelled = await run(shellTask('sleep 64.5'), AbortSignal.timeout(700));
    assert.equal(cancelled.status, 'cancelled');
  });

  test('says which image is missing, where it was looked for, and what to do', async () => {
    const outcome = await run(shellTask('true', { image: 'quay.io/biocontainers/bwa:0.7.17' }));
    assert.equal(outcome.status, 'failed-to-start');
    assert.match(
      outcome.message!,
      /quay\.io\/biocontainers\/bwa:0\.7\.17 was not found in the folder .*podman pull quay/,
    );
    const nonsense = await run(shellTask('true', { image: 'no image; at all' }));
    assert.match(nonsense.message!, /not the name of an image/);
  });

  test('says which program the image lacks', async () => {
    const outcome = await run(shellTask('', { argv: ['samtools', 'sort'] }));
    assert.equal(outcome.status, 'failed-to-start');
    assert.match(outcome.message!, /samtools/);
  });

  test('leaves no container, group, mount or folder behind', async () => {
    assert.deepEqual(testGroups(owner)!.list(), []);
    assert.deepEqual(readdirSync(join(directory, 'containers/state')), []);
    assert.deepEqual(readdirSync(join(directory, 'containers/bundles')), []);
    assert.ok(!readFileSync('/proc/self/mountinfo', 'utf8').includes(directory));
  });

  test('is removed by the next server when its own was killed', async () => {
    const started = await backend.start({
      attemptId: 'orphan',
      actor: ACTOR,
      argv: ['sleep', '64.7'],
      environment: {},
      workDirectory: '/tmp',
      mounts: [],
      image: IMAGE,
      resources: { cpus: 1, memoryBytes: 64 * MEBIBYTE },
      network: false,
      stdoutPath: join(directory, 'orphan.out'),
      stderrPath: join(directory, 'orphan.err'),
    });
    await waitFor(() => testGroups(owner)!.open('orphan').processes().length > 0);
    await backend.cleanUp((attemptId) => attemptId === 'orphan');
    assert.deepEqual(testGroups(owner)!.list(), ['orphan']);
    await backend.cleanUp(() => false);
    await started.exit;
    assert.deepEqual(testGroups(owner)!.list(), []);
    assert.deepEqual(readdirSync(join(directory, 'containers/state')), []);
  });
});

async function waitFor(condition: () => boolean): Promise<void> {
  for (let tries = 0; !condition(); tries++) {
    assert.ok(tries < 200, 'it did not happen within two seconds');
    await systemClock.sleep(10);
  }
}
