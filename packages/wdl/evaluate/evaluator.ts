import type { StructType } from '../check/type.ts';
import type {
  Binary,
  Expression,
  Index,
  Member,
  ObjectLiteral,
  Placeholder,
  TemplatePart,
} from '../syntax/expression-node.ts';
import type { Position } from '../syntax/position.ts';
import { coerce } from './coerce.ts';
import type { FileAccess } from './files.ts';
import { joinedText } from './limits.ts';
import { isTrue } from './library/function.ts';
import { functions } from './library/index.ts';
import { applyBinary, applyUnary } from './operators.ts';
import {
  array,
  boolean,
  EvaluationError,
  float,
  int,
  keyText,
  map,
  NOTHING,
  object,
  pair,
  string,
  text,
  type Value,
} from './value.ts';

/** What an expression is evaluated in. */
export interface Environment {
  /** The value of a name; waits where it is not there yet. */
  resolve(name: string): Promise<Value>;
  /** The output of a call, or undefined where the name is no call. */
  output(call: string, name: string): Promise<Value> | undefined;
  readonly structs: ReadonlyMap<string, StructType>;
  readonly files: FileAccess;
  /** Inside a placeholder a sum with an undefined part is undefined ("Concatenation of Optional Values"). */
  readonly inPlaceholder?: boolean;
}

function insidePlaceholder(env: Environment): Environment {
  if (env.inPlaceholder) return env;
  return {
    resolve: (name) => env.resolve(name),
    output: (call, name) => env.output(call, name),
    structs: env.structs,
    files: env.files,
    inPlaceholder: true,
  };
}

/** A fault that shows at run time, with the expression that has it. */
export class LocatedError extends Error {
  readonly position: Position;

  constructor(position: Position, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'LocatedError';
    this.position = position;
  }
}

/** The value of an expression. Rejects with a LocatedError where the workflow is at fault. */
export async function evaluate(expression: Expression, env: Environment): Promise<Value> {
  try {
    return await valueOf(expression, env);
  } catch (error) {
    if (error instanceof EvaluationError)
      throw new LocatedError(expression.position, error.message, { cause: error });
    // What the engine's language cannot hold: a text, an array or a nesting beyond its own limits.
    if (error instanceof RangeError)
      throw new LocatedError(expression.position, `The value is too large: ${error.message}.`, {
        cause: error,
      });
    throw error;
  }
}

function valueOf(expression: Expression, env: Environment): Value | Promise<Value> {
  switch (expression.kind) {
    case 'BooleanLiteral':
      return boolean(expression.value);
    case 'IntLiteral':
      return int(expression.value);
    case 'FloatLiteral':
      return float(expression.value);
    case 'NoneLiteral':
      return NOTHING;
    case 'StringTemplate':
      return render(expression.parts, env).then(string);
    case 'Identifier':
      return env.resolve(expression.name);
    case 'ArrayLiteral':
      return all(expression.items, env).then((items) => array(unified(items)));
    case 'MapLiteral':
      return mapValue(expression.entries, env);
    case 'ObjectLiteral':
      return objectValue(expression, env);
    case 'PairLiteral':
      return all([expression.left, expression.right], env).then(([left, right]) => pair(left!, right!));
    case 'IfThenElse':
      return evaluate(expression.condition, env).then((condition) =>
        evaluate(isTrue(condition) ? expression.then : expression.else, env),
      );
    case 'Unary':
      return evaluate(expression.operand, env).then((operand) => applyUnary(expression.operator, operand));
    case 'Binary':
      return binaryValue(expression, env);
    case 'Apply':
      return all(expression.arguments, env).then((args) =>
        functions.get(expression.function)!(args, env.files),
      );
    case 'Member':
      return memberValue(expression, env);
    case 'Index':
      return indexValue(expression, env);
  }
}

function all(expressions: readonly Expression[], env: Environment): Promise<Value[]> {
  return Promise.all(expressions.map((expression) => evaluate(expression, env)));
}

