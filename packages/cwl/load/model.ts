import type { Position } from '../faults.ts';
import type { Value, ValueObject } from '../value.ts';

/** Processes as CWL 1.2 has them, whatever version they were written in. */
export type Process = CommandLineTool | ExpressionTool | Workflow;

export type CwlVersion = 'v1.0' | 'v1.1' | 'v1.2' | 'v1.3';

export interface ProcessBase {
  readonly name: string;
  readonly cwlVersion: CwlVersion;
  readonly inputs: readonly InputParameter[];
  readonly outputs: readonly OutputParameter[];
  readonly requirements: Requirements;
  readonly hints: Requirements;
  /** Prefixes of format identifiers. */
  readonly namespaces: ValueObject;
  /** Paths of the ontologies that `$schemas` names. */
  readonly schemas: readonly string[];
  /** As it was written: to tell where an expression is. */
  readonly source: ValueObject;
  readonly position: Position;
}

/** By class, without the prefix of a namespace. */
export type Requirements = ReadonlyMap<string, ValueObject>;

export interface CommandLineTool extends ProcessBase {
  readonly class: 'CommandLineTool';
  readonly baseCommand: readonly string[];
  readonly arguments: readonly (string | ValueObject)[];
  readonly stdin?: string;
  readonly stdout?: string;
  readonly stderr?: string;
  readonly successCodes: readonly number[];
  readonly temporaryFailCodes: readonly number[];
  readonly permanentFailCodes: readonly number[];
}

export interface ExpressionTool extends ProcessBase {
  readonly class: 'ExpressionTool';
  readonly expression: string;
}

export interface Workflow extends ProcessBase {
  readonly class: 'Workflow';
  readonly steps: readonly WorkflowStep[];
}

export interface WorkflowStep {
  readonly name: string;
  readonly inputs: readonly StepInput[];
  readonly outputs: readonly string[];
  readonly requirements: Requirements;
  readonly hints: Requirements;
  readonly run: Process;
  /** What it runs could not be read; a fault says why, and the workflow never runs. */
  readonly isUnreadable?: boolean;
  readonly outPosition: Position;
  readonly when?: string;
  readonly loop?: Loop;
  readonly scatter: readonly string[];
  readonly scatterMethod: 'dotproduct' | 'nested_crossproduct' | 'flat_crossproduct';
  readonly position: Position;
}

/** Runs the step again with its own outputs: cwltool's extension, and CWL 1.3. */
export interface Loop {
  /** Asked before each iteration. */
  readonly when: string;
  readonly inputs: readonly LoopInput[];
  /** Whether outputs are those of the last iteration or a list of all. */
  readonly collects: 'last' | 'all';
}

/** Sources are outputs of the step in the iteration before. */
export interface LoopInput extends Sink {
  readonly name: string;
  readonly default?: Value;
  readonly valueFrom?: string;
}

/** Sources are `input` or `step/output`. */
export interface Sink {
  /** Where the sources are named. */
  readonly position: Position;
  readonly sources: readonly string[];
  /** True where the document gives a list, though it has one item. */
  readonly listed: boolean;
  readonly linkMerge: 'merge_nested' | 'merge_flattened' | undefined;
  readonly pickValue: 'first_non_null' | 'the_only_non_null' | 'all_non_null' | undefined;
}

export interface StepInput extends Sink {
  readonly name: string;
  readonly default?: Value;
  readonly valueFrom?: string;
  readonly loadContents: boolean;
  readonly loadListing?: LoadListing;
}

export type LoadListing = 'no_listing' | 'shallow_listing' | 'deep_listing';

export interface Parameter {
  readonly name: string;
  readonly type: CwlType;
  readonly doc?: string;
  readonly secondaryFiles: readonly SecondaryFile[];
  readonly format: Value;
  readonly position: Position;
}

export interface InputParameter extends Parameter {
  readonly default?: Value;
  readonly loadContents: boolean;
  readonly loadListing?: LoadListing;
  readonly binding?: ValueObject;
}

export interface OutputParameter extends Parameter {
  readonly binding?: ValueObject;
  /** Of workflows alone. */
  readonly sink?: Sink;
}

export interface SecondaryFile {
  /** A suffix with carets, or an expression. */
  readonly pattern: string;
  /** May be an expression. */
  readonly required: boolean | string;
}

export type PrimitiveName =
  'null' | 'boolean' | 'int' | 'long' | 'float' | 'double' | 'string' | 'File' | 'Directory' | 'Any';

export type CwlType =
  | { readonly kind: PrimitiveName }
  | { readonly kind: 'array'; readonly items: CwlType; readonly binding?: ValueObject }
  | { readonly kind: 'enum'; readonly symbols: readonly string[]; readonly binding?: ValueObject }
  | {
      readonly kind: 'record';
      readonly name?: string;
      readonly fields: readonly Field[];
      readonly binding?: ValueObject;
    }
  | { readonly kind: 'union'; readonly types: readonly CwlType[] };

export interface Field extends InputParameter {
  /** In records that are outputs. */
  readonly outputBinding?: ValueObject;
}
