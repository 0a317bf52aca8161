import { copyFileSync, mkdirSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeBusyboxImage, must } from './busybox-image.ts';

/** Compiles `gpu-look.c`, which tells what a task has of the GPUs. */
export async function buildGpuLook(program: string): Promise<void> {
  await must('cc', ['-O1', '-o', program, fileURLToPath(new URL('gpu-look.c', import.meta.url)), '-ldl']);
}

/**
 * Busybox with the C library of this machine, which the driver's libraries and `program` need, and nothing of NVIDIA's:
 * an archive of the image called `name` in the folder `images`.
 */
export async function makeGpuImage(
  folder: string,
  { images, name, program }: { readonly images: string; readonly name: string; readonly program: string },
): Promise<void> {
  const libraries = await librariesOf(program);
  await makeBusyboxImage(folder, undefined, (root) => {
    for (const path of libraries) {
      const target = join(root, path);
      mkdirSync(dirname(target), { recursive: true });
      copyFileSync(realpathSync(path), target);
    }
  });
  mkdirSync(images, { recursive: true });
  const archive = `docker-archive:${join(images, 'gpu.tar')}:${name}`;
  await must('skopeo', ['copy', '--quiet', `oci:${join(folder, 'layout')}:made`, archive]);
}

/** ldd(1)'s paths, and what the driver opens of the C library besides. */
async function librariesOf(program: string): Promise<readonly string[]> {
  const linked = [...(await must('ldd', [program])).matchAll(/(\/\S+) \(0x/g)].map(([, path]) => path!);
  const libc = linked.find((path) => path.endsWith('/libc.so.6'))!;
  const others = ['libm.so.6', 'libdl.so.2', 'libpthread.so.0', 'librt.so.1'];
  return [...new Set([...linked, ...others.map((name) => join(dirname(libc), name))])];
}
