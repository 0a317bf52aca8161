import type { BinaryOperator, Unary } from '../syntax/expression-node.ts';
import { checkedInt } from './coerce.ts';
import { joinedText } from './limits.ts';
import { boolean, equal, EvaluationError, float, string, text, type Value } from './value.ts';

export function applyUnary(operator: Unary['operator'], operand: Value): Value {
  if (operator === '!' && operand.kind === 'Boolean') return boolean(!operand.value);
  if (operator === '-' && operand.kind === 'Int') return checkedInt(-operand.value);
  if (operator === '-' && operand.kind === 'Float') return float(-operand.value);
  if (operator === '+' && (operand.kind === 'Int' || operand.kind === 'Float')) return operand;
  throw new EvaluationError(`Operator ${operator} does not apply to ${operand.kind}.`);
}

/** Every binary operator but && and ||, which the evaluator cuts short itself. */
export function applyBinary(operator: BinaryOperator, left: Value, right: Value): Value {
  if (operator === '==') return boolean(equal(left, right));
  if (operator === '!=') return boolean(!equal(left, right));
  if (left.kind === 'None' || right.kind === 'None') {
    throw new EvaluationError(`An operand of ${operator} is undefined.`);
  }
  if (left.kind === 'Int' && right.kind === 'Int') return onInts(operator, left.value, right.value);
  if (isNumber(left) && isNumber(right)) return onFloats(operator, Number(left.value), Number(right.value));
  if (operator === '+' && (isText(left) || isText(right)))
    return string(joinedText([text(left), text(right)]));
  if (left.kind === 'Boolean' && right.kind === 'Boolean') {
    return boolean(compares(operator, Number(left.value), Number(right.value)));
  }
  if (isText(left) && isText(right))
    return boolean(compares(operator, byCodePoint(text(left), text(right)), 0));
  throw new EvaluationError(`Operator ${operator} does not apply to ${left.kind} and ${right.kind}.`);
}

const isNumber = (value: Value) => value.kind === 'Int' || value.kind === 'Float';
const isText = (value: Value) =>
  value.kind === 'String' || value.kind === 'File' || value.kind === 'Directory';

function onInts(operator: BinaryOperator, left: bigint, right: bigint): Value {
  switch (operator) {
    case '+':
      return checkedInt(left + right);
    case '-':
      return checkedInt(left - right);
    case '*':
      return checkedInt(left * right);
    case '**':
      return checkedInt(power(left, right));
    case '/':
    case '%':
      if (right === 0n) throw new EvaluationError('Division by zero.');
      return checkedInt(operator === '/' ? left / right : left % right);
    default:
      return boolean(compares(operator, left, right));
  }
}

/** A negative exponent has no Int; one above 63 has none either, unless the base is -1, 0 or 1. */
function power(base: bigint, exponent: bigint): bigint {
  if (exponent < 0n) throw new EvaluationError('An Int cannot be raised to a negative power; use a Float.');
  if (exponent > 64n && (base < -1n || base > 1n))
    throw new EvaluationError(`${base}**${exponent} does not fit into an Int.`);
  return base ** (exponent > 64n ? exponent % 2n : exponent);
}

function onFloats(operator: BinaryOperator, left: number, right: number): Value {
  const arithmetic: Partial<Record<BinaryOperator, number>> = {
    '+': left + right,
    '-': left - right,
    '*': left * right,
    '/': left / right,
    '%': left % right,
    '**': left ** right,
  };
  const result = arithmetic[operator];
  if (result === undefined) return boolean(compares(operator, left, right));
  if ((operator === '/' || operator === '%') && right === 0) throw new EvaluationError('Division by zero.');
  if (!Number.isFinite(result)) throw new EvaluationError('The result does not fit into a Float.');
  return float(result);
}

function compares<T extends number | bigint>(operator: BinaryOperator, left: T, right: T): boolean {
  switch (operator) {
    case '<':
      return left < right;
    case '<=':
      return left <= right;
    case '>':
      return left > right;
    case '>=':
      return left >= right;
    default:
      throw new EvaluationError(`Operator ${operator} does not apply here.`);
  }
}

/** Strings are ordered by code point; JavaScript's own order, by UTF-16 unit, differs beyond the first plane. */
function byCodePoint(left: string, right: string): number {
  return Buffer.compare(Buffer.from(left, 'utf8'), Buffer.from(right, 'utf8'));
}
