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
const MAP_FUNCTIONS = /^(map|map_concat|map_from_entries|histogram|trino_map_agg)$/;

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
