import { translateCall } from './dialect.ts';
import { isMeant, type NamedTable } from './protocol.ts';
import { QueryError } from './query-error.ts';
import { isNode, location, mapMembers, nodes, text, type Tree, type TreeNode } from './syntax-tree.ts';

/** The name under which the engine keeps a table's rows; no query can say it. */
export function internalName(table: number): string {
  return `helicase_table_${table}`;
}

export interface Rewritten {
  readonly tree: TreeNode;
  /** The tables that the query reads, by their number. */
  readonly tables: readonly number[];
}

const QUERIES = new Set(['SELECT_NODE', 'SET_OPERATION_NODE', 'RECURSIVE_CTE_NODE', 'CTE_NODE']);
const RELATIONS = new Set([
  'BASE_TABLE',
  'SUBQUERY',
  'JOIN',
  'TABLE_FUNCTION',
  'EXPRESSION_LIST',
  'EMPTY',
  'EMPTY_FROM',
]);
const TABLE_FUNCTIONS = new Set(['unnest', 'generate_series', 'range', 'sequence']);
const EXPRESSIONS = new Set([
  'BETWEEN',
  'CASE',
  'CAST',
  'COLLATE',
  'COLUMN_REF',
  'COMPARISON',
  'CONJUNCTION',
  'CONSTANT',
  'FUNCTION',
  'LAMBDA',
  'LAMBDA_REF',
  'OPERATOR',
  'POSITIONAL_REFERENCE',
  'STAR',
  'SUBQUERY',
  'TYPE',
  'WINDOW',
]);

/**
 * Makes of a parsed query one that can only read the tables given: every kind of node is on a list or refused, every
 * table's name is replaced by the engine's own, every function is translated or refused.
 */
export function rewrite(
  statement: TreeNode,
  sql: string,
  tables: readonly NamedTable[],
  database: string | undefined,
): Rewritten {
  const rewriter = new Rewriter(sql, tables, database);
  const tree = rewriter.rewrite(statement) as TreeNode;
  return { tree: { ...tree, node: named(tree['node'] as TreeNode) }, tables: [...rewriter.used] };
}

class Rewriter {
  readonly used = new Set<number>();
  readonly #sql: string;
  readonly #tables: readonly NamedTable[];
  readonly #database: string | undefined;

  constructor(sql: string, tables: readonly NamedTable[], database: string | undefined) {
    this.#sql = sql;
    this.#tables = tables;
    this.#database = database;
  }

  rewrite(tree: Tree, ctes: ReadonlySet<string> = new Set()): Tree {
    if (Array.isArray(tree)) return (tree as readonly Tree[]).map((element) => this.rewrite(element, ctes));
    if (!isNode(tree)) return tree;
    if ('cte_map' in tree) return this.#query(tree, ctes);
    if ('class' in tree) return this.#expression(tree, ctes);
    if ('alias' in tree && 'sample' in tree) return this.#relation(tree, ctes);
    return mapMembers(tree, (member) => this.rewrite(member, ctes));
  }

