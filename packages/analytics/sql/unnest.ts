import { column, constant } from './dialect/node.ts';
import { call, isNode, mapMembers, nodes, text, type Tree, type TreeNode } from './syntax-tree.ts';

/**
 * `FROM t CROSS JOIN UNNEST(a) AS u(v)` as `FROM (SELECT *, UNNEST(a) AS v FROM t) AS t`: DuckDB plans the first as a join
 * that hashes the nested column, the second as a scan that is 8 to 50 times faster.
 */
export interface Unnested {
  readonly relation: TreeNode;
  /** The alias whose columns are the table's now, and the table's alias. */
  readonly alias: readonly [string, string] | undefined;
}

/** The join rewritten, or undefined where it is another or would mean something else. */
export function unnested(
  join: TreeNode,
  columnsOf: (table: TreeNode) => readonly string[] | undefined,
): Unnested | undefined {
  const { left, right } = join;
  if (text(join['ref_type']) !== 'CROSS' || !isNode(left) || !isNode(right)) return undefined;
  const arrays = unnestArguments(right);
  const names = (right['column_name_alias'] as readonly string[] | undefined) ?? [];
  const own = text(left['type']) === 'BASE_TABLE' ? columnsOf(left) : undefined;
  if (!arrays || !own || left['sample'] || arrays.length !== names.length) return undefined;
  const taken = new Set([...own, text(left['alias'])].map((name) => name.toLowerCase()));
  // A name that the table has too would be ambiguous where it is now not.
  if (names.some((name) => taken.has(name.toLowerCase()))) return undefined;
  const alias = text(left['alias']);
  const unnestedAlias = text(right['alias']);
  return {
    relation: subquery([STAR, ...unnestColumns(left, arrays, names)], left, alias),
    alias: unnestedAlias === '' ? undefined : [unnestedAlias.toLowerCase(), alias],
  };
}

/** What a plain UNNEST takes apart; undefined of anything else. */
function unnestArguments(right: TreeNode): readonly TreeNode[] | undefined {
  const called = right['function'];
  if (text(right['type']) !== 'TABLE_FUNCTION' || !isNode(called)) return undefined;
  if (text(called['function_name']) !== 'unnest' || right['with_ordinality'] === 'WITH_ORDINALITY')
    return undefined;
  return nodes(called['children']);
}

/** `UNNEST(a, b) AS u(x, y)` and `UNNEST(map) AS u(k, v)`, which DuckDB unnests in a SELECT only; undefined of others. */
export function severalColumns(relation: TreeNode): TreeNode | undefined {
  const arguments_ = unnestArguments(relation);
  const names = (relation['column_name_alias'] as readonly string[] | undefined) ?? [];
  if (!arguments_) return undefined;
  const [first] = arguments_;
  if (first && arguments_.length === 1 && isArrayOfRows(first)) return rowColumns(relation, first, names);
  const isMap = arguments_.length === 1 && names.length === 2;
  if (!isMap && arguments_.length < 2) return undefined;
  const arrays = isMap
    ? [call(relation, 'map_keys', [first!]), call(relation, 'map_values', [first!])]
    : arguments_;
  const columns = unnestColumns(relation, arrays, names);
  return { ...subquery(columns, NOTHING, text(relation['alias'])), column_name_alias: names };
}

function isArrayOfRows(node: TreeNode): boolean {
  const items = nodes(node['children']);
  const isRow = (item: TreeNode) => text(item['function_name']) === 'struct_pack';
  return node['type'] === 'ARRAY_CONSTRUCTOR' && items.length > 0 && items.every(isRow);
}

/** `UNNEST(ARRAY[ROW(1, 'x')]) AS u(a, b)`: a column for each field. */
function rowColumns(relation: TreeNode, rows: TreeNode, names: readonly string[]): TreeNode {
  const inner = subquery(unnestColumns(relation, [rows], ['helicase_row']), NOTHING, 'helicase_rows');
  const row = column('helicase_row');
  const fields = nodes(nodes(rows['children'])[0]!['children']).map((_, index) => ({
    ...call(relation, 'struct_extract_at', [row, constant(relation, 'BIGINT', index + 1)]),
    alias: names[index] ?? `field${index}`,
  }));
  return { ...subquery(fields, inner, text(relation['alias'])), column_name_alias: names };
}

function unnestColumns(
  like: TreeNode,
  arrays: readonly TreeNode[],
  names: readonly string[],
): readonly TreeNode[] {
  return arrays.map((array, index) => ({
    ...call(like, 'unnest', [{ ...array, alias: '' }]),
    alias: names[index] ?? `_col${index}`,
  }));
}

const NOTHING: TreeNode = { type: 'EMPTY', alias: '', sample: null, query_location: 0 };

const STAR: TreeNode = {
  class: 'STAR',
  type: 'STAR',
  alias: '',
  query_location: 0,
  relation_name: '',
  exclude_list: [],
  replace_list: [],
  columns: false,
  expr: null,
  qualified_exclude_list: [],
  rename_list: [],
};

function subquery(columns: readonly TreeNode[], from: TreeNode, alias: string): TreeNode {
  const node = {
    type: 'SELECT_NODE',
    modifiers: [],
    cte_map: { map: [] },
    select_list: columns,
    from_table: from,
    where_clause: null,
    group_expressions: [],
    group_sets: [],
    aggregate_handling: 'STANDARD_HANDLING',
    having: null,
    sample: null,
    qualify: null,
  };
  return {
    type: 'SUBQUERY',
    alias,
    sample: null,
    query_location: 0,
    subquery: { node, named_param_map: [] },
    column_name_alias: [],
  };
}

/** Columns named by an alias that went, named by the table's; whole rows (`u.*`) cannot be. */
export function realiased(tree: Tree, aliases: ReadonlyMap<string, string>): Tree {
  if (aliases.size === 0) return tree;
  if (Array.isArray(tree)) return (tree as readonly Tree[]).map((part) => realiased(part, aliases));
  if (!isNode(tree)) return tree;
  if (tree['class'] === 'COLUMN_REF') {
    const [first, ...rest] = tree['column_names'] as readonly string[];
    const alias = rest.length > 0 ? aliases.get(first!.toLowerCase()) : undefined;
    return alias === undefined ? tree : { ...tree, column_names: [alias, ...rest] };
  }
  return mapMembers(tree, (member) => realiased(member, aliases));
}

/** Whether somewhere `alias.*` is selected. */
export function selectsAllOf(tree: Tree, alias: string): boolean {
  if (Array.isArray(tree)) return (tree as readonly Tree[]).some((part) => selectsAllOf(part, alias));
  if (!isNode(tree)) return false;
  if (tree['class'] === 'STAR' && text(tree['relation_name']).toLowerCase() === alias) return true;
  return Object.values(tree).some((member) => selectsAllOf(member, alias));
}
