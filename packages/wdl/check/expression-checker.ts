import { suggestion } from '../diagnostics/suggestion.ts';
import { hasFeaturesOf, plainText, type Version } from '../syntax/document-node.ts';
import type {
  Apply,
  Expression,
  Index,
  Member,
  ObjectLiteral,
  Placeholder,
  TemplatePart,
} from '../syntax/expression-node.ts';
import type { Position } from '../syntax/position.ts';
import { coerces, type CoercionRules, commonType } from './coercion.ts';
import { library, type Signature } from './library.ts';
import { binaryType, unaryType } from './operator-types.ts';
import type { Report } from './report.ts';
import {
  ANY,
  arrayOf,
  BOOLEAN,
  FLOAT,
  INT,
  isNumeric,
  isPrimitive,
  mapOf,
  NONE,
  pairOf,
  STRING,
  type StructType,
  type Type,
  typeText,
  withOptional,
} from './type.ts';

/** What a name stands for: a value, or a call with outputs. */
export type Resolution =
  | { readonly kind: 'value'; readonly type: Type }
  | {
      readonly kind: 'call';
      readonly output: (name: string) => Type | undefined;
      readonly outputs: () => string[];
    };

export interface NameScope {
  resolve(name: string): Resolution | undefined;
  names(): Iterable<string>;
}

export interface ExpressionContext {
  readonly scope: NameScope;
  readonly structs: ReadonlyMap<string, StructType>;
  readonly version: Version;
  readonly report: Report;
  readonly rules: CoercionRules;
  /** In a task's output section, where stdout() and glob() have a meaning. */
  readonly inOutputs?: boolean;
  /** Inside a placeholder, where + passes over what is undefined. */
  readonly inPlaceholder?: boolean;
}

/** The type of an expression; Any where it has an error, which is then reported. */
export function inferType(expression: Expression, context: ExpressionContext): Type {
  switch (expression.kind) {
    case 'BooleanLiteral':
      return BOOLEAN;
    case 'IntLiteral':
      return INT;
    case 'FloatLiteral':
      return FLOAT;
    case 'NoneLiteral':
      return NONE;
    case 'StringTemplate':
      checkTemplate(expression.parts, context);
      return STRING;
    case 'Identifier':
      return nameType(expression.name, expression.position, context);
    case 'ArrayLiteral': {
      const types = expression.items.map((item) => inferType(item, context));
      return arrayOf(joined(types, 'items of the array', expression.position, context), types.length > 0);
    }
    case 'MapLiteral': {
      const keys = expression.entries.map(({ key }) => inferType(key, context));
      const values = expression.entries.map(({ value }) => inferType(value, context));
      const key = joined(keys, 'keys of the map', expression.position, context);
      return mapOf(key, joined(values, 'values of the map', expression.position, context));
    }
    case 'ObjectLiteral':
      return objectType(expression, context);
    case 'PairLiteral':
      return pairOf(inferType(expression.left, context), inferType(expression.right, context));
    case 'IfThenElse': {
      const condition = inferType(expression.condition, context);
      if (!coerces(condition, BOOLEAN, context.rules)) {
        context.report.add('ConditionType', expression.condition.position, { found: typeText(condition) });
      }
      const branches = [inferType(expression.then, context), inferType(expression.else, context)];
      return joined(branches, 'branches of the if', expression.position, context);
    }
    case 'Unary':
      return unaryType(expression, inferType(expression.operand, context), context);
    case 'Binary':
      return binaryType(
        expression,
        inferType(expression.left, context),
        inferType(expression.right, context),
        context,
      );
    case 'Apply':
      return applyType(expression, context);
    case 'Member':
      return memberType(expression, context);
    case 'Index':
      return indexType(expression, context);
  }
}

