import type { Position } from '../faults.ts';
import type { ProcessBase } from './model.ts';
import { positionOfText } from './yaml-source.ts';

/** Tells where in the process's document an expression is; undefined where it comes from another one. */
export function expressionPlaces({
  source,
}: Pick<ProcessBase, 'source'>): (text: string) => Position | undefined {
  return (text) => positionOfText(source, text);
}
