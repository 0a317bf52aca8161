import { type FileHandle, open } from 'node:fs/promises';

/** The task's standard streams as open files: what it prints goes to disk without passing through the server. */
export interface TaskStreams {
  readonly descriptors: readonly [number, number, number];
  /** Once the child has them. */
  close(): Promise<void>;
}

export async function openStreams(launch: {
  readonly stdin?: string;
  readonly stdoutPath: string;
  readonly stderrPath: string;
}): Promise<TaskStreams> {
  const opened: FileHandle[] = [];
  const close = async () => {
    await Promise.all(opened.map((handle) => handle.close()));
  };
  try {
    opened.push(await open(launch.stdin ?? '/dev/null', 'r'));
    opened.push(await open(launch.stdoutPath, 'a', 0o644));
    opened.push(await open(launch.stderrPath, 'a', 0o644));
  } catch (error) {
    await close();
    throw error;
  }
  const [stdin, stdout, stderr] = opened as [FileHandle, FileHandle, FileHandle];
  return { descriptors: [stdin.fd, stdout.fd, stderr.fd], close };
}
