/** Where things lie inside a task. */
const TASK_ROOT = '/mnt/task';
export const WORK = `${TASK_ROOT}/work`;
export const INPUTS = `${TASK_ROOT}/inputs`;
export const COMMAND = `${TASK_ROOT}/command`;
/** What stdout() and stderr() give in an output section; no such files exist inside the task. */
export const STDOUT = `${TASK_ROOT}/stdout`;
export const STDERR = `${TASK_ROOT}/stderr`;

/** Where a task keeps what its outputs name outside of its work directory. */
export const OUTSIDE = `${WORK}/.outside`;

/** Whether the path is one of a task's own view. */
export function isTaskPath(path: string): boolean {
  return path.startsWith(`${TASK_ROOT}/`);
}