/** Items of a literal that mixes kinds become one kind: numbers Float, primitives String. */
function unified(items: Value[]): Value[] {
  const kinds = new Set(items.map((item) => item.kind).filter((kind) => kind !== 'None'));
  if (kinds.size < 2 || [...kinds].some((kind) => ['Array', 'Map', 'Pair', 'Object'].includes(kind)))
    return items;
  const numeric = [...kinds].every((kind) => kind === 'Int' || kind === 'Float');
  const type = { kind: numeric ? 'Float' : 'String', optional: true } as const;
  return items.map((item) => coerce(item, type));
}

async function mapValue(
  entries: readonly { key: Expression; value: Expression }[],
  env: Environment,
): Promise<Value> {
  const keys = await all(
    entries.map(({ key }) => key),
    env,
  );
  const values = unified(
    await all(
      entries.map(({ value }) => value),
      env,
    ),
  );
  return map(unified(keys).map((key, index) => [key, values[index]!]));
}

async function objectValue({ struct, members }: ObjectLiteral, env: Environment): Promise<Value> {
  const values = await all(
    members.map(({ value }) => value),
    env,
  );
  const made = object(members.map(({ name }, index) => [name, values[index]!]));
  const type = struct === undefined ? undefined : env.structs.get(struct);
  return type ? coerce(made, type) : made;
}

async function binaryValue({ operator, left, right }: Binary, env: Environment): Promise<Value> {
  const first = await evaluate(left, env);
  if (operator === '&&') return boolean(isTrue(first) && isTrue(await evaluate(right, env)));
  if (operator === '||') return boolean(isTrue(first) || isTrue(await evaluate(right, env)));
  const second = await evaluate(right, env);
  if (env.inPlaceholder && operator === '+' && (first.kind === 'None' || second.kind === 'None'))
    return NOTHING;
  return applyBinary(operator, first, second);
}

async function memberValue({ object: of, name }: Member, env: Environment): Promise<Value> {
  const output = of.kind === 'Identifier' ? env.output(of.name, name) : undefined;
  if (output) return output;
  const value = await evaluate(of, env);
  if (value.kind === 'Pair' && name === 'left') return value.left;
  if (value.kind === 'Pair' && name === 'right') return value.right;
  const member = value.kind === 'Object' ? value.members.get(name) : undefined;
  if (member) return member;
  throw new EvaluationError(
    value.kind === 'None' ? `${name} of an undefined value.` : `There is no member ${name}.`,
  );
}

async function indexValue({ object: of, index }: Index, env: Environment): Promise<Value> {
  const [value, at] = await all([of, index], env);
  if (value!.kind === 'Map') {
    const found = value!.entries.get(keyText(at!));
    if (found) return found[1];
    throw new EvaluationError(`The map has no key ${JSON.stringify(text(at!))}.`);
  }
  if (value!.kind === 'Object') {
    const found = value!.members.get(text(at!));
    if (found) return found;
    throw new EvaluationError(`The object has no member ${JSON.stringify(text(at!))}.`);
  }
  if (value!.kind !== 'Array') throw new EvaluationError(`${value!.kind} cannot be indexed.`);
  const position = coerce(at!, { kind: 'Int', optional: false });
  const found =
    position.kind === 'Int' && position.value >= 0n ? value!.items[Number(position.value)] : undefined;
  if (found) return found;
  throw new EvaluationError(`Index ${text(at!)} is outside of the array of ${value!.items.length} items.`);
}

/** The text of a string or command with its placeholders filled. */
export async function render(parts: readonly TemplatePart[], env: Environment): Promise<string> {
  const texts = await Promise.all(parts.map((part) => (typeof part === 'string' ? part : fill(part, env))));
  return joinedText(texts);
}

async function fill({ options, expression }: Placeholder, env: Environment): Promise<string> {
  const value = await evaluate(expression, insidePlaceholder(env));
  try {
    if (value.kind === 'None') return options.default ?? '';
    if (options.sep !== undefined && value.kind === 'Array')
      return joinedText(value.items.map(text), options.sep);
    if (value.kind === 'Boolean') {
      if (value.value && options.true !== undefined) return options.true;
      if (!value.value && options.false !== undefined) return options.false;
      if (options.true !== undefined || options.false !== undefined) return '';
    }
    return text(value);
  } catch (error) {
    if (error instanceof EvaluationError)
      throw new LocatedError(expression.position, error.message, { cause: error });
    throw error;
  }
}
