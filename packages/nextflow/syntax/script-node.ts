import type { Expression, Node, Parameter, TypeNode } from './expression-node.ts';
import type { Block, Statement } from './statement-node.ts';

/** `input:` of the typed syntax: `name: Type`, `(a, b): Tuple<X, Y>`, `tuple(a: X)`, `record(a: X)`. */
export interface TypedInput extends Node {
  readonly kind: 'typed-input';
  readonly shape: 'value' | 'tuple' | 'record';
  readonly parameters: readonly Parameter[];
}
/** An entry of the classic syntax: `tuple val(id), path(reads)`. */
export interface QualifierNode extends Node {
  readonly kind: 'qualifier';
  readonly expression: Expression;
}
/** An output of the typed syntax: `name: Type = value`, or the value alone. */
export interface TypedOutput extends Node {
  readonly kind: 'typed-output';
  readonly name?: string;
  readonly type?: TypeNode;
  readonly value: Expression;
}

export type BodyKind = 'script' | 'shell' | 'exec';

export interface ProcessNode extends Node {
  readonly kind: 'process';
  readonly name: string;
  readonly directives: readonly Statement[];
  readonly inputs: readonly (TypedInput | QualifierNode)[];
  readonly stage: readonly Statement[];
  readonly outputs: readonly (TypedOutput | QualifierNode)[];
  readonly topics: readonly Statement[];
  readonly when?: Block;
  readonly body?: Block;
  readonly bodyKind: BodyKind;
  readonly stub?: Block;
}

export interface WorkflowEmit extends Node {
  readonly name?: string;
  readonly value?: Expression;
}
export interface WorkflowNode extends Node {
  readonly kind: 'workflow';
  /** Undefined: the entry workflow. */
  readonly name: string | undefined;
  readonly takes: readonly Parameter[];
  readonly main: Block;
  readonly emits: readonly WorkflowEmit[];
  readonly publishes: readonly WorkflowEmit[];
  readonly onComplete?: Block;
  readonly onError?: Block;
}
export interface OutputDeclaration extends Node {
  readonly name: string;
  readonly body: Block;
}
export interface OutputNode extends Node {
  readonly kind: 'output';
  readonly declarations: readonly OutputDeclaration[];
}
export interface ParamsNode extends Node {
  readonly kind: 'params';
  readonly parameters: readonly Parameter[];
}

export type Declaration = ProcessNode | WorkflowNode | OutputNode | ParamsNode;

export interface ScriptNode extends Node {
  readonly kind: 'script';
  readonly items: readonly (Declaration | Statement)[];
}
