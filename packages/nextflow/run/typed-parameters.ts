import { suggestion } from '../diagnostics/suggestion.ts';
import { coerce } from '../evaluate/coerce.ts';
import type { Interpreter } from '../evaluate/interpreter.ts';
import type { Machine } from '../evaluate/machine.ts';
import type { Closure } from '../values/closure.ts';
import { fault } from '../values/errors.ts';
import type { Params } from '../values/params.ts';
import { text } from '../values/text.ts';
import type { Value } from '../values/value.ts';

/** An entry of a `params` block. */
export interface TypedParameter {
  readonly name: string;
  readonly type: { readonly name: string; readonly optional: boolean } | null;
  readonly value: Closure | null;
  readonly place: number;
}

/** Refuses what was given on the command line and is not declared. */
export function checkDeclared(params: Params, declared: readonly TypedParameter[]): void {
  const names = declared.map(({ name }) => name);
  const unknown = Array.from(params.plain().keys(), String).find(
    (name) => params.given.has(name) && !names.includes(name),
  );
  if (unknown !== undefined)
    throw fault(
      `Parameter \`${unknown}\` was specified on the command line or params file but is not declared in the script or config.${suggestion(unknown, names)}`,
    );
}

/** Gives each parameter its default where nothing else gave it a value, and all of them their types. */
export function declareParameters(
  params: Params,
  declared: readonly TypedParameter[],
  machine: Machine,
): void {
  for (const parameter of declared) {
    try {
      declareParameter(params, parameter, machine.interpreter);
    } catch (error) {
      throw machine.located(error, parameter.place);
    }
  }
}

function declareParameter(params: Params, parameter: TypedParameter, interpreter: Interpreter): void {
  const { name, type, value } = parameter;
  if (params.has(name)) params.replace(name, typed(params.get(name), parameter, interpreter));
  else if (value) params.set(name, typed(value.apply([]), parameter, interpreter));
  else if (type?.optional) params.set(name, null);
  else if (type?.name === 'Boolean') params.set(name, false);
  else
    throw fault(
      `Parameter \`${name}\` is required but was not specified on the command line, params file, or config`,
    );
}

function typed(value: Value, { name, type }: TypedParameter, interpreter: Interpreter): Value {
  if (type === null || value === null) return value;
  try {
    return coerce(value, { name: type.name, array: false }, interpreter);
  } catch {
    throw fault(`Parameter \`${name}\` with type ${type.name} cannot be assigned to ${text(value)}`);
  }
}
