import type { Declaration } from '../check/program.ts';
import { coerce } from '../evaluate/coerce.ts';
import { evaluate, type Environment, LocatedError } from '../evaluate/evaluator.ts';
import { EvaluationError, NOTHING, type Value } from '../evaluate/value.ts';

/** The value that a declaration has of itself: its expression's, as its type. */
export async function declaredValue(declaration: Declaration, env: Environment): Promise<Value> {
  const { value, name, type, position } = declaration;
  if (!value) {
    if (type.optional) return NOTHING;
    throw new LocatedError(position, `Input ${name} is not given.`);
  }
  return coerceAt(await evaluate(value, env), declaration);
}

/** The value as the declaration's type, with the declaration's place on what goes wrong. */
function coerceAt(value: Value, { type, name, position }: Declaration): Value {
  try {
    return coerce(value, type);
  } catch (error) {
    if (!(error instanceof EvaluationError)) throw error;
    throw new LocatedError(position, `${name}: ${error.message}`, { cause: error });
  }
}

/** The given value of an input, or undefined where its default is meant: not given, or undefined for a defaulted type. */
export function givenInput(input: Declaration, given: ReadonlyMap<string, Value>): Value | undefined {
  const value = given.get(input.name);
  if (value === undefined) return undefined;
  if (value.kind === 'None' && !input.type.optional && input.value) return undefined;
  return coerceAt(value, input);
}

/** A rejection that somebody will see later must not end the process now. */
export function handled<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}
