import type { Binary, Unary } from '../syntax/expression-node.ts';
import { coerces } from './coercion.ts';
import type { ExpressionContext } from './expression-checker.ts';
import {
  ANY,
  BOOLEAN,
  FLOAT,
  INT,
  isNumeric,
  isPrimitive,
  STRING,
  type Type,
  typeText,
  withOptional,
} from './type.ts';

/** The type of `!x`, `-x`, `+x`. */
export function unaryType(unary: Unary, operand: Type, context: ExpressionContext): Type {
  if (operand.kind === 'Any') return unary.operator === '!' ? BOOLEAN : ANY;
  const fits = unary.operator === '!' ? operand.kind === 'Boolean' : isNumeric(operand);
  if (fits && mayBeOptional(operand, context)) return withOptional(operand, false);
  return refuse(unary, typeText(operand), context);
}

/** The type of `left operator right`, by the specification's tables of operators. */
export function binaryType(binary: Binary, left: Type, right: Type, context: ExpressionContext): Type {
  const { operator } = binary;
  const operands = `${typeText(left)} and ${typeText(right)}`;
  const fail = () => refuse(binary, operands, context);
  if (operator === '==' || operator === '!=') return comparable(left, right) ? BOOLEAN : fail();
  if (left.kind === 'Any' || right.kind === 'Any') return anyType(binary, left, right);
  if (operator === '+' && context.inPlaceholder && concatenates(left, right)) {
    return withOptional(sum(left, right) ?? STRING, left.optional || right.optional);
  }
  if (!mayBeOptional(left, context) || !mayBeOptional(right, context)) return fail();
  if (operator === '&&' || operator === '||') {
    return left.kind === 'Boolean' && right.kind === 'Boolean' ? BOOLEAN : fail();
  }
  if (operator === '<' || operator === '<=' || operator === '>' || operator === '>=') {
    return ordered(left, right) ? BOOLEAN : fail();
  }
  if (operator === '+') return sum(left, right) ?? fail();
  return isNumeric(left) && isNumeric(right) ? number(left, right) : fail();
}

function refuse(node: Unary | Binary, operands: string, context: ExpressionContext): Type {
  context.report.add('OperandTypes', node.position, { operator: node.operator, operands });
  return ANY;
}

function mayBeOptional(type: Type, context: ExpressionContext): boolean {
  return !type.optional || context.rules.lenient;
}

function anyType({ operator }: Binary, left: Type, right: Type): Type {
  if (['&&', '||', '<', '<=', '>', '>='].includes(operator)) return BOOLEAN;
  if (operator === '+' && (left.kind === 'String' || right.kind === 'String')) return STRING;
  return ANY;
}

function comparable(left: Type, right: Type): boolean {
  const [a, b] = [withOptional(left, false), withOptional(right, false)];
  if (a.kind === 'None' || b.kind === 'None') return true;
  return (
    coerces(a, b, { lenient: true }) || coerces(b, a, { lenient: true }) || (isPrimitive(a) && isPrimitive(b))
  );
}

function ordered(left: Type, right: Type): boolean {
  if (isNumeric(left) && isNumeric(right)) return true;
  if (left.kind === 'Boolean' && right.kind === 'Boolean') return true;
  return isText(left) && isText(right);
}

const isText = (type: Type) => type.kind === 'String' || type.kind === 'File' || type.kind === 'Directory';

function concatenates(left: Type, right: Type): boolean {
  const part = (type: Type) => isPrimitive(type) || type.kind === 'None';
  return part(left) && part(right) && (left.optional || right.optional);
}

function sum(left: Type, right: Type): Type | undefined {
  if (isNumeric(left) && isNumeric(right)) return number(left, right);
  if (!isPrimitive(left) || !isPrimitive(right)) return undefined;
  return isText(left) || isText(right) ? STRING : undefined;
}

function number(left: Type, right: Type): Type {
  return left.kind === 'Int' && right.kind === 'Int' ? INT : FLOAT;
}
