import { stat } from 'node:fs/promises';
import { runCommand } from '@helicase/kernel';
import type { GpuDevice } from '../accelerators.ts';
import { gpuNodes } from '../gpus.ts';

/** What a container needs besides its image to use GPUs: their device files and the host's own driver libraries. */
export interface GpuAccess {
  readonly nodes: readonly { readonly path: string; readonly major: number; readonly minor: number }[];
  /** By the names that programs load them by. */
  readonly libraries: Readonly<Record<string, string>>;
}

/** Where NVIDIA's images look for the driver's libraries: their LD_LIBRARY_PATH names it. */
export const GPU_LIBRARIES = '/usr/local/nvidia/lib64';
export const GPU_PROGRAMS = '/usr/local/nvidia/bin';
export const NVIDIA_SMI = '/usr/bin/nvidia-smi';

const DRIVER = /^lib(cuda|cudadebugger|nvcuvid|nvoptix|nvidia-[a-z0-9-]+)\.so\.\d+$/;

/** Undefined where the task has no GPU. */
export async function gpuAccess(devices: readonly GpuDevice[]): Promise<GpuAccess | undefined> {
  if (devices.length === 0) return undefined;
  const { stdout } = await runCommand('ldconfig', ['-p']);
  return { nodes: await Promise.all(gpuNodes(devices).map(readNode)), libraries: driverLibraries(stdout) };
}

/** From the loader's own list: `libcuda.so.1 (libc6,x86-64) => /usr/lib/x86_64-linux-gnu/libcuda.so.1`. */
export function driverLibraries(list: string): Readonly<Record<string, string>> {
  const lines = [...list.matchAll(/^\s*(\S+) \(libc6,[^)]*\b(?:x86-64|AArch64)\b[^)]*\) => (\S+)$/gm)];
  const found = lines.map(([, name, path]) => [name!, path!] as const);
  return Object.fromEntries(found.filter(([name]) => DRIVER.test(name)));
}

/** `rdev` of stat(2) as Linux packs it. */
async function readNode(path: string): Promise<GpuAccess['nodes'][number]> {
  const { rdev } = await stat(path);
  return { path, major: (rdev >> 8) & 0xfff, minor: (rdev & 0xff) | ((rdev >> 12) & 0xfff00) };
}
