import { call, isNode, mapMembers, text, type Tree, type TreeNode } from '../syntax-tree.ts';

/** Nodes of the parser's shapes, for what a translation puts in a call's place. */
export function constant(like: TreeNode, id: string, value: Tree): TreeNode {
  return {
    class: 'CONSTANT',
    type: 'VALUE_CONSTANT',
    alias: '',
    query_location: like['query_location'] ?? 0,
    value:
      value === null
        ? { type: { id: 'NULL', type_info: null }, is_null: true }
        : { type: { id, type_info: null }, is_null: false, value },
  };
}

export function castTo(child: TreeNode, type: Tree, tryCast = false): TreeNode {
  return {
    class: 'CAST',
    type: 'OPERATOR_CAST',
    alias: text(child['alias']),
    query_location: child['query_location'] ?? 0,
    child: withoutAlias(child),
    cast_type: type,
    try_cast: tryCast,
  };
}

export function operator(type: string, children: readonly Tree[]): TreeNode {
  return { class: 'OPERATOR', type, alias: '', query_location: 0, children };
}

export function withoutAlias(node: TreeNode): TreeNode {
  return { ...node, alias: '' };
}

export function column(name: string): TreeNode {
  return { class: 'COLUMN_REF', type: 'COLUMN_REF', alias: '', query_location: 0, column_names: [name] };
}

export function comparison(type: string, left: TreeNode, right: TreeNode): TreeNode {
  return { class: 'COMPARISON', type, alias: '', query_location: 0, left, right };
}

/** `CASE WHEN when THEN then ELSE otherwise END`, in the node's place. */
export function choose(node: TreeNode, when: TreeNode, then: TreeNode, otherwise: TreeNode): TreeNode {
  return {
    class: 'CASE',
    type: 'CASE_EXPR',
    alias: text(node['alias']),
    query_location: node['query_location'] ?? 0,
    case_checks: [{ when_expr: when, then_expr: then }],
    else_expr: otherwise,
  };
}

export interface Lambda {
  readonly parameters: readonly string[];
  readonly body: TreeNode;
}

/** The lambda that the node is: `x -> ...` or `(x, y) -> ...`. */
export function lambdaOf(node: TreeNode | undefined): Lambda | undefined {
  if (!node || node['class'] !== 'LAMBDA') return undefined;
  const left = node['lhs'];
  const body = node['expr'];
  if (!isNode(left) || !isNode(body)) return undefined;
  const names = left['class'] === 'COLUMN_REF' ? [left] : (left['children'] as readonly TreeNode[]);
  return { parameters: names.map((name) => (name['column_names'] as readonly string[])[0]!), body };
}

export function lambda(parameters: readonly string[], body: TreeNode): TreeNode {
  const like = body;
  const left =
    parameters.length === 1
      ? column(parameters[0]!)
      : call(
          like,
          'row',
          parameters.map((name) => column(name)),
        );
  return {
    class: 'LAMBDA',
    type: 'LAMBDA',
    alias: '',
    query_location: 0,
    lhs: { ...left, alias: '' },
    expr: body,
  };
}

/** The body with each parameter replaced; an inner lambda's own parameters stay. */
export function substituted(body: TreeNode, values: ReadonlyMap<string, TreeNode>): TreeNode {
  return replace(body, values) as TreeNode;
}

function replace(tree: Tree, values: ReadonlyMap<string, TreeNode>): Tree {
  if (Array.isArray(tree)) return (tree as readonly Tree[]).map((part) => replace(part, values));
  if (!isNode(tree)) return tree;
  if (tree['class'] === 'COLUMN_REF') return replaceColumn(tree, values);
  const inner = lambdaOf(tree);
  if (!inner) return mapMembers(tree, (member) => replace(member, values));
  const visible = new Map([...values].filter(([name]) => !inner.parameters.includes(name)));
  return { ...tree, expr: replace(tree['expr']!, visible) };
}

function replaceColumn(node: TreeNode, values: ReadonlyMap<string, TreeNode>): TreeNode {
  const [first, ...fields] = node['column_names'] as readonly string[];
  const value = values.get(first!);
  if (!value) return node;
  const whole = fields.reduce(
    (struct, field) =>
      call(struct, 'struct_extract', [withoutAlias(struct), constant(struct, 'VARCHAR', field)]),
    value,
  );
  return { ...whole, alias: text(node['alias']) };
}
