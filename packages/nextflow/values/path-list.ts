import type { Value } from './value.ts';

/** The files of an input: a list that reads as their names, with blanks between them, in the script. */
export class PathList extends Array<Value> {
  static override get [Symbol.species](): ArrayConstructor {
    return Array;
  }
}

export function pathListOf(paths: Iterable<Value>): PathList {
  const list = new PathList();
  for (const path of paths) list.push(path);
  return list;
}
