/** Where in a run a call is: stable over replays, unique in the run. */
export interface CallPath {
  /** `main.align[3]`. */
  readonly path: string;
  /** What users see: `align-3`. */
  readonly name: string;
}

/** The path of a call inside a workflow, with the indexes of the scatters around it. */
export function callPath(
  outer: CallPath | undefined,
  workflow: string,
  call: string,
  indexes: readonly number[],
): CallPath {
  const path = `${outer?.path ?? workflow}.${call}${indexes.map((index) => `[${index}]`).join('')}`;
  const name = [...(outer ? [outer.name] : []), call, ...indexes].join('-');
  return { path, name };
}
