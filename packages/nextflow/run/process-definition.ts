import type { Closure } from '../values/closure.ts';

/** An input or output as the compiler leaves it: what is known is data, what must be evaluated is a closure. */
export interface Declared {
  readonly kind:
    'val' | 'path' | 'file' | 'env' | 'stdin' | 'stdout' | 'tuple' | 'each' | 'eval' | 'typed' | 'record';
  /** The name it declares. */
  readonly name: string | null;
  /** Of an output, the name alone that stands there. */
  readonly variable?: string | null;
  readonly type?: string | null;
  readonly optional?: boolean;
  readonly options: Readonly<Record<string, Closure>>;
  readonly items: readonly Declared[];
  readonly value: Closure | null;
  readonly place: number;
}

export interface DirectiveNode {
  readonly name: string;
  readonly place: number;
  /** Gives the list of arguments, named ones first as a map. */
  readonly args: Closure;
}

export interface ProcessDefinition {
  readonly name: string;
  readonly place: number;
  /** The text of the body, for the name of a task. */
  readonly source: string;
  readonly bodyKind: 'script' | 'shell' | 'exec';
  readonly directives: readonly DirectiveNode[];
  readonly inputs: readonly Declared[];
  readonly stage: readonly DirectiveNode[];
  readonly outputs: readonly Declared[];
  readonly topics: readonly { readonly value: Closure; readonly name: Closure; readonly place: number }[];
  readonly when: Closure | null;
  readonly body: Closure | null;
  readonly stub: Closure | null;
}
