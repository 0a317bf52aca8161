import { readFile, realpath } from 'node:fs/promises';
import { join, resolve, sep } from 'node:path';
import type { LanguageEngine, LanguageResult, LanguageRun } from '@helicase/runtime';
import { linkDefinition } from '../check/check.ts';
import type { DefinitionReader } from '../check/loader.ts';
import type { Callable } from '../check/program.ts';
import { formatDiagnostic } from '../diagnostics/excerpt.ts';
import { mapFiles } from '../evaluate/map-files.ts';
import type { ObjectValue, Value } from '../evaluate/value.ts';
import { engineFailure, locating } from './failures.ts';
import { NestedInputs } from './nested-inputs.ts';
import { readParameters } from './parameters.ts';
import { publishOutputs } from './publication.ts';
import { RunContext } from './run-context.ts';
import { isUri, RunFiles } from './run-files.ts';
import { runTask } from './task-run.ts';
import { WorkflowRun } from './workflow-run.ts';

/** WDL by the letter (`WDL`). */
export const wdlEngine: LanguageEngine = { run: (run) => runDefinition(run) };

/** WDL with Cromwell's tolerance (`WDL_LENIENT`). */
export const lenientWdlEngine: LanguageEngine = { run: (run) => runDefinition(run, { lenient: true }) };

export interface RunOptions {
  readonly lenient?: boolean;
  /** A task of the main file to run alone, in place of its workflow. */
  readonly task?: string;
  /** The folder that relative paths among the parameters start from; without it they are the definition's. */
  readonly inputsFolder?: string;
}

/** Runs a definition with what only a command line may ask for. */
export async function runDefinition(run: LanguageRun, options: RunOptions = {}): Promise<LanguageResult> {
  const target = await link(run, options);
  const { inputs, nested, ignored, problems } = readParameters(target, run.parameters, options.lenient);
  if (problems.length > 0) {
    throw engineFailure(
      'WORKFLOW_RUN_FAILED',
      `The parameters do not fit the ${target.kind}: ${problems.join(' ')}`,
    );
  }
  for (const name of ignored) {
    run.host.log('warn', `${name} is ignored: the workflow sets allow_nested_inputs to false.`);
  }
  const files = await RunFiles.open(run.host, run.definition);
  const context = new RunContext(run.host, files, new NestedInputs(nested), run.signal);
  const { inputsFolder } = options;
  const given = inputsFolder === undefined ? inputs : await absolute(inputs, inputsFolder);
  const outputs = await complete(target, given, context);
  return locating('WORKFLOW_RUN_FAILED', target.position, undefined, () =>
    publishOutputs(target, outputs, files),
  );
}

type Inputs = ReadonlyMap<string, Value>;

async function absolute(inputs: Inputs, folder: string): Promise<Inputs> {
  const resolved = new Map<string, Value>();
  const change = async (path: string) => (isUri(path) ? path : resolve(folder, path));
  for (const [name, value] of inputs) resolved.set(name, await mapFiles(value, change));
  return resolved;
}

/** On a failure, waits until every other task has ended; the first failure is the one that is told. */
async function complete(target: Callable, inputs: Inputs, context: RunContext): Promise<ObjectValue> {
  try {
    const outputs = await start(target, inputs, context);
    context.signal.throwIfAborted();
    return outputs;
  } catch (error) {
    context.fail(error);
    await context.settle();
    throw error;
  }
}

function start(target: Callable, inputs: Inputs, context: RunContext): Promise<ObjectValue> {
  if (target.kind === 'workflow') return new WorkflowRun(target, context).complete(inputs);
  const call = { path: target.name, name: target.name };
  return runTask({ task: target, inputs, call, position: target.position }, context);
}

async function link(
  { definition, main }: LanguageRun,
  { lenient = false, task }: RunOptions,
): Promise<Callable> {
  const { workflow, tasks, diagnostics } = await linkDefinition({
    files: definitionFolder(definition),
    main,
    lenient,
    tasksOnly: task !== undefined,
  });
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  const target = task === undefined ? workflow : tasks.get(task);
  if (target && errors.length === 0) return target;
  const position = errors[0]?.position;
  const message = errors.map(formatDiagnostic).join('\n') || `${main} has no task ${task}.`;
  throw engineFailure('WORKFLOW_RUN_FAILED', message, { ...(position && { position }) });
}

/** Reads the files of a folder, and none that a link leads out of it to. */
export function definitionFolder(folder: string): DefinitionReader {
  return async (path) => {
    try {
      const root = await realpath(folder);
      const real = await realpath(join(root, path));
      return real.startsWith(join(root, sep)) ? await readFile(real, 'utf8') : undefined;
    } catch {
      return undefined;
    }
  };
}
