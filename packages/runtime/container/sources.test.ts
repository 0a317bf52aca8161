import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { runCommand } from '@helicase/kernel';
import { BUSYBOX, makeBusyboxImage, must } from '../testing/busybox-image.ts';
import { startRegistry, type TestRegistry } from '../testing/docker-registry.ts';
import { ACTOR, temporaryDirectory } from '../testing/testing.ts';
import { ImageStore } from './image-store.ts';
import { podmanSource } from './podman-source.ts';
import { registrySource } from './registry-source.ts';

const directory = temporaryDirectory();
// All is asked before the first suite: one that is skipped ends at once, and with it the file's tests, while another waits.
const lacking = await lack();
const podmanLacking = lacking || ((await works('podman')) ? false : 'podman is not installed');
const registryLacking =
  lacking || ((await works('docker-registry')) ? false : 'docker-registry is not installed');

async function lack(): Promise<string | false> {
  if (process.getuid?.() !== 0) return 'images are unpacked by root';
  if (!existsSync(BUSYBOX)) return 'busybox-static is not installed';
  for (const program of ['skopeo', 'umoci']) {
    if (!(await works(program))) return `${program} is not installed`;
  }
  return false;
}

async function works(program: string): Promise<boolean> {
  return await runCommand(program, ['--version']).then(
    ({ code }) => code === 0,
    () => false,
  );
}

describe('images of podman', { skip: podmanLacking }, () => {
  const name = `localhost/helicase-test-${process.pid}:1`;
  after(() => runCommand('podman', ['image', 'rm', name]));

  test('are found by name and unpacked', async () => {
    await makeBusyboxImage(join(directory, 'podman'));
    await must('skopeo', [
      'copy',
      '--quiet',
      `oci:${join(directory, 'podman/layout')}:made`,
      `containers-storage:${name}`,
    ]);
    const store = new ImageStore({ directory: join(directory, 'podman-store'), sources: [podmanSource()] });
    const image = await store.resolve(ACTOR, name);
    assert.match(image.digest, /^sha256:/);
    assert.ok(existsSync(join(image.rootfs, 'bin/busybox')));
    assert.equal((await store.resolve(ACTOR, name)).rootfs, image.rootfs);
    await assert.rejects(
      store.resolve(ACTOR, 'localhost/no-such-image:1'),
      /was not found in podman's images/,
    );
  });
});

describe('images of a registry', { skip: registryLacking }, () => {
  let registry: TestRegistry | undefined;
  after(() => registry?.stop());

  test('are known by the digest the registry gives, and a moved tag is noticed', async () => {
    registry = await startRegistry(join(directory, 'registry'));
    const { port } = registry;
    const name = `127.0.0.1:${port}/bio/busybox:1`;
    const push = async (layout: string) =>
      await must('skopeo', [
        'copy',
        '--quiet',
        '--dest-tls-verify=false',
        `oci:${layout}:made`,
        `docker://${name}`,
      ]);
    const sources = [registrySource({ insecure: [`127.0.0.1:${port}`] })];
    const store = new ImageStore({ directory: join(directory, 'registry-store'), sources });
    const first = await makeBusyboxImage(join(directory, 'first'));
    await push(join(directory, 'first/layout'));
    assert.equal((await store.resolve(ACTOR, name)).digest, first);
    const second = await makeBusyboxImage(join(directory, 'second'), 'analyst');
    await push(join(directory, 'second/layout'));
    const moved = await store.resolve(ACTOR, name);
    assert.equal(moved.digest, second);
    assert.equal(moved.config.User, 'analyst');
    await assert.rejects(
      store.resolve(ACTOR, `127.0.0.1:${port}/bio/none:1`),
      /was not found.*The registry answered/,
    );
  });
});
