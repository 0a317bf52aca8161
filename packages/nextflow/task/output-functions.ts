import { ScriptFault } from '../diagnostics/fault.ts';
import type { Declared, ProcessDefinition } from '../run/process-definition.ts';
import { Closure } from '../values/closure.ts';
import { fault } from '../values/errors.ts';
import { GroovyMap } from '../values/map.ts';
import { text } from '../values/text.ts';
import { truth } from '../values/truth.ts';
import type { Value } from '../values/value.ts';
import type { TaskOutputs } from './task-outputs.ts';
import type { TaskScope } from './task-scope.ts';

/** What outputs ask of a task's shell, which must be known before its script is written. */
export interface Captured {
  /** Of `eval`. */
  readonly commands: readonly string[];
  /** Of `env`. */
  readonly variables: readonly string[];
}

type Functions = Readonly<Record<string, (args: readonly Value[]) => Value>>;

export function capturedBy(definition: ProcessDefinition, scope: TaskScope): Captured {
  const { outputs, topics } = definition;
  const commands = outputs.flatMap((output) => evalCommands(output, scope));
  const variables = environmentNames(outputs);
  define(definition, scope, {
    stdout: () => '',
    eval: (args) => (commands.push(text(args[0])), ''),
    env: (args) => (variables.push(text(args[0])), ''),
    file: () => null,
    files: () => [],
  });
  for (const closure of [
    ...outputs.flatMap(({ kind, value }) => (kind === 'typed' && value ? [value] : [])),
    ...topics.map(({ value }) => value),
  ]) {
    try {
      closure.withDelegate(scope, 'delegate-first').apply([]);
    } catch (error) {
      // What the outputs need may not be there before the script has run; only the commands are wanted here.
      if (!(error instanceof ScriptFault)) throw error;
    }
  }
  return { commands: [...new Set(commands)], variables };
}

function evalCommands(output: Declared, scope: TaskScope): string[] {
  const own =
    output.kind === 'eval' && output.value
      ? [text(output.value.withDelegate(scope, 'delegate-first').apply([]))]
      : [];
  return [...own, ...output.items.flatMap((item) => evalCommands(item, scope))];
}

function environmentNames(outputs: readonly Declared[]): string[] {
  return outputs.flatMap((output) => {
    const own = output.kind === 'env' ? [output.name ?? text(output.value?.apply([]) ?? '')] : [];
    return [...own, ...environmentNames(output.items)];
  });
}

/** `file`, `files`, `env`, `eval` and `stdout` in typed outputs, of a task that has ended. */
export function defineOutputFunctions(
  definition: ProcessDefinition,
  scope: TaskScope,
  { name, outputs, stdout }: { name: string; outputs: TaskOutputs; stdout: () => string },
): void {
  define(definition, scope, {
    stdout,
    eval: (args) => outputs.command(text(args[0])),
    env: (args) => outputs.variable(text(args[0])),
    file: (args) => outputFiles(name, outputs, args)[0] ?? null,
    files: (args) => outputFiles(name, outputs, args),
  });
}

function define({ outputs, topics }: ProcessDefinition, scope: TaskScope, functions: Functions): void {
  if (topics.length === 0 && !outputs.some(({ kind }) => kind === 'typed')) return;
  for (const [name, body] of Object.entries(functions)) {
    const call = (_self: Closure, ...args: Value[]) => body(spread(args.filter((arg) => arg !== undefined)));
    scope.set(name, new Closure(call, scope, { arity: 1, rest: true, start: 0, end: 0 }));
  }
}

function spread(args: readonly Value[]): readonly Value[] {
  return Array.isArray(args[0]) && args.length === 1 ? (args[0] as Value[]) : args;
}

function outputFiles(process: string, outputs: TaskOutputs, args: readonly Value[]): Value[] {
  const options = args[0] instanceof GroovyMap ? args[0] : new GroovyMap();
  const pattern = text(args[0] instanceof GroovyMap ? args[1] : args[0]);
  const found = outputs.find(pattern, options);
  if (found.length === 0 && !truth(options.get('optional') ?? false))
    throw fault(
      `Missing output file(s) \`${pattern}\` expected by process \`${process}\``,
      'MissingFileException',
    );
  return found;
}
