import type { Expression, StringTemplate, TemplatePart } from './expression-node.ts';
import type { Position } from './position.ts';
import type { TypeNode } from './type-node.ts';

/** In the order of their appearance: what one can do, the later ones can too. */
export const VERSIONS = ['1.0', '1.1', '1.2', 'development'] as const;
export type Version = (typeof VERSIONS)[number];

/** Whether a document of this version has what came with `since`. */
export function hasFeaturesOf(version: Version, since: Version): boolean {
  return VERSIONS.indexOf(version) >= VERSIONS.indexOf(since);
}

/** One WDL file. */
export interface DocumentNode {
  readonly kind: 'Document';
  readonly position: Position;
  readonly file: string;
  readonly version: Version;
  readonly imports: readonly ImportNode[];
  readonly structs: readonly StructNode[];
  readonly tasks: readonly TaskNode[];
  readonly workflow: WorkflowNode | undefined;
}

export interface ImportNode {
  readonly kind: 'Import';
  readonly position: Position;
  readonly uri: string;
  /** Given with `as`, or the file's name without `.wdl`. */
  readonly namespace: string;
  readonly aliases: readonly { readonly from: string; readonly to: string; readonly position: Position }[];
}

export interface StructNode {
  readonly kind: 'Struct';
  readonly position: Position;
  readonly name: string;
  readonly members: readonly DeclarationNode[];
  readonly meta: Meta;
  readonly parameterMeta: Meta;
}

export interface DeclarationNode {
  readonly kind: 'Declaration';
  /** Of the name. */
  readonly position: Position;
  readonly type: TypeNode;
  readonly name: string;
  readonly value: Expression | undefined;
  /** With `env`: the command sees it as an environment variable. */
  readonly environment: boolean;
}

export interface TaskNode {
  readonly kind: 'Task';
  readonly position: Position;
  readonly name: string;
  readonly inputs: readonly DeclarationNode[];
  readonly declarations: readonly DeclarationNode[];
  readonly command: CommandNode;
  /** Of the section `runtime` or, from 1.2 on, `requirements`. */
  readonly runtime: readonly RuntimeEntry[];
  readonly runtimeSection: 'runtime' | 'requirements' | undefined;
  readonly hints: readonly RuntimeEntry[];
  readonly outputs: readonly DeclarationNode[];
  readonly meta: Meta;
  readonly parameterMeta: Meta;
}

/** The command's parts, indentation already stripped. */
export interface CommandNode {
  readonly kind: 'Command';
  readonly position: Position;
  readonly parts: readonly TemplatePart[];
  readonly mixedIndentation: boolean;
}

export interface RuntimeEntry {
  readonly name: string;
  readonly position: Position;
  readonly value: Expression;
}

export interface WorkflowNode {
  readonly kind: 'Workflow';
  readonly position: Position;
  readonly name: string;
  readonly inputs: readonly DeclarationNode[];
  readonly body: readonly BodyNode[];
  readonly outputs: readonly DeclarationNode[];
  /** Literal values (1.2). */
  readonly hints: Meta;
  readonly meta: Meta;
  readonly parameterMeta: Meta;
}

export type BodyNode = DeclarationNode | CallNode | ScatterNode | ConditionalNode;

export interface CallNode {
  readonly kind: 'Call';
  readonly position: Position;
  /** `align`, or `tools.align`. */
  readonly target: readonly string[];
  /** The alias, or the last part of the target. */
  readonly name: string;
  readonly after: readonly { readonly name: string; readonly position: Position }[];
  readonly inputs: readonly CallInput[];
}

export interface CallInput {
  readonly name: string;
  readonly position: Position;
  /** Absent in the short form `input: x`, which means `x = x`. */
  readonly value: Expression;
}

export interface ScatterNode {
  readonly kind: 'Scatter';
  readonly position: Position;
  readonly variable: string;
  readonly variablePosition: Position;
  readonly collection: Expression;
  readonly body: readonly BodyNode[];
}

export interface ConditionalNode {
  readonly kind: 'Conditional';
  readonly position: Position;
  readonly condition: Expression;
  readonly body: readonly BodyNode[];
}

export type MetaValue = null | boolean | number | string | readonly MetaValue[] | Meta;
export interface Meta {
  readonly [name: string]: MetaValue;
}

/** The text of a string without placeholders, otherwise undefined. */
export function plainText(template: StringTemplate): string | undefined {
  if (template.parts.some((part) => typeof part !== 'string')) return undefined;
  return template.parts.join('');
}
