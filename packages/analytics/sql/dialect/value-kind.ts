import { isNode, nodes, text, type TreeNode } from '../syntax-tree.ts';
import { PREFIX } from './macros.ts';

// What kind of value an expression has, as far as its own form says it: the parser knows no columns' types.

export function isDate(node: TreeNode): boolean {
  const type = node['cast_type'];
  return (
    (isNode(type) && type['id'] === 'DATE') ||
    text(node['function_name']) === `${PREFIX}date` ||
    text(node['function_name']) === 'current_date'
  );
}

/** A timestamp(0): a literal without a fraction, also cut to a unit or moved by months. */
export function hasWholeSeconds(node: TreeNode): boolean {
  const [type, child, children] = [node['cast_type'], node['child'], nodes(node['children'])];
  if (isNode(type) && isNode(child))
    return (
      type['id'] === 'TIMESTAMP' && isNode(child['value']) && !text(child['value']['value']).includes('.')
    );
  const name = text(node['function_name']);
  if (name === 'date_trunc' || name === `${PREFIX}date_add`) return hasWholeSeconds(children.at(-1)!);
  const [left, right] = children;
  return (
    /^[+-]$/.test(name) &&
    !!left &&
    hasWholeSeconds(left) &&
    /^to_(months|years)$/.test(text(right?.['function_name']))
  );
}

/** Columns of the stores' tables that are maps. */
const MAP_COLUMNS = new Set(['attributes', 'information', 'extras']);
const MAP_FUNCTIONS = /^(map|map_concat|map_from_entries|histogram|trino_map_(agg|union))$/;

export function isMap(node: TreeNode): boolean {
  if (node['class'] === 'COLUMN_REF')
    return MAP_COLUMNS.has((node['column_names'] as readonly string[]).at(-1)!.toLowerCase());
  const type = node['cast_type'];
  return MAP_FUNCTIONS.test(text(node['function_name'])) || (isNode(type) && type['id'] === 'MAP');
}

export function isArray(node: TreeNode): boolean {
  const type = node['cast_type'];
  return (
    node['type'] === 'ARRAY_CONSTRUCTOR' ||
    /^(list_|array_|string_split|generate_series|trino_(array|slice|sequence|split$|repeat))/.test(
      text(node['function_name']),
    ) ||
    (isNode(type) && type['id'] === 'LIST')
  );
}

/** A value that is written out, and is neither null nor of several parts. */
export function isScalar(node: TreeNode): boolean {
  const type = node['cast_type'];
  if (node['class'] === 'CONSTANT') return !isNull(node);
  return node['class'] === 'CAST' && isNode(type) && !/^(LIST|MAP|STRUCT)$/.test(text(type['id']));
}

export function isNull(node: TreeNode): boolean {
  const value = node['value'];
  return node['class'] === 'CONSTANT' && isNode(value) && value['is_null'] === true;
}

/** Bytes, by the functions that give them. */
export function isBinary(node: TreeNode): boolean {
  return /^(encode|unhex|from_base64|trino_(md5|sha1|sha256))$/.test(text(node['function_name']));
}

/** Trino's name of the type of what is written out; undefined where the engine has to say it. */
export function literalType(node: TreeNode): string | undefined {
  if (node['type'] === 'ARRAY_CONSTRUCTOR') return arrayType(nodes(node['children']).map(literalType));
  const value = node['value'];
  if (node['class'] !== 'CONSTANT' || !isNode(value)) return undefined;
  if (isNull(node)) return 'unknown';
  const type = value['type'];
  const id = isNode(type) ? text(type['id']) : '';
  if (id === 'VARCHAR') return `varchar(${[...text(value['value'])].length})`;
  return /^(INTEGER|BIGINT)$/.test(id) ? id.toLowerCase() : undefined;
}

/** Of texts the longest's, of others the one that all have. */
function arrayType(types: readonly (string | undefined)[]): string | undefined {
  const lengths = types.map((type) => Number(/^varchar\((\d+)\)$/.exec(type ?? '')?.[1] ?? NaN));
  if (types.length > 0 && !lengths.some(Number.isNaN)) return `array(varchar(${Math.max(...lengths)}))`;
  const [first] = types;
  return first !== undefined && types.every((type) => type === first) ? `array(${first})` : undefined;
}
