import { EvaluationError } from '../faults.ts';
import type { Sink } from '../load/model.ts';
import type { Value } from '../value.ts';

/** What arrives over the links of one sink: merged, and picked from. Undefined where it has no source. */
export function merged(
  { linkMerge, listed, pickValue, sources }: Sink,
  values: readonly Value[],
): Value | undefined {
  if (sources.length === 0) return undefined;
  const several = sources.length > 1 || (listed && (linkMerge !== undefined || pickValue !== undefined));
  const value = several || linkMerge !== undefined ? merge(values, linkMerge) : values[0]!;
  return pickValue === undefined ? value : pick(value, pickValue);
}

/** "merge_nested: one element per link; merge_flattened: lists are joined". */
function merge(values: readonly Value[], linkMerge: Sink['linkMerge']): Value[] {
  return linkMerge === 'merge_flattened' ? values.flatMap((value) => value) : [...values];
}

function pick(value: Value, pickValue: NonNullable<Sink['pickValue']>): Value {
  const values = Array.isArray(value) ? value : [value];
  const present = values.filter((one) => one !== null);
  switch (pickValue) {
    case 'all_non_null':
      return present;
    case 'first_non_null':
      if (present.length === 0) throw new EvaluationError('first_non_null: all sources are null.');
      return present[0]!;
    case 'the_only_non_null':
      if (present.length === 1) return present[0]!;
      throw new EvaluationError(`the_only_non_null: ${present.length} sources are not null.`);
  }
}
