import type { Closure, Scope } from '../values/closure.ts';
import { fault, illegalArgument } from '../values/errors.ts';
import type { Value } from '../values/value.ts';

/** `set { name }`: the name is given to the channel where the closure was written. */
export function giveName(closure: Closure | undefined, operator: string, channel: Value): void {
  if (!closure)
    throw illegalArgument(`"${operator}" needs the name of a channel in braces: ${operator} { name }.`);
  const names: string[] = [];
  const catching: Scope = {
    lookup: (name) => {
      names.push(name);
      return name;
    },
    assign: () => false,
    call: () => undefined,
    names: () => [],
  };
  closure.withDelegate(catching, 'delegate-only').apply([]);
  for (const name of names) {
    if (!closure.owner.assign(name, channel))
      throw fault(`"${operator}" cannot give a channel the name "${name}" here.`);
  }
}
