/** DuckDB's own syntax tree, as `json_serialize_sql` gives it. */
export type Tree = TreeNode | readonly Tree[] | string | number | boolean | null | RawNumber;
export interface TreeNode {
  readonly [member: string]: Tree;
}

/** A number that JavaScript would not write as it was written. */
export interface RawNumber {
  readonly rawJSON: string;
}

interface JsonWithSource {
  parse(
    text: string,
    reviver: (key: string, value: unknown, context: { source?: string }) => unknown,
  ): unknown;
  rawJSON(text: string): RawNumber;
}

const json = JSON as unknown as JsonWithSource;

/** Parses the tree without losing a digit of BIGINT and HUGEINT constants, or the point of `100.0`. */
export function parseTree(text: string): Tree {
  return json.parse(text, (_key, value, { source }) =>
    typeof value === 'number' && source !== undefined && String(value) !== source
      ? json.rawJSON(source)
      : value,
  ) as Tree;
}

export function isNode(tree: Tree | undefined): tree is TreeNode {
  return typeof tree === 'object' && tree !== null && !Array.isArray(tree) && !('rawJSON' in tree);
}

export function text(tree: Tree | undefined): string {
  return typeof tree === 'string' ? tree : '';
}

export function nodes(tree: Tree | undefined): readonly TreeNode[] {
  return Array.isArray(tree) ? (tree as readonly Tree[]).filter(isNode) : [];
}

/** Where the node stands in the query, in characters; NaN where the parser does not say. */
export function location(node: TreeNode): number {
  const at = node['query_location'];
  return typeof at === 'number' ? at : NaN;
}

/** The node with its members mapped. */
export function mapMembers(node: TreeNode, change: (member: Tree, name: string) => Tree): TreeNode {
  return Object.fromEntries(Object.entries(node).map(([name, member]) => [name, change(member, name)]));
}

/** A function call of the parser's shape. */
export function call(like: TreeNode, name: string, children: readonly Tree[], isOperator = false): TreeNode {
  return {
    class: 'FUNCTION',
    type: 'FUNCTION',
    alias: text(like['alias']),
    query_location: like['query_location'] ?? 0,
    function_name: name,
    schema: '',
    children,
    filter: null,
    order_bys: { type: 'ORDER_MODIFIER', orders: [] },
    distinct: false,
    is_operator: isOperator,
    export_state: false,
    catalog: '',
  };
}
