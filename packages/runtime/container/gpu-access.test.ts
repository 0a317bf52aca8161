import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ACTOR, MEBIBYTE } from '../testing/testing.ts';
import { driverLibraries, gpuAccess } from './gpu-access.ts';
import { ociSpec } from './oci-spec.ts';

// No GPU is needed, and none is shown to work, by this: it holds the written description against ldconfig(8)'s format,
// the runtime specification and NVIDIA's documented paths.
const LDCONFIG = `1034 libs found in cache \`/etc/ld.so.cache'
\tlibz.so.1 (libc6,x86-64) => /lib/x86_64-linux-gnu/libz.so.1
\tlibnvidia-ml.so.1 (libc6,x86-64) => /usr/lib/x86_64-linux-gnu/libnvidia-ml.so.1
\tlibnvidia-ml.so.1 (libc6) => /usr/lib/i386-linux-gnu/libnvidia-ml.so.1
\tlibnvidia-ml.so (libc6,x86-64) => /usr/lib/x86_64-linux-gnu/libnvidia-ml.so
\tlibcuda.so.1 (libc6,x86-64) => /usr/lib/x86_64-linux-gnu/libcuda.so.1
`;

describe('GPUs in a container', () => {
  test('the driver’s libraries are those that the loader knows for this machine', () => {
    assert.deepEqual(driverLibraries(LDCONFIG), {
      'libnvidia-ml.so.1': '/usr/lib/x86_64-linux-gnu/libnvidia-ml.so.1',
      'libcuda.so.1': '/usr/lib/x86_64-linux-gnu/libcuda.so.1',
    });
  });

  test('a task without one gets nothing', async () => {
    assert.equal(await gpuAccess([]), undefined);
  });

  test('a container sees its own device files, may open no other, and finds the libraries', () => {
    const spec = ociSpec({
      launch: {
        ...{ attemptId: 'a', actor: ACTOR, argv: ['nvidia-smi'], environment: {}, workDirectory: '/out' },
        ...{ mounts: [], resources: { cpus: 1, memoryBytes: 64 * MEBIBYTE }, network: false },
        ...{ stdoutPath: '', stderrPath: '' },
      },
      ...{ rootfs: '/rootfs', user: { uid: 0, gid: 0 }, cgroupsPath: '/a', processes: 64, hosts: '/hosts' },
      imageEnvironment: ['LD_LIBRARY_PATH=/opt/lib'],
      command: ['nvidia-smi'],
      gpu: {
        nodes: [{ path: '/dev/nvidia1', major: 195, minor: 1 }],
        libraries: { 'libcuda.so.1': '/usr/lib/libcuda.so.1' },
      },
    }) as {
      readonly mounts: readonly { readonly destination: string; readonly options: readonly string[] }[];
      readonly process: { readonly env: readonly string[] };
      readonly linux: { readonly resources: { readonly devices: readonly object[] } };
    };
    const at = (path: string) => spec.mounts.find(({ destination }) => destination === path);
    assert.ok(at('/dev/nvidia1') && !at('/dev/nvidia1')!.options.includes('nodev'));
    assert.ok(at('/usr/local/nvidia/lib64/libcuda.so.1')!.options.includes('ro'));
    assert.deepEqual(spec.linux.resources.devices, [
      { allow: true, type: 'c', major: 195, minor: 1, access: 'rw' },
    ]);
    assert.ok(spec.process.env.includes('LD_LIBRARY_PATH=/usr/local/nvidia/lib64:/opt/lib'));
    assert.ok(spec.process.env.some((line) => line.startsWith('PATH=/usr/local/nvidia/bin:')));
  });
});