/** Reports where the expression's type may not be used as `expected`. */
export function expectType(expression: Expression, expected: Type, context: ExpressionContext): void {
  const found = inferType(expression, context);
  if (expression.kind === 'ArrayLiteral' && expression.items.length === 0 && isNonEmpty(expected)) {
    const values = { expected: typeText(expected), found: 'an empty array', hint: '' };
    context.report.add('TypeMismatch', expression.position, values);
    return;
  }
  const values = { expected: typeText(expected), found: typeText(found) };
  if (isWordForNumber(expression, expected)) {
    context.report.add('TypeMismatch', expression.position, { ...values, hint: ' The text is no number.' });
    return;
  }
  if (coerces(found, expected, { lenient: false })) {
    const text = [found, expected].filter(({ kind }) => kind === 'String').length === 1;
    if (text && [found, expected].some(isNumeric))
      context.report.add('StringCoercion', expression.position, values);
    return;
  }
  if (coerces(found, expected, context.rules))
    context.report.add('OptionalCoercion', expression.position, values);
  else context.report.add('TypeMismatch', expression.position, { ...values, hint: hint(found, expected) });
}

/** A String may become a number when it is read from a file; one that is written out must at least look like one. */
function isWordForNumber(expression: Expression, expected: Type): boolean {
  if (!isNumeric(expected) || expression.kind !== 'StringTemplate') return false;
  const written = plainText(expression);
  return written !== undefined && !/^\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*$/.test(written);
}

function isNonEmpty(type: Type): boolean {
  return type.kind === 'Array' && type.nonEmpty;
}

function hint(found: Type, expected: Type): string {
  const optionalOnly = found.optional && coerces(withOptional(found, false), expected);
  return optionalOnly ? ' Use select_first([..., default]) to say what it is where undefined.' : '';
}

/** Checks the placeholders of a string or command. */
export function checkTemplate(parts: readonly TemplatePart[], context: ExpressionContext): void {
  for (const part of parts) if (typeof part !== 'string') checkPlaceholder(part, context);
}

function checkPlaceholder({ options, expression }: Placeholder, context: ExpressionContext): void {
  const type = inferType(expression, { ...context, inPlaceholder: true });
  const { report } = context;
  const found = typeText(type);
  if (options.sep !== undefined) {
    const joinable =
      type.kind === 'Any' || (type.kind === 'Array' && coerces(withOptional(type.item, false), STRING));
    if (!joinable) {
      report.add('TypeMismatch', expression.position, {
        expected: 'an Array of primitives for sep',
        found,
        hint: '',
      });
    }
  } else if (options.true !== undefined || options.false !== undefined) {
    if (type.kind !== 'Boolean' && type.kind !== 'Any') {
      report.add('TypeMismatch', expression.position, {
        expected: 'Boolean for true/false',
        found,
        hint: '',
      });
    }
  } else if (!isPrimitive(type) && type.kind !== 'Any' && type.kind !== 'None') {
    const way =
      type.kind === 'Array' ? ' Join its items with sep.' : ' Write it to a file with write_json().';
    report.add('NotInterpolable', expression.position, { type: found, hint: way });
  }
}

function joined(types: readonly Type[], what: string, position: Position, context: ExpressionContext): Type {
  const common = commonType(types);
  if (common) return common;
  const names = [...new Set(types.map(typeText))].join(', ');
  context.report.add('MixedTypes', position, { what, types: names });
  return ANY;
}

function nameType(name: string, position: Position, context: ExpressionContext): Type {
  const found = context.scope.resolve(name);
  if (!found) {
    context.report.add('UnknownName', position, {
      name,
      suggestion: suggestion(name, context.scope.names()),
    });
    return ANY;
  }
  if (found.kind === 'value') return found.type;
  context.report.add('CallAsValue', position, { name });
  return ANY;
}

