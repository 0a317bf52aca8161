import type { TaskRequest } from '../task.ts';

/** What tests of found containers call their image. */
export const FOUND_IMAGE = 'quay.io/test/busybox:1';
export const MEBIBYTE = 2 ** 20;

/** A task that runs a shell script in /work with one processor and 64 MiB. */
export function shellTask(script: string, changes: Partial<TaskRequest> = {}): TaskRequest {
  return {
    call: 'main.task',
    attempt: 1,
    name: 'task',
    argv: ['sh', '-c', script],
    environment: {},
    workDirectory: '/work',
    resources: { cpus: 1, memoryBytes: 64 * MEBIBYTE },
    inputs: [],
    ...changes,
  };
}
