import type { Block } from './statement-node.ts';

/** Offsets in the source. */
export interface Node {
  readonly start: number;
  readonly end: number;
}

export interface TypeNode extends Node {
  /** As written, without parameters: `List`, `java.nio.file.Path`. */
  readonly name: string;
  readonly parameters: readonly TypeNode[];
  readonly array: boolean;
  readonly optional: boolean;
}

export interface Parameter extends Node {
  readonly name: string;
  readonly type?: TypeNode;
  readonly initial?: Expression;
  readonly rest?: boolean;
}

export interface NamedArgument extends Node {
  readonly name: Expression;
  readonly value: Expression;
}

export interface Arguments {
  readonly positional: readonly Expression[];
  readonly named: readonly NamedArgument[];
}

export interface LiteralNode extends Node {
  readonly kind: 'literal';
  readonly value: string | boolean | null;
}
export interface NumberNode extends Node {
  readonly kind: 'number';
  readonly text: string;
}
export interface InterpolationNode extends Node {
  readonly kind: 'interpolation';
  readonly texts: readonly string[];
  readonly values: readonly Expression[];
}
export interface NameNode extends Node {
  readonly kind: 'name';
  readonly name: string;
}
export interface PropertyNode extends Node {
  readonly kind: 'property';
  readonly object: Expression;
  readonly name: string | Expression;
  readonly safe: boolean;
  readonly spread: boolean;
  /** `.@`: the field itself. */
  readonly field?: boolean;
}
export interface MethodPointerNode extends Node {
  readonly kind: 'method-pointer';
  readonly object: Expression;
  readonly name: string;
}
export interface IndexNode extends Node {
  readonly kind: 'index';
  readonly object: Expression;
  readonly indexes: readonly Expression[];
  readonly safe: boolean;
}
/** A call of a name, of a member, or of a value. */
export interface CallNode extends Node {
  readonly kind: 'call';
  readonly callee: Expression;
  readonly arguments: Arguments;
}
export interface NewNode extends Node {
  readonly kind: 'new';
  readonly type: TypeNode;
  readonly arguments: Arguments;
}
export interface ClosureNode extends Node {
  readonly kind: 'closure';
  /** Undefined where the closure has the implicit `it`. */
  readonly parameters: readonly Parameter[] | undefined;
  readonly body: Block;
}
export interface ListNode extends Node {
  readonly kind: 'list';
  readonly items: readonly Expression[];
}
export interface MapNode extends Node {
  readonly kind: 'map';
  readonly entries: readonly (NamedArgument | SpreadNode)[];
}
/** `*list` in a list or a call, `*:map` in a map. */
export interface SpreadNode extends Node {
  readonly kind: 'spread';
  readonly value: Expression;
}
export interface UnaryNode extends Node {
  readonly kind: 'unary';
  readonly operator: '!' | '-' | '+' | '~' | '++' | '--';
  readonly operand: Expression;
}
export interface PostfixNode extends Node {
  readonly kind: 'postfix';
  readonly operator: '++' | '--';
  readonly operand: Expression;
}
export interface BinaryNode extends Node {
  readonly kind: 'binary';
  readonly operator: string;
  readonly left: Expression;
  readonly right: Expression;
}
export interface RangeNode extends Node {
  readonly kind: 'range';
  readonly from: Expression;
  readonly to: Expression;
  readonly openStart: boolean;
  readonly openEnd: boolean;
}
export interface TernaryNode extends Node {
  readonly kind: 'ternary';
  readonly condition: Expression;
  /** Undefined for the elvis operator. */
  readonly positive: Expression | undefined;
  readonly negative: Expression;
}
export interface CastNode extends Node {
  readonly kind: 'cast';
  readonly value: Expression;
  readonly type: TypeNode;
}
export interface InstanceOfNode extends Node {
  readonly kind: 'instanceof';
  readonly value: Expression;
  readonly type: TypeNode;
  readonly negated: boolean;
}
export interface AssignNode extends Node {
  readonly kind: 'assign';
  readonly operator: string;
  readonly target: Expression;
  readonly value: Expression;
}
/** `(a, b) = value`. */
export interface MultipleAssignNode extends Node {
  readonly kind: 'multiple-assign';
  readonly targets: readonly Expression[];
  readonly value: Expression;
}

export type Expression =
  | LiteralNode
  | NumberNode
  | InterpolationNode
  | NameNode
  | PropertyNode
  | MethodPointerNode
  | IndexNode
  | CallNode
  | NewNode
  | ClosureNode
  | ListNode
  | MapNode
  | SpreadNode
  | UnaryNode
  | PostfixNode
  | BinaryNode
  | RangeNode
  | TernaryNode
  | CastNode
  | InstanceOfNode
  | AssignNode
  | MultipleAssignNode;
