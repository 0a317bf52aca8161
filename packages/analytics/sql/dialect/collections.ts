import { call, nodes, text, type TreeNode } from '../syntax-tree.ts';
import { type CallContext, macro, refused, type Rewrite } from './context.ts';
import { column, constant, lambda, lambdaOf, substituted, withoutAlias } from './node.ts';
import { isArray, isDate, isMap } from './value-kind.ts';

export const COLLECTION_REWRITES: Readonly<Record<string, Rewrite>> = {
  all_match: (node, context) => matching(node, 'all_match', context),
  any_match: (node, context) => matching(node, 'any_match', context),
  none_match: (node, context) => matching(node, 'none_match', context),
  cardinality: (node, context) => {
    const [argument] = nodes(node['children']);
    return argument && isMap(argument) ? node : macro(node, 'cardinality', nodes(node['children']), context);
  },
  map_filter: (node, context) =>
    mapped(node, context, ({ key, value, body }) => {
      const kept = call(node, 'list_filter', [key.entries, lambda([key.name], body)]);
      void value;
      return call(node, 'map_from_entries', [withoutAlias(kept)]);
    }),
  transform_keys: (node, context) =>
    mapped(node, context, ({ key, value, body }) => remade(node, key, body, value.node)),
  transform_values: (node, context) =>
    mapped(node, context, ({ key, body }) => remade(node, key, key.node, body)),
  map_zip_with: (node, context) => zippedMaps(node, context),
  reduce: (node, context) => {
    const [array, start, step, end] = nodes(node['children']);
    const [combine, finish] = [lambdaOf(step), lambdaOf(end)];
    if (!array || !start || !combine || !finish)
      throw refused(node, context, `Function 'reduce' takes an array, a state and two lambdas`);
    const state = call(node, 'list_reduce', [withoutAlias(array), withoutAlias(step!), withoutAlias(start)]);
    return {
      ...substituted(finish.body, new Map([[finish.parameters[0]!, withoutAlias(state)]])),
      alias: text(node['alias']),
    };
  },
  reverse: (node, context) => {
    const [argument] = nodes(node['children']);
    return argument && isArray(argument) ? macro(node, 'reverse_array', [argument], context) : node;
  },
  array_sort: (node, context) => {
    const children = nodes(node['children']);
    if (children.length > 1)
      throw refused(node, context, `Function 'array_sort' with a comparator is not translated`);
    return macro(node, 'array_sort', children, context);
  },
  sequence: (node, context) => {
    const children = nodes(node['children']);
    if (!children.some(isDate)) return macro(node, 'sequence', children, context);
    if (children.length < 3) throw refused(node, context, `Function 'sequence' of dates needs a step`);
    return macro(node, 'sequence_of_dates', children, context);
  },
  zip_with: (node, context) => {
    const [left, right, given] = nodes(node['children']);
    const combine = lambdaOf(given);
    if (!left || !right || !combine)
      throw refused(node, context, `Function 'zip_with' takes two arrays and a lambda`);
    const pair = column('helicase_pair');
    const part = (index: number) => call(pair, 'struct_extract_at', [pair, constant(node, 'BIGINT', index)]);
    const [x, y] = combine.parameters as [string, string];
    const body = substituted(
      combine.body,
      new Map([
        [x, part(1)],
        [y, part(2)],
      ]),
    );
    const zipped = call(node, 'list_zip', [withoutAlias(left), withoutAlias(right)]);
    return call(node, 'list_transform', [withoutAlias(zipped), lambda(['helicase_pair'], body)]);
  },
  // Fields have Trino's names, so that they can be told apart.
  row: (node) => struct(node, nodes(node['children'])),
  zip: (node) => {
    const zipped = call(node, 'list_zip', nodes(node['children']).map(withoutAlias));
    const tuple = column('helicase_tuple');
    const parts = nodes(node['children']).map((_, index) =>
      call(tuple, 'struct_extract_at', [tuple, constant(node, 'BIGINT', index + 1)]),
    );
    return call(node, 'list_transform', [
      withoutAlias(zipped),
      lambda(['helicase_tuple'], withoutAlias(struct(tuple, parts))),
    ]);
  },
};

function struct(node: TreeNode, values: readonly TreeNode[]): TreeNode {
  return call(
    node,
    'struct_pack',
    values.map((value, index) => ({ ...value, alias: `field${index}` })),
  );
}

function matching(node: TreeNode, name: string, context: CallContext): TreeNode {
  const tested = call(node, 'list_transform', nodes(node['children']).map(withoutAlias));
  return macro(node, name, [tested], context);
}

interface MapLambda {
  readonly key: { readonly name: string; readonly node: TreeNode; readonly entries: TreeNode };
  readonly value: { readonly node: TreeNode };
  readonly body: TreeNode;
}

/** `f(map, (k, v) -> body)` as an expression over the map's entries. */
function mapped(node: TreeNode, context: CallContext, make: (parts: MapLambda) => TreeNode): TreeNode {
  const [map, given] = nodes(node['children']);
  const function_ = lambdaOf(given);
  if (!map || function_?.parameters.length !== 2) {
    throw refused(
      node,
      context,
      `Function '${text(node['function_name'])}' takes a map and a lambda of key and value`,
    );
  }
  const name = 'helicase_entry';
  const part = (field: string) =>
    call(node, 'struct_extract', [column(name), constant(node, 'VARCHAR', field)]);
  const [key, value] = [withoutAlias(part('key')), withoutAlias(part('value'))];
  const [k, v] = function_.parameters as [string, string];
  const body = substituted(
    function_.body,
    new Map([
      [k, key],
      [v, value],
    ]),
  );
  const entries = withoutAlias(call(node, 'map_entries', [withoutAlias(map)]));
  return make({ key: { name, node: key, entries }, value: { node: value }, body });
}

function remade(
  node: TreeNode,
  { name, entries }: Pick<MapLambda['key'], 'name' | 'entries'>,
  key: TreeNode,
  value: TreeNode,
): TreeNode {
  const pair = call(node, 'struct_pack', [
    { ...key, alias: 'key' },
    { ...value, alias: 'value' },
  ]);
  const made = call(node, 'list_transform', [entries, lambda([name], withoutAlias(pair))]);
  return call(node, 'map_from_entries', [withoutAlias(made)]);
}

/** Keys of both, in the order of their first coming; null for what one of them lacks. */
function zippedMaps(node: TreeNode, context: CallContext): TreeNode {
  const [left, right, given] = nodes(node['children']);
  const combine = lambdaOf(given);
  if (!left || !right || combine?.parameters.length !== 3)
    throw refused(
      node,
      context,
      `Function 'map_zip_with' takes two maps and a lambda of a key and two values`,
    );
  const key = column('helicase_key');
  const [k, x, y] = combine.parameters as [string, string, string];
  const valueOf = (map: TreeNode) => withoutAlias(call(node, 'map_extract_value', [withoutAlias(map), key]));
  const values = new Map([
    [k, key],
    [x, valueOf(left)],
    [y, valueOf(right)],
  ]);
  const keys = [left, right].map((map) => withoutAlias(call(node, 'map_keys', [withoutAlias(map)])));
  const entries = withoutAlias(macro(node, 'array_union', keys, context));
  return remade(node, { name: 'helicase_key', entries }, key, substituted(combine.body, values));
}
