import { call, isNode, nodes, text, type Tree, type TreeNode } from '../syntax-tree.ts';
import { macro, refused, type CallContext, type Rewrite } from './context.ts';
import { PREFIX } from './macros.ts';
import { castTo, constant, withoutAlias } from './node.ts';

// JSON is text here: what gives JSON is known by its function alone.

export const JSON_REWRITES: Readonly<Record<string, Rewrite>> = {
  json_extract: (node) => castTo(withQuotedPath(node), VARCHAR),
  json_extract_scalar: (node, context) => overPath(node, context),
  json_size: (node, context) => overPath(node, context),
  json_format: (node, context) => {
    const [json] = nodes(node['children']);
    if (!json || !isJson(json)) throw refused(node, context, `Function 'json_format' takes JSON, not text`);
    return { ...json, alias: text(node['alias']) };
  },
};

const VARCHAR = { id: 'VARCHAR', type_info: null };

function overPath(node: TreeNode, context: CallContext): TreeNode {
  const quoted = withQuotedPath(node);
  return macro(quoted, text(node['function_name']).toLowerCase(), nodes(quoted['children']), context);
}

/** A path's `["a b"]` is written `."a b"`. */
function withQuotedPath(node: TreeNode): TreeNode {
  const [json, path] = nodes(node['children']);
  const value = path?.['value'];
  if (!json || !path || !isNode(value) || typeof value['value'] !== 'string') return node;
  const written = value['value'].replace(/\["([^"]*)"\]/g, '."$1"');
  return { ...node, children: [json, constant(path, 'VARCHAR', written)] };
}

export function isJson(node: TreeNode): boolean {
  const child = node['child'];
  return (
    text(node['function_name']) === `${PREFIX}json_parse` ||
    (isNode(child) && text(child['function_name']) === 'json_extract')
  );
}

/** `CAST(json AS type)`: of a scalar its value, of an array its elements' values. */
export function castOfJson(node: TreeNode, context: CallContext): TreeNode {
  const [json, type] = [node['child'] as TreeNode, node['cast_type'] as TreeNode];
  const isNested = /^(LIST|MAP|STRUCT)$/.test(text(type['id']));
  const value = isNested
    ? call(json, 'json', [withoutAlias(json)])
    : macro(json, 'json_text', [json], context);
  return { ...node, child: withoutAlias(value) };
}

/** `CAST(value AS json)` of what is written out and means the same JSON; undefined of anything else. */
export function castToJson(node: TreeNode): TreeNode | undefined {
  const child = node['child'] as TreeNode;
  return isPlainLiteral(child) ? castTo(call(node, 'to_json', [withoutAlias(child)]), VARCHAR) : undefined;
}

const PLAIN = new Set(['VARCHAR', 'INTEGER', 'BIGINT', 'BOOLEAN', 'NULL']);

function isPlainLiteral(node: TreeNode): boolean {
  if (node['type'] === 'ARRAY_CONSTRUCTOR') return nodes(node['children']).every(isPlainLiteral);
  // The parser writes `true` as a cast of 't'.
  if (node['class'] === 'CAST')
    return idOf(node['cast_type']) === 'BOOLEAN' && isNode(node['child']) && isPlainLiteral(node['child']);
  const value = node['value'];
  return node['class'] === 'CONSTANT' && isNode(value) && PLAIN.has(idOf(value['type']));
}

function idOf(type: Tree | undefined): string {
  return isNode(type) ? text(type['id']) : '';
}
