import { join } from 'node:path';
import { type Log, silentLog, systemClock } from '@helicase/kernel';
import type { Backend } from '../backend.ts';
import { detectControlGroups } from '../cgroup/detect.ts';
import { archiveSource } from '../container/archive-source.ts';
import { createContainerBackend } from '../container/backend.ts';
import { ImageStore } from '../container/image-store.ts';
import { createTaskRunner, type TaskRunner } from '../task-runner.ts';
import { MEBIBYTE } from './shell-task.ts';

/** Containers as one server has them: open it again on the same folder, as the next server does. */
export function testContainers(
  directory: string,
  owner: string,
  log: Log = silentLog,
): { readonly backend: Backend; readonly runner: TaskRunner } {
  const backend = createContainerBackend({
    ...{ clock: systemClock, log, grace: 300 },
    directory: join(directory, 'containers'),
    images: new ImageStore({
      directory: join(directory, 'unpacked'),
      sources: [archiveSource(join(directory, 'images'))],
    }),
    groups: () => detectControlGroups({ owner }),
  });
  const runner = createTaskRunner({
    ...{ backends: [backend], clock: systemClock, log },
    directory: join(directory, 'runs'),
    capacity: { cpus: 2, memoryBytes: 4096 * MEBIBYTE },
    resolve: async (_actor, uri) => ({ path: uri.replace('file://', ''), release: async () => {} }),
    // Answers who asked, and which process answered.
    route: {
      programs: join(directory, 'programs'),
      listener:
        ({ attemptId }) =>
        (_asked, answer) =>
          answer.end(`${attemptId} ${process.pid}\n`),
      environment: (_task, url) => ({ SERVICE: url }),
    },
  });
  return { backend, runner };
}
