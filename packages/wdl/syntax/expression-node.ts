import type { Position } from './position.ts';

interface Node<K extends string> {
  readonly kind: K;
  readonly position: Position;
}

export interface BooleanLiteral extends Node<'BooleanLiteral'> {
  readonly value: boolean;
}
export interface IntLiteral extends Node<'IntLiteral'> {
  readonly value: bigint;
}
export interface FloatLiteral extends Node<'FloatLiteral'> {
  readonly value: number;
}
export type NoneLiteral = Node<'NoneLiteral'>;

/** A string with its placeholders; a plain string has one text part or none. */
export interface StringTemplate extends Node<'StringTemplate'> {
  readonly parts: readonly TemplatePart[];
}
export type TemplatePart = string | Placeholder;

/** `~{sep=", " expression}`. */
export interface Placeholder extends Node<'Placeholder'> {
  readonly options: PlaceholderOptions;
  readonly expression: Expression;
}
export interface PlaceholderOptions {
  readonly sep?: string;
  readonly true?: string;
  readonly false?: string;
  readonly default?: string;
}

export interface Identifier extends Node<'Identifier'> {
  readonly name: string;
}
export interface ArrayLiteral extends Node<'ArrayLiteral'> {
  readonly items: readonly Expression[];
}
export interface MapLiteral extends Node<'MapLiteral'> {
  readonly entries: readonly { readonly key: Expression; readonly value: Expression }[];
}
/** `object { a: 1 }`, or `Name { a: 1 }` of a struct. */
export interface ObjectLiteral extends Node<'ObjectLiteral'> {
  readonly struct: string | undefined;
  readonly members: readonly ObjectMember[];
}
export interface ObjectMember {
  readonly name: string;
  readonly position: Position;
  readonly value: Expression;
}
export interface PairLiteral extends Node<'PairLiteral'> {
  readonly left: Expression;
  readonly right: Expression;
}
export interface IfThenElse extends Node<'IfThenElse'> {
  readonly condition: Expression;
  readonly then: Expression;
  readonly else: Expression;
}
export interface Unary extends Node<'Unary'> {
  readonly operator: '!' | '-' | '+';
  readonly operand: Expression;
}
export type BinaryOperator =
  '||' | '&&' | '==' | '!=' | '<' | '<=' | '>' | '>=' | '+' | '-' | '*' | '/' | '%' | '**';
export interface Binary extends Node<'Binary'> {
  readonly operator: BinaryOperator;
  readonly left: Expression;
  readonly right: Expression;
}
export interface Apply extends Node<'Apply'> {
  readonly function: string;
  readonly arguments: readonly Expression[];
}
export interface Member extends Node<'Member'> {
  readonly object: Expression;
  readonly name: string;
}
export interface Index extends Node<'Index'> {
  readonly object: Expression;
  readonly index: Expression;
}

export type Expression =
  | BooleanLiteral
  | IntLiteral
  | FloatLiteral
  | NoneLiteral
  | StringTemplate
  | Identifier
  | ArrayLiteral
  | MapLiteral
  | ObjectLiteral
  | PairLiteral
  | IfThenElse
  | Unary
  | Binary
  | Apply
  | Member
  | Index;
