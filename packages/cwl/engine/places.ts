/** The call of the process that a run begins with. */
export const ROOT_CALL = 'main';

/** Where things lie inside a task. */
export const WORK = '/mnt/task/work';
export const INPUTS = '/mnt/task/inputs';
export const TEMPORARY = '/tmp';