  #query(node: TreeNode, outer: ReadonlySet<string>): TreeNode {
    if (!QUERIES.has(text(node['type']))) throw this.#unsupported(node, `${text(node['type'])} queries`);
    const map = node['cte_map'];
    const own = isNode(map) ? nodes(map['map']).map(({ key }) => text(key).toLowerCase()) : [];
    const named = text(node['cte_name']) || text(node['ctename']);
    const ctes = new Set([...outer, ...own, ...(named ? [named.toLowerCase()] : [])]);
    return mapMembers(node, (member) => this.rewrite(member, ctes));
  }

  #expression(node: TreeNode, ctes: ReadonlySet<string>): TreeNode {
    const kind = text(node['class']);
    if (!EXPRESSIONS.has(kind)) throw this.#unsupported(node, `${kind} expressions`);
    const inner = mapMembers(node, (member) => this.rewrite(member, ctes));
    if (kind === 'FUNCTION' || kind === 'WINDOW') return translateCall(inner, this.#sql);
    if (kind === 'CONSTANT') return exactConstant(inner);
    return kind === 'COLUMN_REF' ? this.#column(inner) : inner;
  }

  #relation(node: TreeNode, ctes: ReadonlySet<string>): TreeNode {
    const kind = text(node['type']);
    if (!RELATIONS.has(kind)) throw this.#unsupported(node, `${kind} in FROM`);
    if (kind === 'TABLE_FUNCTION') this.#checkTableFunction(node);
    const inner = mapMembers(node, (member) => this.rewrite(member, ctes));
    return kind === 'BASE_TABLE' ? this.#table(inner, ctes) : inner;
  }

  #checkTableFunction(node: TreeNode): void {
    const called = node['function'];
    const name = isNode(called) ? text(called['function_name']).toLowerCase() : '';
    if (TABLE_FUNCTIONS.has(name)) return;
    throw QueryError.at(
      'FUNCTION_NOT_FOUND',
      this.#sql,
      location(node),
      `Table function '${name}' not registered`,
    );
  }

  #table(node: TreeNode, ctes: ReadonlySet<string>): TreeNode {
    const written = text(node['table_name']);
    const [catalog, schema, table] = [node['catalog_name'], node['schema_name'], node['table_name']].map(
      (name) => text(name).toLowerCase(),
    ) as [string, string, string];
    if (!catalog && !schema && ctes.has(table)) return node;
    if (catalog && catalog !== 'awsdatacatalog') {
      throw QueryError.at('CATALOG_NOT_FOUND', this.#sql, location(node), `Catalog '${catalog}' not found`);
    }
    const number = this.#find(schema || this.#database?.toLowerCase(), table);
    if (number < 0) {
      const full = ['awsdatacatalog', schema || this.#database || 'default', written].join('.');
      throw QueryError.at('TABLE_NOT_FOUND', this.#sql, location(node), `Table '${full}' does not exist`);
    }
    this.used.add(number);
    const alias = text(node['alias']) || written;
    return { ...node, catalog_name: '', schema_name: '', table_name: internalName(number), alias };
  }

  #find(database: string | undefined, table: string): number {
    return this.#tables.findIndex((known) => isMeant(known, database, table));
  }

  /** `database.table.column` and `catalog.database.table.column`: tables are known by their own name alone here. */
  #column(node: TreeNode): TreeNode {
    const names = (node['column_names'] as readonly string[]) ?? [];
    const skip = names[0]?.toLowerCase() === 'awsdatacatalog' ? 1 : 0;
    const [database, table] = names.slice(skip).map((name) => name.toLowerCase());
    const qualified =
      names.length - skip > 2 &&
      this.#tables.some((known) => known.database === database && known.table === table);
    return qualified && database !== undefined ? { ...node, column_names: names.slice(skip + 1) } : node;
  }

  #unsupported(node: TreeNode, what: string): QueryError {
    return QueryError.at(
      'NOT_SUPPORTED',
      this.#sql,
      location(node),
      `${what.toLowerCase()} are not supported`,
    );
  }
}

/** A double is written as `100.0` when the tree becomes text again, which would be read as a decimal. */
function exactConstant(node: TreeNode): TreeNode {
  const value = node['value'];
  const type = isNode(value) ? value['type'] : undefined;
  if (!isNode(type) || type['id'] !== 'DOUBLE') return node;
  const { alias, query_location } = node as { alias: Tree; query_location: Tree };
  const child = { ...node, alias: '' };
  return {
    class: 'CAST',
    type: 'OPERATOR_CAST',
    alias,
    query_location,
    child,
    cast_type: type,
    try_cast: false,
  };
}

/** Athena calls columns without a name `_col0`, `_col1`, by their place. */
function named(query: TreeNode): TreeNode {
  if (query['type'] === 'SELECT_NODE') {
    const list = nodes(query['select_list']).map((column, index) => {
      const unnamed =
        text(column['alias']) === '' && column['class'] !== 'COLUMN_REF' && column['class'] !== 'STAR';
      return unnamed ? { ...column, alias: `_col${index}` } : column;
    });
    return { ...query, select_list: list };
  }
  if (isNode(query['left'])) return { ...query, left: named(query['left']) };
  if (query['type'] === 'CTE_NODE' && isNode(query['child']))
    return { ...query, child: named(query['child']) };
  const [first, ...others] = nodes(query['children']);
  return first ? { ...query, children: [named(first), ...others] } : query;
}
