import { EvaluationError } from '../faults.ts';
import type { WorkflowStep } from '../load/model.ts';
import { setMember, type Value, type ValueObject } from '../value.ts';

/** Jobs of a scattered step in the shape of its result. */
export type Shards = { readonly job: ValueObject } | readonly Shards[];

/** One job per combination of the scattered inputs. */
export function shards({ scatter, scatterMethod }: WorkflowStep, job: ValueObject): Shards {
  const lists = scatter.map((name) => listFor(name, job));
  if (scatterMethod === 'dotproduct') return dotproduct(scatter, lists, job);
  const nested = crossproduct(scatter, lists, job);
  return scatterMethod === 'nested_crossproduct' ? nested : flat(nested).map((one) => ({ job: one }));
}

function listFor(name: string, job: ValueObject): readonly Value[] {
  const value = job[name];
  if (Array.isArray(value)) return value;
  throw new EvaluationError(`scatter needs a list for ${name}; it is ${JSON.stringify(value ?? null)}.`);
}

function dotproduct(
  names: readonly string[],
  lists: readonly (readonly Value[])[],
  job: ValueObject,
): Shards {
  const lengths = new Set(lists.map(({ length }) => length));
  if (lengths.size > 1) {
    throw new EvaluationError(
      `dotproduct needs lists of one length; they have ${[...lengths].join(' and ')} items.`,
    );
  }
  return (lists[0] ?? []).map((_, index) => {
    const one = { ...job };
    for (const [at, name] of names.entries()) setMember(one, name, lists[at]![index]!);
    return { job: one };
  });
}

function crossproduct(
  names: readonly string[],
  lists: readonly (readonly Value[])[],
  job: ValueObject,
): Shards {
  const [name, ...rest] = names;
  if (name === undefined) return { job };
  return lists[0]!.map((item) => {
    const one = { ...job };
    setMember(one, name, item);
    return crossproduct(rest, lists.slice(1), one);
  });
}

export function isLeaf(one: Shards): one is { readonly job: ValueObject } {
  return !Array.isArray(one);
}

export function flat(one: Shards): ValueObject[] {
  return isLeaf(one) ? [one.job] : one.flatMap(flat);
}

/** The results, in the order of `flat`, in the shape of the shards: a list of lists for each output. */
export function gathered(shape: Shards, results: readonly ValueObject[], output: string): Value {
  let next = 0;
  const gather = (one: Shards): Value =>
    isLeaf(one) ? (results[next++]?.[output] ?? null) : one.map(gather);
  return gather(shape);
}
