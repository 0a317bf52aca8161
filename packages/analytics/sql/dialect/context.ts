import { QueryError } from '../query-error.ts';
import { call, isNode, location, text, type TreeNode } from '../syntax-tree.ts';
import { PREFIX } from './macros.ts';
import { withoutAlias } from './node.ts';

/** What calls are translated with: the query's text, for messages, and the macros that they turn out to need. */
export interface CallContext {
  readonly sql: string;
  readonly macros: Set<string>;
  /** Within TRY, where what would be an error is null. */
  readonly isTried: boolean;
}

/** A call as DuckDB is to see it, of one whose arguments are translated already. */
export type Rewrite = (node: TreeNode, context: CallContext) => TreeNode;

export function macro(
  node: TreeNode,
  name: string,
  children: readonly TreeNode[],
  { macros }: CallContext,
): TreeNode {
  macros.add(name);
  return call(node, `${PREFIX}${name}`, children.map(withoutAlias));
}

export function refused(node: TreeNode, { sql }: CallContext, what: string): QueryError {
  return QueryError.at('NOT_SUPPORTED', sql, location(node), what);
}

export function literal(
  node: TreeNode | undefined,
  like: TreeNode,
  context: CallContext,
  what: string,
): string {
  const value = node?.['value'];
  if (node?.['class'] === 'CONSTANT' && isNode(value) && typeof value['value'] === 'string')
    return value['value'];
  throw refused(like, context, `Function '${text(like['function_name'])}' needs ${what}`);
}
