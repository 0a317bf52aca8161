import type { CommandNode, Meta, RuntimeEntry, Version } from '../syntax/document-node.ts';
import type { Expression } from '../syntax/expression-node.ts';
import type { Position } from '../syntax/position.ts';
import type { StructType, Type } from './type.ts';

/** What the checker makes of a definition and the engine runs: names linked, types resolved. */

export interface Declaration {
  readonly kind: 'declaration';
  readonly name: string;
  readonly type: Type;
  readonly value: Expression | undefined;
  readonly position: Position;
  /** The command sees it as an environment variable. */
  readonly environment: boolean;
}

/** What tasks and workflows of one document share. */
export interface Home {
  readonly file: string;
  readonly version: Version;
  readonly structs: ReadonlyMap<string, StructType>;
}

export interface Task {
  readonly kind: 'task';
  readonly name: string;
  readonly home: Home;
  readonly position: Position;
  readonly inputs: readonly Declaration[];
  readonly declarations: readonly Declaration[];
  readonly command: CommandNode;
  readonly runtime: readonly RuntimeEntry[];
  readonly hints: readonly RuntimeEntry[];
  readonly outputs: readonly Declaration[];
  readonly meta: Meta;
  readonly parameterMeta: Meta;
}

export interface Workflow {
  readonly kind: 'workflow';
  readonly name: string;
  readonly home: Home;
  readonly position: Position;
  readonly inputs: readonly Declaration[];
  readonly body: Section;
  readonly outputs: readonly Declaration[];
  readonly hints: Meta;
  readonly meta: Meta;
  readonly parameterMeta: Meta;
}

export type Callable = Task | Workflow;

/** Whether inputs of calls may be given with the run; 'ignored' where the author says that they may not (1.2). */
export function nestedInputs({
  hints,
  meta,
}: Pick<Workflow, 'hints' | 'meta'>): 'allowed' | 'refused' | 'ignored' {
  const said = hints['allow_nested_inputs'] ?? hints['allowNestedInputs'] ?? meta['allowNestedInputs'];
  if (said === true) return 'allowed';
  return said === false ? 'ignored' : 'refused';
}

/** The workflow's own body, or that of a scatter or conditional. */
export interface Section {
  readonly nodes: readonly PlanNode[];
  /** The names declared directly in it. */
  readonly own: ReadonlyMap<string, Declaration | Call>;
  /** Names declared in sections inside it, with the one directly in this section that leads there. */
  readonly inner: ReadonlyMap<string, Scatter | Conditional>;
}

export type PlanNode = Declaration | Call | Scatter | Conditional;

export interface Call {
  readonly kind: 'call';
  readonly name: string;
  readonly callee: Callable;
  readonly inputs: readonly {
    readonly name: string;
    readonly value: Expression;
    readonly position: Position;
  }[];
  readonly after: readonly string[];
  readonly position: Position;
}

export interface Scatter {
  readonly kind: 'scatter';
  readonly variable: string;
  readonly collection: Expression;
  readonly body: Section;
  readonly position: Position;
}

export interface Conditional {
  readonly kind: 'conditional';
  readonly condition: Expression;
  readonly body: Section;
  readonly position: Position;
}
