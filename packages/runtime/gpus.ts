import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { GpuDevice } from './accelerators.ts';
import { errorCode, readText } from './cgroup/files.ts';

/** The driver's list: `/proc/driver/nvidia/gpus/<bus id>/information`, lines of `Name: value`. Empty without a driver. */
export function hostGpus(directory = '/proc/driver/nvidia/gpus'): readonly GpuDevice[] {
  const devices = names(directory).flatMap((name) => readDevice(join(directory, name, 'information')) ?? []);
  return devices.toSorted((a, b) => a.minor - b.minor);
}

function names(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  }
}

function readDevice(path: string): GpuDevice | undefined {
  const text = readText(path) ?? '';
  const model = /^Model:\s*(.+)$/m.exec(text)?.[1]?.trim();
  const minor = /^Device Minor:\s*(\d+)\s*$/m.exec(text)?.[1];
  return model === undefined || minor === undefined ? undefined : { model, minor: Number(minor) };
}

/** What every user of a GPU opens besides the GPU itself; some are missing where their module is not loaded. */
const COMMON_NODES = ['nvidiactl', 'nvidia-uvm', 'nvidia-uvm-tools', 'nvidia-modeset'];

/** The device files through which a task sees these GPUs, and no other: CUDA skips what it cannot open. */
export function gpuNodes(devices: readonly GpuDevice[]): readonly string[] {
  if (devices.length === 0) return [];
  const common = COMMON_NODES.map((name) => `/dev/${name}`).filter((path) => existsSync(path));
  return [...devices.map(({ minor }) => `/dev/nvidia${minor}`), ...common];
}

/** Where NVIDIA's images look for the driver: their PATH and LD_LIBRARY_PATH name it. Some hosts have theirs there too. */
export const GPU_PROGRAMS = '/usr/local/nvidia/bin';
export const GPU_LIBRARIES = '/usr/local/nvidia/lib64';
const GPU_PATHS = { PATH: GPU_PROGRAMS, LD_LIBRARY_PATH: GPU_LIBRARIES };

/** The variables with those folders first in their paths. */
export function withGpuPaths(variables: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const paths = Object.entries(GPU_PATHS).map(([name, folder]) => {
    const others = variables[name];
    return [name, others ? `${folder}:${others}` : folder];
  });
  return { ...variables, ...Object.fromEntries(paths) };
}
