import type { Value } from './value.ts';

/** A list whose order means nothing: what operators collect. */
export class BagList extends Array<Value> {
  static override get [Symbol.species](): ArrayConstructor {
    return Array;
  }
}

export function bagOf(values: Iterable<Value>): BagList {
  const bag = new BagList();
  for (const value of values) bag.push(value);
  return bag;
}
