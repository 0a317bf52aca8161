import { readdirSync } from 'node:fs';
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
