import { posix } from 'node:path';
import type { TaskFolders, TaskHost } from '@helicase/runtime';

/** Where a task is, unless its host has places of its own. */
const FOLDERS: Pick<TaskFolders, 'work' | 'inputs'> = { work: '/mnt/task/work', inputs: '/mnt/task/inputs' };

/** Where things lie inside one attempt at a task. */
export class TaskPlaces {
  readonly work: string;
  readonly inputs: string;
  readonly command: string;
  /** What stdout() and stderr() give in an output section; a task in a sandbox has no such files. */
  readonly stdout: string;
  readonly stderr: string;
  /** Where a task keeps what its outputs name outside of its work directory. */
  readonly outside: string;
  /** What a sandbox would set: without one its /tmp is a folder like any other. */
  readonly variables: Readonly<Record<string, string>>;
  readonly #root: string;

  private constructor({ inputs, temporary, work }: Partial<TaskFolders> & typeof FOLDERS) {
    this.work = work;
    this.inputs = inputs;
    this.#root = posix.dirname(work);
    this.command = `${this.#root}/command`;
    this.stdout = `${this.#root}/stdout`;
    this.stderr = `${this.#root}/stderr`;
    this.outside = `${work}/.outside`;
    this.variables = temporary === undefined ? {} : { HOME: temporary, TMPDIR: temporary };
  }

  /** For the one request that is made with them. */
  static next(host: Pick<TaskHost, 'folders'>): TaskPlaces {
    return new TaskPlaces(host.folders?.() ?? FOLDERS);
  }

  /** Whether the path is one of the task's own view. */
  holds(path: string): boolean {
    return path.startsWith(`${this.#root}/`);
  }
}
