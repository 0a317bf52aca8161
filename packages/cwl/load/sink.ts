import { DocumentError } from '../faults.ts';
import { listOf, type ValueObject } from '../value.ts';
import { fragmentOf } from './documents.ts';
import { oneOf, place } from './fields.ts';
import type { Sink } from './model.ts';

const NOWHERE = { file: '', line: 1, column: 1 };

/** Where a step's input or a workflow's output takes its value from; the links are resolved by the caller. */
export function readSink(object: ValueObject, member: 'source' | 'outputSource' | 'loopSource'): Sink {
  const near = place(object, member, NOWHERE);
  const sources = listOf(object[member]).map((source) => {
    if (typeof source === 'string') return fragmentOf(source);
    throw new DocumentError(near, `"${member}" names inputs and outputs of steps.`);
  });
  return {
    sources,
    listed: Array.isArray(object[member]),
    linkMerge: oneOf(object, 'linkMerge', ['merge_nested', 'merge_flattened'], near),
    pickValue: oneOf(object, 'pickValue', ['first_non_null', 'the_only_non_null', 'all_non_null'], near),
  };
}
