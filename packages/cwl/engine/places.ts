/** Where things lie inside a task. */
export const WORK = '/mnt/task/work';
export const INPUTS = '/mnt/task/inputs';
export const TEMPORARY = '/tmp';