function objectType(literal: ObjectLiteral, context: ExpressionContext): Type {
  const types = new Map(literal.members.map((member) => [member.name, inferType(member.value, context)]));
  if (literal.struct === undefined) return { kind: 'Object', members: types, optional: false };
  const struct = context.structs.get(literal.struct);
  if (!struct) {
    context.report.add('UnknownType', literal.position, { name: literal.struct });
    return ANY;
  }
  for (const { name, position, value } of literal.members) {
    const expected = struct.members.get(name);
    if (expected) expectType(value, expected, context);
    else {
      const near = suggestion(name, struct.members.keys());
      context.report.add('UnknownMember', position, { type: struct.name, name, suggestion: near });
    }
  }
  for (const [name, type] of struct.members) {
    if (types.has(name) || type.optional) continue;
    context.report.add('StructMember', literal.position, { struct: struct.name, name });
  }
  return struct;
}

function applyType(apply: Apply, context: ExpressionContext): Type {
  const name = apply.function;
  const args = apply.arguments.map((argument) => inferType(argument, context));
  const signature = library.get(name);
  if (!signature) {
    context.report.add('UnknownFunction', apply.position, {
      name,
      suggestion: suggestion(name, library.keys()),
    });
    return ANY;
  }
  if (!mayCall(apply, signature, context)) return ANY;
  const { version } = context;
  const applied = signature.apply(args, { version, lenient: false });
  if ('result' in applied) return applied.result;
  const tolerated = signature.apply(args, { ...context.rules, version });
  if ('result' in tolerated) return tolerated.result;
  const { argument, expected } = applied;
  const found = typeText(args[argument - 1]!);
  const at = apply.arguments[argument - 1]!.position;
  context.report.add('ArgumentType', at, { number: argument, name, expected, found });
  return ANY;
}

function mayCall(apply: Apply, signature: Signature, context: ExpressionContext): boolean {
  const { function: name, position } = apply;
  const count = apply.arguments.length;
  const { minimum, since, outputsOnly } = signature;
  const maximum = signature.maximum(context.version);
  if (!hasFeaturesOf(context.version, since)) {
    context.report.add('FunctionVersion', position, { name, version: since });
  }
  if (outputsOnly && !context.inOutputs) context.report.add('FunctionOnlyInOutputs', position, { name });
  if (count >= minimum && count <= maximum) return true;
  const expected = minimum === maximum ? minimum : `${minimum} to ${maximum}`;
  context.report.add('ArgumentCount', position, { name, expected, found: count });
  return false;
}

function memberType(member: Member, context: ExpressionContext): Type {
  const { object, name, position } = member;
  if (object.kind === 'Identifier') {
    const found = context.scope.resolve(object.name);
    if (found?.kind === 'call') {
      const output = found.output(name);
      if (output) return output;
      const near = suggestion(name, found.outputs());
      context.report.add('UnknownMember', position, { type: `Call ${object.name}`, name, suggestion: near });
      return ANY;
    }
  }
  const type = inferType(object, context);
  if (type.kind === 'Any') return ANY;
  if (type.kind === 'Pair' && (name === 'left' || name === 'right')) return type[name];
  if (type.kind === 'Object' && !type.members) return ANY;
  const members = type.kind === 'Struct' || type.kind === 'Object' ? type.members! : undefined;
  const found = members?.get(name);
  if (found) return found;
  if (members || type.kind === 'Pair') {
    const near = suggestion(name, members?.keys() ?? ['left', 'right']);
    context.report.add('UnknownMember', position, { type: typeText(type), name, suggestion: near });
  } else context.report.add('NotStructured', position, { type: typeText(type) });
  return ANY;
}

function indexType({ object, index }: Index, context: ExpressionContext): Type {
  const type = inferType(object, context);
  if (type.kind === 'Array' || type.kind === 'Map') {
    expectType(index, type.kind === 'Array' ? INT : type.key, context);
    return type.kind === 'Array' ? type.item : type.value;
  }
  inferType(index, context);
  if (type.kind === 'Object' || type.kind === 'Struct' || type.kind === 'Any') return ANY;
  context.report.add('NotIndexable', object.position, { type: typeText(type) });
  return ANY;
}
