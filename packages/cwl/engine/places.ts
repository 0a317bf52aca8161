import type { TaskFolders } from '@helicase/runtime';

/** The call of the process that a run begins with. */
export const ROOT_CALL = 'main';

/** Where things lie inside a task, unless its host has places of its own. */
export const FOLDERS: TaskFolders = {
  work: '/mnt/task/work',
  inputs: '/mnt/task/inputs',
  temporary: '/tmp',
};
