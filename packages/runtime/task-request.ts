import { acceleratorProblem } from './accelerators.ts';
import type { StagedInput, TaskRequest, TaskResources } from './task.ts';

/** Names of control groups, containers and folders: nothing that a path could be made of. */
const SAFE_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;
const VARIABLE = /^[A-Za-z_][A-Za-z0-9_.-]*$/;
const SMALLEST_MEMORY = 4 * 2 ** 20;

/**
 * What is wrong with a request, in words; undefined where it can be tried. Requests come from engines, which are not trusted.
 * `own`: the attempt's folder, where a task without a sandbox sees it, wherever that is (a TMPDIR in /dev/shm).
 */
export function requestProblem(attemptId: string, request: TaskRequest, own?: string): string | undefined {
  const { argv, environment, workDirectory, resources, inputs, volumes = [] } = request;
  if (!SAFE_NAME.test(attemptId)) return `The attempt id ${JSON.stringify(attemptId)} is not a plain name.`;
  if (argv.length === 0 && !request.entrypoint) return 'The task has no command.';
  if (argv.some(hasNul)) return 'The command contains a NUL character.';
  const variables = Object.entries({ ...environment, ...request.secrets });
  const variable = variables.find(([name, value]) => !VARIABLE.test(name) || hasNul(value));
  if (variable)
    return `The environment variable ${JSON.stringify(variable[0])} has an impossible name or value.`;
  const wish = resourceProblem(resources);
  if (wish) return wish;
  const targets = [workDirectory, ...volumes, ...inputs.map(({ target }) => target)];
  return (
    targets.map((target) => targetProblem(target, own)).find(Boolean) ??
    streamProblem(request) ??
    collision(inputs)
  );
}

function resourceProblem(resources: TaskResources): string | undefined {
  const { accelerators, cpus, diskBytes, memoryBytes, timeoutSeconds } = resources;
  if (!(cpus > 0)) return `The task asks for ${cpus} vCPUs; it needs more than 0.`;
  if (!(memoryBytes >= SMALLEST_MEMORY)) {
    return `The task asks for ${memoryBytes} bytes of memory; it needs 4 MiB at least.`;
  }
  if (diskBytes !== undefined && !(diskBytes > 0)) {
    return `The task asks for ${diskBytes} bytes of disk; it must be more than 0.`;
  }
  if (timeoutSeconds !== undefined && !(timeoutSeconds > 0)) {
    return `The task's time limit is ${timeoutSeconds} seconds; it must be more than 0.`;
  }
  return accelerators && acceleratorProblem(accelerators);
}

function streamProblem({ stderr, stdout, workDirectory }: TaskRequest): string | undefined {
  const outside = [stdout, stderr].find(
    (path) =>
      path !== undefined && (targetProblem(path, workDirectory) || !path.startsWith(`${workDirectory}/`)),
  );
  return outside === undefined
    ? undefined
    : `The output file ${JSON.stringify(outside)} does not lie in the work directory ${workDirectory}.`;
}

/** One of them would hide the other, or overwrite it. */
function collision(inputs: readonly StagedInput[]): string | undefined {
  const places = new Map<string, string>();
  for (const input of inputs) {
    const what = JSON.stringify(input);
    if ((places.get(input.target) ?? what) !== what)
      return `Two different inputs would lie at ${input.target}; stage one of them elsewhere.`;
    places.set(input.target, what);
  }
  return undefined;
}

const RESERVED = ['/', '/dev', '/proc', '/sys', '/usr', '/bin', '/sbin', '/lib', '/lib64', '/etc'];

function targetProblem(target: string, own?: string): string | undefined {
  const plain =
    target.startsWith('/') &&
    !hasNul(target) &&
    !target.split('/').some((part) => part === '..' || part === '.');
  if (!plain) return `The path ${JSON.stringify(target)} inside the task is not absolute and plain.`;
  if (own !== undefined && target.startsWith(`${own}/`)) return undefined;
  const reserved = RESERVED.some(
    (place) => target === place || (place !== '/' && target.startsWith(`${place}/`)),
  );
  return reserved
    ? `The path ${target} inside the task belongs to the system; stage inputs elsewhere.`
    : undefined;
}

function hasNul(text: string): boolean {
  return text.includes('\0');
}
