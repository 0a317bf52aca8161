import { DocumentError, type Position } from '../faults.ts';
import { listOf, type ValueObject } from '../value.ts';
import { fragmentOf } from './documents.ts';
import { oneOf, place } from './fields.ts';
import type { Sink } from './model.ts';

/** Where a step's input or a workflow's output takes its value from; the links are resolved by the caller. */
export function readSink(
  object: ValueObject,
  member: 'source' | 'outputSource' | 'loopSource',
  around: Position,
): Sink {
  const near = place(object, member, around);
  const sources = listOf(object[member]).map((source) => {
    if (typeof source === 'string') return fragmentOf(source);
    throw new DocumentError(near, `"${member}" names inputs and outputs of steps.`);
  });
  return {
    position: near,
    sources,
    listed: Array.isArray(object[member]),
    linkMerge: oneOf(object, 'linkMerge', ['merge_nested', 'merge_flattened'], near),
    pickValue: oneOf(object, 'pickValue', ['first_non_null', 'the_only_non_null', 'all_non_null'], near),
  };
}
