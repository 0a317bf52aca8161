import { succeeded, taskFailure, type TaskOutcome, type TaskRequest } from '@helicase/runtime';
import type { Task } from '../check/program.ts';
import { LocatedError, render } from '../evaluate/evaluator.ts';
import { EvaluationError, object, type ObjectValue, type Value } from '../evaluate/value.ts';
import type { Position } from '../syntax/position.ts';
import type { CallPath } from './call-path.ts';
import { locating } from './failures.ts';
import { Localization } from './localization.ts';
import { givenInput } from './names.ts';
import { commandLine } from './outside-outputs.ts';
import { TaskPlaces } from './places.ts';
import type { RunContext } from './run-context.ts';
import { evaluateRuntime, type TaskRuntime } from './runtime-section.ts';
import { inputAccess } from './task-files.ts';
import { TaskOutputs } from './task-outputs.ts';
import { TaskScope } from './task-scope.ts';
import { taskVariable } from './task-variable.ts';

/** One call of a task: from the values it is given to its outputs. */
export interface TaskCall {
  readonly task: Task;
  readonly inputs: ReadonlyMap<string, Value>;
  readonly call: CallPath;
  /** Of the call statement. */
  readonly position: Position;
}

/** Runs the task, more than once where it fails and may be retried. Rejects with an EngineFailureError. */
export async function runTask(taskCall: TaskCall, context: RunContext): Promise<ObjectValue> {
  const { task, call } = taskCall;
  const { prepared, outcome } = await attempts(taskCall, context);
  return locating('RUN_TASK_FAILED', task.position, call.path, () => collect(prepared, outcome, context));
}

interface PreparedCall extends TaskCall {
  readonly scope: TaskScope;
  readonly runtime: TaskRuntime;
  readonly localization: Localization;
}

/** Evaluates inputs, declarations and runtime. In order, so that a replay stages files at the same places. */
async function prepare(taskCall: TaskCall, context: RunContext): Promise<PreparedCall> {
  const { task, inputs, call } = taskCall;
  const places = TaskPlaces.next(context.host);
  const localization = new Localization(context.files, task.home.file, places);
  const scope = new TaskScope(task, inputAccess(localization), (value) => localization.adopt(value));
  await locating('RUN_TASK_FAILED', task.position, call.path, async () => {
    for (const input of task.inputs) {
      const given = givenInput(input, inputs);
      if (given) scope.give(input.name, await localization.adopt(given));
    }
    for (const { name } of [...task.inputs, ...task.declarations]) await scope.value(name);
  });
  const runtime = await locating('INVALID_TASK_RESOURCE_VALUE', task.position, call.path, () =>
    evaluateRuntime(
      task,
      scope.environment(),
      { runtime: context.nested.runtime(call.path), hints: context.nested.hints(call.path) },
      places.work,
    ),
  );
  return { ...taskCall, scope, runtime, localization };
}

/** One attempt as the runtime gets it. The command may tell attempts apart (1.2, `task.attempt`). */
async function requestOf(prepared: PreparedCall, attempt: number): Promise<TaskRequest> {
  const { task, call, position, runtime, scope, localization } = prepared;
  const { places } = localization;
  scope.give('task', taskVariable(prepared, attempt));
  const command = await locating('RUN_TASK_FAILED', task.position, call.path, () =>
    render(task.command.parts, scope.environment()),
  );
  return {
    ...{ call: call.path, name: call.name, attempt },
    argv: commandLine(task, places),
    environment: { ...places.variables, ...(await scope.variables()) },
    workDirectory: places.work,
    ...(runtime.image !== undefined && { image: runtime.image }),
    resources: runtime.resources,
    ...volumesOf(runtime, places),
    successCodes: runtime.successCodes,
    ...(task.meta['volatile'] === true && { reuse: false }),
    inputs: [...localization.staged(), { kind: 'literal', content: command, target: places.command }],
    source: { file: position.file, line: position.line, column: position.column },
  };
}

/** Disks with a place of their own ("the mount point must be … the absolute path to a location"). */
function volumesOf({ disks }: TaskRuntime, { work }: TaskPlaces): Pick<TaskRequest, 'volumes'> {
  const volumes = [...disks.keys()].filter((place) => place !== work);
  return volumes.length > 0 ? { volumes } : {};
}

interface Attempted {
  readonly prepared: PreparedCall;
  readonly outcome: TaskOutcome;
}

/** Each attempt is evaluated anew: it may be at another place. */
async function attempts(taskCall: TaskCall, context: RunContext): Promise<Attempted> {
  for (let attempt = 1; ; attempt++) {
    const prepared = await prepare(taskCall, context);
    const { runtime, scope } = prepared;
    const request = await requestOf(prepared, attempt);
    context.signal.throwIfAborted();
    const outcome = await context.track(context.host.run(request, context.signal));
    if (succeeded(request, outcome)) {
      scope.give('task', taskVariable(prepared, attempt, outcome));
      return { prepared, outcome };
    }
    context.signal.throwIfAborted();
    const failure = await taskFailure(request, outcome);
    const mayRetry = outcome.status !== 'cancelled' && attempt <= runtime.maxRetries;
    if (!mayRetry) throw failure;
    context.host.log(
      'warn',
      `${failure.message} Attempt ${attempt + 1} of ${runtime.maxRetries + 1} follows.`,
    );
  }
}

async function collect(
  { localization, scope, task }: PreparedCall,
  outcome: TaskOutcome,
  { files }: RunContext,
): Promise<ObjectValue> {
  for (const path of [outcome.workDirectory, outcome.stdoutPath, outcome.stderrPath]) files.trust(path);
  const outputs = new TaskOutputs(task, outcome, localization, files);
  scope.enterOutputs(outputs.access(), (value, declaration) => outputs.settle(value, declaration.type));
  const members: [string, Value][] = [];
  for (const { name, position } of task.outputs) {
    try {
      members.push([name, await outputs.publish(await scope.value(name))]);
    } catch (error) {
      if (!(error instanceof EvaluationError)) throw error;
      throw new LocatedError(position, `Output ${name}: ${error.message}`, { cause: error });
    }
  }
  return object(members);
}
