import { references, templateReferences } from '../syntax/references.ts';
import { hasFeaturesOf, type TaskNode } from '../syntax/document-node.ts';
import { type Dependent, reportCycles } from './cycles.ts';
import {
  type DocumentContext,
  expressionContext,
  noteDuplicate,
  resolveDeclaration,
} from './document-context.ts';
import {
  checkTemplate,
  type ExpressionContext,
  expectType,
  inferType,
  type NameScope,
} from './expression-checker.ts';
import type { Declaration, Task } from './program.ts';
import { arrayOf, FLOAT, holdsFiles, INT, mapOf, OBJECT, STRING, type Type, withOptional } from './type.ts';

/** Checks a task and resolves its types. */
export function checkTask(node: TaskNode, context: DocumentContext): Task {
  const resolve = (declarations: TaskNode['inputs']) =>
    declarations.map((declaration) => resolveDeclaration(declaration, context));
  const inputs = resolve(node.inputs);
  const declarations = resolve(node.declarations);
  const outputs = resolve(node.outputs);
  const task: Task = {
    kind: 'task',
    name: node.name,
    home: context.home,
    position: node.position,
    inputs,
    declarations,
    command: node.command,
    runtime: node.runtime,
    hints: node.hints,
    outputs,
    meta: node.meta,
    parameterMeta: node.parameterMeta,
  };
  checkBodies(task, context);
  reportUnused(task, context);
  return task;
}

function checkBodies(task: Task, context: DocumentContext): void {
  const before = declarationScope([...task.inputs, ...task.declarations], context);
  const after = declarationScope([...task.inputs, ...task.declarations, ...task.outputs], context);
  const inputs = expressionContext(before.scope, context);
  for (const declaration of [...task.inputs, ...task.declarations]) checkDeclaration(declaration, inputs);
  checkTemplate(task.command.parts, withTaskVariable(inputs));
  if (task.command.mixedIndentation) context.report.add('MixedIndentation', task.command.position, {});
  for (const { value } of [...task.runtime, ...task.hints]) inferType(value, inputs);
  const outputs = withTaskVariable({ ...expressionContext(after.scope, context), inOutputs: true });
  for (const declaration of task.outputs) checkDeclaration(declaration, outputs);
  reportCycles(after.dependents.values(), context.report);
}

/** In command and outputs `task` tells what the task was given (specification 1.2, "Runtime Access to Requirements"). */
function withTaskVariable(context: ExpressionContext): ExpressionContext {
  if (!hasFeaturesOf(context.version, '1.2')) return context;
  const { scope } = context;
  const resolve = (name: string) =>
    name === 'task' ? ({ kind: 'value', type: TASK_VARIABLE } as const) : scope.resolve(name);
  return { ...context, scope: { ...scope, resolve } };
}

const optional = (type: Type) => withOptional(type, true);

const TASK_VARIABLE: Type = {
  kind: 'Object',
  optional: false,
  members: new Map<string, Type>(
    Object.entries({
      ...{ name: STRING, id: STRING, container: optional(STRING), cpu: FLOAT, memory: INT },
      ...{ gpu: arrayOf(STRING), fpga: arrayOf(STRING), disks: mapOf(STRING, INT), attempt: INT },
      ...{ end_time: optional(INT), return_code: optional(INT) },
      ...{ meta: OBJECT, parameter_meta: OBJECT, ext: OBJECT },
    }),
  ),
};

/** Sees that a declaration's value fits its type. */
export function checkDeclaration(declaration: Declaration, context: ExpressionContext): void {
  if (declaration.value) expectType(declaration.value, declaration.type, context);
}

interface DeclarationScope {
  readonly scope: NameScope;
  readonly dependents: ReadonlyMap<string, Dependent>;
}

function declarationScope(declarations: readonly Declaration[], context: DocumentContext): DeclarationScope {
  const named = new Map<string, Declaration>();
  for (const declaration of declarations) {
    noteDuplicate(
      declaration.name,
      declaration.position,
      named.get(declaration.name)?.position,
      context.report,
    );
    named.set(declaration.name, declaration);
  }
  const scope: NameScope = {
    resolve: (name) => {
      const found = named.get(name);
      return found && { kind: 'value', type: found.type };
    },
    names: () => named.keys(),
  };
  return { scope, dependents: dependents(named) };
}

function dependents(named: ReadonlyMap<string, Declaration>): Map<string, Dependent> {
  const nodes = new Map<string, Dependent & { dependencies: Dependent[] }>();
  for (const { name, position } of named.values()) nodes.set(name, { name, position, dependencies: [] });
  for (const { name, value } of named.values()) {
    if (!value) continue;
    for (const { identifier } of references(value)) {
      const found = nodes.get(identifier.name);
      if (found) nodes.get(name)!.dependencies.push(found);
    }
  }
  return nodes;
}

/** What nothing reads is most likely a slip; but a file may be the index beside another. */
function reportUnused(task: Task, { report }: DocumentContext): void {
  const used = new Set<string>();
  const values = [...task.inputs, ...task.declarations, ...task.outputs].map(({ value }) => value);
  for (const value of [...values, ...[...task.runtime, ...task.hints].map((entry) => entry.value)]) {
    if (value) for (const { identifier } of references(value)) used.add(identifier.name);
  }
  for (const { identifier } of templateReferences(task.command.parts)) used.add(identifier.name);
  for (const { name, position, environment } of task.declarations) {
    if (!used.has(name) && !environment) report.add('UnusedDeclaration', position, { name });
  }
  for (const { name, position, type } of task.inputs) {
    if (!used.has(name) && !holdsFiles(type)) report.add('UnusedInput', position, { name });
  }
}
