import { QueryError } from '../query-error.ts';
import { call, isNode, location, nodes, text, type TreeNode } from '../syntax-tree.ts';
import { type CallContext, macro, refused } from './context.ts';
import { OPERATORS } from './functions.ts';
import { castTo, choose, comparison, constant, operator, withoutAlias } from './node.ts';
import { isArray, isDate, isNull, isScalar } from './value-kind.ts';

/** An operator as DuckDB is to see it. Throws where it is none of Trino's. */
export function translateOperator(node: TreeNode, name: string, context: CallContext): TreeNode {
  if (!OPERATORS.has(name)) {
    throw QueryError.at(
      'SYNTAX_ERROR',
      context.sql,
      location(node),
      `operator ${name} is not one of Trino's`,
    );
  }
  const [left, right] = nodes(node['children']);
  if (name === '-' && left && right) return difference(node, left, right, context);
  if (name === '+' && left && right) return dateArithmetic(node, left, right);
  if (name === '||' && left && right) return concatenation(node, left, right, context);
  if (name === '/' && left && right) return division(node, left, right, context);
  if (name === '%' && left && right) return checkedDivisor(node, left, right, context);
  return node;
}

/** A date and an interval of days make a date; DuckDB makes a timestamp. */
function dateArithmetic(node: TreeNode, left: TreeNode, right: TreeNode): TreeNode {
  const hasDate = isDate(left) || isDate(right);
  const hasDays = [left, right].some(({ function_name: name }) =>
    /^to_(days|weeks|months|years)$/.test(text(name)),
  );
  if (!hasDate || !hasDays) return node;
  return castTo(node, { id: 'DATE', type_info: null });
}

/** Between dates an interval; DuckDB answers a number of days. */
function difference(node: TreeNode, left: TreeNode, right: TreeNode, context: CallContext): TreeNode {
  if (isDate(left) && isDate(right))
    return call(node, 'to_days', [castTo(withoutAlias(node), { id: 'INTEGER', type_info: null })]);
  const areColumns = [left, right].every((side) => side['class'] === 'COLUMN_REF');
  if (areColumns) return macro(node, 'date_difference', [left, right], context);
  return dateArithmetic(node, left, right);
}

/** An array and an element make an array. */
function concatenation(node: TreeNode, left: TreeNode, right: TreeNode, context: CallContext): TreeNode {
  if ((isArray(left) && isNull(right)) || (isNull(left) && isArray(right)))
    throw refused(node, context, `an array and NULL: it is to be said whether of an element or of an array`);
  if (isArray(left) && isScalar(right))
    return call(node, 'list_append', [withoutAlias(left), withoutAlias(right)]);
  if (isScalar(left) && isArray(right))
    return call(node, 'list_prepend', [withoutAlias(left), withoutAlias(right)]);
  return node;
}

/** A decimal in a division makes a decimal of its scale, rounded; a whole number divided by zero is an error. */
function division(node: TreeNode, left: TreeNode, right: TreeNode, context: CallContext): TreeNode {
  const scale = Math.max(scaleOf(left), scaleOf(right));
  if (scale < 0) return checkedDivisor(node, left, right, context);
  const other = scaleOf(left) < 0 ? left : scaleOf(right) < 0 ? right : undefined;
  const quotient = call(
    node,
    '/',
    [castTo(withoutAlias(left), DOUBLE), castTo(withoutAlias(right), DOUBLE)],
    true,
  );
  const rounded = call(node, 'round', [withoutAlias(quotient), constant(node, 'INTEGER', scale)]);
  if (!other) return checkedDivisor(decimal(rounded, scale), left, right, context);
  const type = call(node, 'typeof', [withoutAlias(other)]);
  const isReal = call(node, 'contains', [constant(node, 'VARCHAR', 'DOUBLE,FLOAT'), withoutAlias(type)]);
  const chosen = choose(node, withoutAlias(isReal), withoutAlias(quotient), withoutAlias(rounded));
  return checkedDivisor(chosen, left, right, context);
}

const DOUBLE = { id: 'DOUBLE', type_info: null };

function decimal(node: TreeNode, scale: number): TreeNode {
  const info = { type: 'DECIMAL_TYPE_INFO', alias: '', extension_info: null, width: 38, scale };
  return castTo(node, { id: 'DECIMAL', type_info: info });
}

/** The scale of a decimal constant; -1 of anything else. */
function scaleOf(node: TreeNode): number {
  const value = node['value'];
  const type = node['class'] === 'CAST' ? node['cast_type'] : isNode(value) ? value['type'] : undefined;
  if (!isNode(type) || type['id'] !== 'DECIMAL') return -1;
  const info = type['type_info'];
  return isNode(info) ? Number(info['scale']) : -1;
}

/** A division by zero is an error, or null within TRY, and of reals infinite; DuckDB's own is always null. */
function checkedDivisor(node: TreeNode, left: TreeNode, right: TreeNode, { isTried }: CallContext): TreeNode {
  if (isNonZeroConstant(right)) return node;
  const isZero = comparison('COMPARE_EQUAL', withoutAlias(right), constant(node, 'INTEGER', 0));
  const type = call(node, 'typeof', [withoutAlias(node)]);
  const isReal = call(node, 'contains', [constant(node, 'VARCHAR', 'DOUBLE,FLOAT'), withoutAlias(type)]);
  const infinite = call(node, 'cast_to_type', [withoutAlias(quotientByZero(node, left)), withoutAlias(node)]);
  const fault = call(node, 'error', [constant(node, 'VARCHAR', 'DIVISION_BY_ZERO: Division by zero')]);
  const checked = isTried ? node : choose(node, isZero, withoutAlias(fault), withoutAlias(node));
  const isInfinite = {
    ...{ class: 'CONJUNCTION', type: 'CONJUNCTION_AND', alias: '', query_location: 0 },
    children: [isZero, withoutAlias(isReal)],
  };
  return choose(node, isInfinite, withoutAlias(infinite), withoutAlias(checked));
}

/** The text of a real's quotient. */
function quotientByZero(node: TreeNode, left: TreeNode): TreeNode {
  const text = (value: string) => constant(node, 'VARCHAR', value);
  const is = (type: string) => comparison(type, withoutAlias(left), constant(node, 'INTEGER', 0));
  const negative = choose(node, is('COMPARE_LESSTHAN'), text('-Infinity'), text('NaN'));
  const isNumber = operator('OPERATOR_NOT', [
    withoutAlias(call(node, 'isnan', [castTo(withoutAlias(left), DOUBLE)])),
  ]);
  const positive = choose(node, is('COMPARE_GREATERTHAN'), text('Infinity'), withoutAlias(negative));
  if (node['function_name'] === '%') return text('NaN');
  return choose(node, isNumber, withoutAlias(positive), text('NaN'));
}

function isNonZeroConstant(node: TreeNode): boolean {
  const value = node['value'];
  return node['class'] === 'CONSTANT' && isNode(value) && Number(value['value']) !== 0;
}
