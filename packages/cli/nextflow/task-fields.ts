import type { TaskRecord } from '@helicase/nextflow';

/** What Nextflow's trace knows of a task, by its names; `-` is what nobody measured. */
export type TaskFields = Readonly<Record<string, string>>;

/** Nextflow's others, which nobody measures here. */
const UNMEASURED = [
  ...['syscr', 'syscw', 'read_bytes', 'write_bytes', 'rss', 'vmem', '%mem', 'vol_ctxt', 'inv_ctxt'],
  ...['env', 'module', 'disk', 'queue', 'scratch', 'error_action', 'hostname', 'cpu_model'],
];

/** Whether Nextflow's trace has a field of that name. */
export function isField(name: string): boolean {
  return FIELDS.includes(name) || UNMEASURED.includes(name);
}

export const FIELDS = [
  ...[
    'task_id',
    'hash',
    'native_id',
    'name',
    'process',
    'tag',
    'attempt',
    'status',
    'exit',
    'submit',
    'start',
  ],
  ...[
    'complete',
    'duration',
    'realtime',
    '%cpu',
    'peak_rss',
    'peak_vmem',
    'rchar',
    'wchar',
    'cpus',
    'memory',
  ],
  ...['time', 'container', 'workdir', 'script', 'why'],
];

export function taskFields(record: TaskRecord): TaskFields {
  const { attempt, hash, name, outcome, process, request, script, task, tag, why } = record;
  const real = outcome.finishedAt - outcome.startedAt;
  const queue = outcome.phases?.queue ?? 0;
  return {
    task_id: String(task),
    hash,
    native_id: '-',
    ...{ name, process, tag: tag === null ? '-' : String(tag), attempt: String(attempt) },
    status: outcome.recorded ? 'CACHED' : outcome.exitCode === 0 ? 'COMPLETED' : 'FAILED',
    exit: String(outcome.exitCode ?? '-'),
    submit: moment(outcome.startedAt - queue),
    start: moment(outcome.startedAt),
    complete: moment(outcome.finishedAt),
    duration: length(real + queue),
    realtime: length(real),
    '%cpu': percent(outcome.cpuSeconds, real),
    peak_rss: size(outcome.peakMemoryBytes),
    peak_vmem: '-',
    rchar: size(outcome.readBytes),
    wchar: size(outcome.writtenBytes),
    cpus: String(request.resources.cpus),
    memory: size(request.resources.memoryBytes),
    time:
      request.resources.timeoutSeconds === undefined ? '-' : length(request.resources.timeoutSeconds * 1_000),
    container: request.image ?? '-',
    workdir: outcome.workDirectory,
    script,
    why: why ?? '-',
  };
}

function moment(millis: number): string {
  return new Date(millis).toISOString().replace('T', ' ').slice(0, 23);
}

function percent(cpuSeconds: number | undefined, millis: number): string {
  return cpuSeconds === undefined || millis === 0 ? '-' : `${((cpuSeconds * 100_000) / millis).toFixed(1)}%`;
}

export function length(millis: number): string {
  return millis < 1_000 ? `${Math.round(millis)}ms` : `${(millis / 1_000).toFixed(1)}s`;
}

function size(bytes: number | undefined): string {
  if (bytes === undefined) return '-';
  const power = bytes < 1 ? 0 : Math.min(4, Math.floor(Math.log(bytes) / Math.log(1024)));
  return `${Number((bytes / 1024 ** power).toFixed(1))} ${['B', 'KB', 'MB', 'GB', 'TB'][power]}`;
}
