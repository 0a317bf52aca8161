import type { Arguments, Expression, Node, Parameter, TypeNode } from './expression-node.ts';

export interface Block extends Node {
  readonly kind: 'block';
  readonly statements: readonly Statement[];
}
export interface ExpressionStatement extends Node {
  readonly kind: 'expression';
  readonly expression: Expression;
}
export interface VariableStatement extends Node {
  readonly kind: 'variable';
  readonly name: string;
  readonly type?: TypeNode;
  readonly value?: Expression;
  /** Static, final, @Field and the like. */
  readonly modifiers: readonly string[];
}
export interface MultipleVariableStatement extends Node {
  readonly kind: 'multiple-variable';
  readonly names: readonly { readonly name: string; readonly type?: TypeNode }[];
  readonly value: Expression;
}
export interface IfStatement extends Node {
  readonly kind: 'if';
  readonly condition: Expression;
  readonly positive: Statement;
  readonly negative?: Statement;
}
export interface ForInStatement extends Node {
  readonly kind: 'for-in';
  readonly variable: string;
  readonly index?: string;
  readonly collection: Expression;
  readonly body: Statement;
}
export interface ForStatement extends Node {
  readonly kind: 'for';
  readonly initial: readonly Statement[];
  readonly condition?: Expression;
  readonly update: readonly Expression[];
  readonly body: Statement;
}
export interface WhileStatement extends Node {
  readonly kind: 'while';
  readonly condition: Expression;
  readonly body: Statement;
  /** `do ... while`. */
  readonly bodyFirst: boolean;
}
export interface ReturnStatement extends Node {
  readonly kind: 'return';
  readonly value?: Expression;
}
export interface ThrowStatement extends Node {
  readonly kind: 'throw';
  readonly value: Expression;
}
export interface JumpStatement extends Node {
  readonly kind: 'break' | 'continue';
  readonly label?: string;
}
export interface CatchClause extends Node {
  readonly types: readonly TypeNode[];
  readonly name: string;
  readonly body: Statement;
}
export interface TryStatement extends Node {
  readonly kind: 'try';
  readonly body: Statement;
  readonly catches: readonly CatchClause[];
  readonly last?: Statement;
}
export interface AssertStatement extends Node {
  readonly kind: 'assert';
  readonly condition: Expression;
  readonly message?: Expression;
}
export interface SwitchCase extends Node {
  /** Undefined: default. */
  readonly test: Expression | undefined;
  readonly body: readonly Statement[];
}
export interface SwitchStatement extends Node {
  readonly kind: 'switch';
  readonly value: Expression;
  readonly cases: readonly SwitchCase[];
}
/** `label: statement`; meaning is given by branch, multiMap, processes and workflows. */
export interface LabelledStatement extends Node {
  readonly kind: 'labelled';
  readonly label: string;
  readonly statement: Statement;
}

export interface FunctionNode extends Node {
  readonly kind: 'function';
  readonly name: string;
  readonly parameters: readonly Parameter[];
  readonly body: Block;
  readonly isStatic: boolean;
}
export interface ClassNode extends Node {
  readonly kind: 'class';
  readonly name: string;
  readonly parent?: TypeNode;
  readonly fields: readonly VariableStatement[];
  readonly methods: readonly FunctionNode[];
  readonly initializers: readonly Block[];
}
export interface EnumNode extends Node {
  readonly kind: 'enum';
  readonly name: string;
  readonly constants: readonly string[];
}
export interface RecordNode extends Node {
  readonly kind: 'record';
  readonly name: string;
  readonly fields: readonly Parameter[];
}
export interface ImportStatement extends Node {
  readonly kind: 'import';
  readonly path: string;
  readonly alias: string;
  readonly isStatic: boolean;
}

/** At the top of a script; older scripts have it inside of an `if` there. */
export interface IncludeNode extends Node {
  readonly kind: 'include';
  readonly names: readonly (Node & { readonly name: string; readonly alias: string })[];
  readonly path: Expression;
  readonly addParams?: Arguments;
  readonly params?: Arguments;
}

export type Statement =
  | Block
  | ExpressionStatement
  | VariableStatement
  | MultipleVariableStatement
  | IfStatement
  | ForInStatement
  | ForStatement
  | WhileStatement
  | ReturnStatement
  | ThrowStatement
  | JumpStatement
  | TryStatement
  | AssertStatement
  | SwitchStatement
  | LabelledStatement
  | FunctionNode
  | ClassNode
  | EnumNode
  | RecordNode
  | ImportStatement
  | IncludeNode;
