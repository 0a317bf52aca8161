import { existsSync, readdirSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from '@helicase/kernel';
import type { GpuDevice } from '../accelerators.ts';
import { GPU_LIBRARIES, GPU_PROGRAMS, gpuNodes } from '../gpus.ts';

/** What a container needs besides its image to use GPUs: their device files and the host's own driver. */
export interface GpuAccess {
  readonly nodes: readonly { readonly path: string; readonly major: number; readonly minor: number }[];
  /** The driver's libraries by the names that programs load them by. */
  readonly libraries: Readonly<Record<string, string>>;
  /** The host's nvidia-smi, where it has one. */
  readonly nvidiaSmi?: string;
}

const DRIVER = /^lib(cuda|cudadebugger|nvcuvid|nvoptix|nvidia-[a-z0-9-]+)\.so\.\d+$/;

/** Undefined where the task has no GPU. */
export async function gpuAccess(devices: readonly GpuDevice[]): Promise<GpuAccess | undefined> {
  if (devices.length === 0) return undefined;
  const { stdout } = await runCommand('ldconfig', ['-p']);
  const nvidiaSmi = [GPU_PROGRAMS, '/usr/bin'].map((folder) => join(folder, 'nvidia-smi')).find(existsSync);
  return {
    nodes: await Promise.all(gpuNodes(devices).map(readNode)),
    libraries: { ...librariesIn(GPU_LIBRARIES), ...driverLibraries(stdout) },
    ...(nvidiaSmi === undefined ? {} : { nvidiaSmi }),
  };
}

/** From the loader's own list: `libcuda.so.1 (libc6,x86-64) => /usr/lib/x86_64-linux-gnu/libcuda.so.1`. */
export function driverLibraries(list: string): Readonly<Record<string, string>> {
  const lines = [...list.matchAll(/^\s*(\S+) \(libc6,[^)]*\b(?:x86-64|AArch64)\b[^)]*\) => (\S+)$/gm)];
  const found = lines.map(([, name, path]) => [name!, path!] as const);
  return Object.fromEntries(found.filter(([name]) => DRIVER.test(name)));
}

/** Of a folder that the loader does not know by itself; nothing where there is none. */
export function librariesIn(folder: string): Readonly<Record<string, string>> {
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => DRIVER.test(name)) : [];
  return Object.fromEntries(names.map((name) => [name, join(folder, name)]));
}

/** `rdev` of stat(2) as Linux packs it. */
async function readNode(path: string): Promise<GpuAccess['nodes'][number]> {
  const { rdev } = await stat(path);
  return { path, major: (rdev >> 8) & 0xfff, minor: (rdev & 0xff) | ((rdev >> 12) & 0xfff00) };
}
