import type { Position } from './position.ts';

/** A type as it is written: `Array[File]+?`. */
export interface TypeNode {
  readonly kind: 'Type';
  readonly position: Position;
  readonly name: string;
  readonly parameters: readonly TypeNode[];
  readonly optional: boolean;
  readonly nonEmpty: boolean;
}
