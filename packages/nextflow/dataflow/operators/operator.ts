import { Closure } from '../../values/closure.ts';
import { illegalArgument } from '../../values/errors.ts';
import { GroovyMap } from '../../values/map.ts';
import { text } from '../../values/text.ts';
import { truth } from '../../values/truth.ts';
import type { Value } from '../../values/value.ts';
import type { Channel } from '../channel.ts';
import { isCase } from '../../evaluate/is-case.ts';

/** Named arguments come first, as a map. */
export interface OperatorArguments {
  readonly options: GroovyMap;
  readonly positional: readonly Value[];
  readonly closure: Closure | undefined;
}

export type Operator = (source: Channel, args: OperatorArguments, name: string) => Value;

/** Takes named arguments, a closure and the rest apart, and refuses options that the operator has not. */
export function operatorArguments(
  name: string,
  args: readonly Value[],
  known: readonly string[],
): OperatorArguments {
  const named = args[0] instanceof GroovyMap && (known.length > 0 || args.length > 1);
  const options = named ? (args[0] as GroovyMap) : new GroovyMap();
  const unknown = Array.from(options.keys(), String).find((key) => !known.includes(key));
  if (unknown !== undefined) {
    throw illegalArgument(
      `Unknown option "${unknown}" of the operator "${name}". ${known.length > 0 ? `Its options are: ${known.join(', ')}.` : 'It has none.'}`,
    );
  }
  const rest = named ? args.slice(1) : args;
  const last = rest.at(-1);
  const closure = last instanceof Closure ? last : undefined;
  return { options, positional: closure ? rest.slice(0, -1) : rest, closure };
}

/** Items to the channel that results. */
export function each(
  source: Channel,
  target: Channel,
  next: (item: Value) => void,
  done: () => void = () => target.close(),
): Channel {
  const located = <A extends readonly Value[]>(act: (...args: A) => void) => {
    return (...args: A): void => {
      try {
        act(...args);
      } catch (error) {
        throw target.origin?.(error) ?? error;
      }
    };
  };
  source.read({ next: located(next), done: located(done) });
  return target;
}

/** A closure over one item, which may be a list for several parameters; without one, the item itself. */
export function mapping(closure: Closure | undefined): (item: Value) => Value {
  if (!closure) return (item) => item;
  const { body } = closure;
  if (closure.facts.arity === 1 || closure.facts.arity === -1) return (item) => body(closure, item);
  return (item) => closure.apply([item]);
}

/** What a criterion is: a closure, a pattern, a class, or a value to be equal to. */
export function criterion(value: Value): (item: Value) => boolean {
  if (value instanceof Closure) {
    const test = mapping(value);
    return (item) => truth(test(item));
  }
  return (item) => isCase(item, value);
}

export function option(options: GroovyMap, name: string): Value | undefined {
  const value = options.get(name);
  return value === null ? undefined : value;
}

export function numberOption(operator: string, options: GroovyMap, name: string): number | undefined {
  const value = option(options, name);
  if (value === undefined || typeof value === 'number') return value;
  throw illegalArgument(`The option "${name}" of "${operator}" must be a whole number, not ${text(value)}.`);
}
