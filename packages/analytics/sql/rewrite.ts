import { translateCall } from './dialect/calls.ts';
import { type CallContext, macro } from './dialect/context.ts';
import { TYPES } from './dialect/functions.ts';
import { castOfJson, castToJson, isJson } from './dialect/json.ts';
import { wholeSeconds } from './dialect/times.ts';
import { hasWholeSeconds } from './dialect/value-kind.ts';
import { isMeant, type NamedTable } from './protocol.ts';
import { QueryError } from './query-error.ts';
import { isNode, location, mapMembers, nodes, text, type Tree, type TreeNode } from './syntax-tree.ts';
import { varcharCasts, withoutLiterals } from './trino-text.ts';
import { realiased, selectsAllOf, severalColumns, unnested } from './unnest.ts';

/** The name under which the engine keeps a table's rows; no query can say it. */
export function internalName(table: number): string {
  return `helicase_table_${table}`;
}

export interface Rewritten {
  readonly tree: TreeNode;
  /** The tables that the query reads, by their number. */
  readonly tables: readonly number[];
  /** The macros that it calls. */
  readonly macros: readonly string[];
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
const TABLE_FUNCTIONS = new Set(['unnest', 'sequence']);
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
  refuseSilentText(sql);
  const rewriter = new Rewriter(sql, tables, database);
  const tree = rewriter.rewrite(statement) as TreeNode;
  return {
    tree: { ...tree, node: named(tree['node'] as TreeNode) },
    tables: [...rewriter.used],
    macros: [...rewriter.macros],
  };
}

/**
 * Makes of `SELECT 1 FROM filtered WHERE condition` one that has only functions and columns in its condition: a data
 * filter of Lake Formation is an expression over one row.
 */
export function rewriteCondition(statement: TreeNode, sql: string): Rewritten {
  refuseSilentText(sql);
  const node = statement['node'];
  const from = isNode(node) ? node['from_table'] : undefined;
  const isPlain =
    isNode(node) &&
    isNode(from) &&
    text(node['type']) === 'SELECT_NODE' &&
    text(from['table_name']) === 'filtered' &&
    nodes(node['modifiers']).length === 0 &&
    nodes(node['group_expressions']).length === 0 &&
    !isNode(node['having']) &&
    !isNode(node['qualify']) &&
    isNode(node['where_clause']);
  if (!isPlain || hasSubquery(node['where_clause']!)) {
    throw new QueryError('NOT_SUPPORTED: a row filter is one condition over the columns of its table');
  }
  const rewriter = new Rewriter(sql, [], undefined);
  const where = rewriter.rewrite(node['where_clause']!);
  return {
    tree: { ...statement, node: { ...node, where_clause: where } },
    tables: [],
    macros: [...rewriter.macros],
  };
}

function hasSubquery(tree: Tree): boolean {
  if (Array.isArray(tree)) return (tree as readonly Tree[]).some(hasSubquery);
  if (!isNode(tree)) return false;
  return tree['class'] === 'SUBQUERY' || Object.values(tree).some(hasSubquery);
}

class Rewriter {
  readonly used = new Set<number>();
  readonly macros = new Set<string>();
  #isTried = false;
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
    return this.#withoutUnnestJoin(mapMembers(node, (member) => this.rewrite(member, ctes)));
  }

  /** The fast form of `FROM table CROSS JOIN UNNEST(...)`, where that is all that is selected from. */
  #withoutUnnestJoin(node: TreeNode): TreeNode {
    const from = node['from_table'];
    if (!isNode(from) || text(from['type']) !== 'JOIN') return node;
    const fast = unnested(from, (table) => this.#columnsOf(table));
    if (!fast) return node;
    if (fast.alias && selectsAllOf(node, fast.alias[0])) return node;
    const rest = realiased(
      { ...node, from_table: null },
      new Map(fast.alias ? [fast.alias] : []),
    ) as TreeNode;
    return { ...rest, from_table: fast.relation };
  }

  #columnsOf(table: TreeNode): readonly string[] | undefined {
    const number = /^helicase_table_(\d+)$/.exec(text(table['table_name']))?.[1];
    return number === undefined ? undefined : this.#tables[Number(number)]?.columns;
  }

  #expression(node: TreeNode, ctes: ReadonlySet<string>): TreeNode {
    const kind = text(node['class']);
    if (!EXPRESSIONS.has(kind)) throw this.#unsupported(node, `${kind} expressions`);
    if (node['type'] === 'OPERATOR_TRY') return this.#tried(node, ctes);
    // A lambda's parameters are written as a row, and are none.
    const inner = mapMembers(node, (member, name) =>
      kind === 'LAMBDA' && name === 'lhs' ? member : this.rewrite(member, ctes),
    );
    switch (kind) {
      case 'FUNCTION':
      case 'WINDOW':
        return translateCall(inner, this.#context());
      case 'CONSTANT':
        return exactConstant(inner);
      case 'COLUMN_REF':
        return this.#column(inner);
      case 'CAST':
        return this.#cast(inner);
      case 'STAR':
        return this.#star(inner);
      default:
        return inner;
    }
  }

  #tried(node: TreeNode, ctes: ReadonlySet<string>): TreeNode {
    const outer = this.#isTried;
    this.#isTried = true;
    const inner = mapMembers(node, (member) => this.rewrite(member, ctes));
    this.#isTried = outer;
    return inner;
  }

  #context(): CallContext {
    return { sql: this.#sql, macros: this.macros, isTried: this.#isTried };
  }

  /** Types are Trino's, and casts mean what they mean there. */
  #cast(node: TreeNode): TreeNode {
    const type = node['cast_type'];
    const child = node['child'];
    if (!isNode(type) || !isNode(child)) return node;
    const name = text(type['id']);
    if (typeName(type).toLowerCase() === 'json') {
      const json = castToJson(node);
      if (json) return json;
    }
    if (!TYPES.has(name)) throw this.#unsupported(node, `casts to ${typeName(type)}`);
    if (isJson(child)) return castOfJson(node, this.#context());
    // Rows are cast by their fields' places, not by their names.
    if (name === 'STRUCT' && text(child['function_name']) === 'struct_pack') {
      const fields = nodes(child['children']).map((field) => ({ ...field, alias: '' }));
      return { ...node, child: { ...child, function_name: 'row', children: fields } };
    }
    const isText = isNode(child['value']) && typeof child['value']['value'] === 'string';
    if (name === 'TIMESTAMP' && isText && hasZone(text((child['value'] as TreeNode)['value']))) {
      return { ...node, cast_type: { id: 'TIMESTAMP WITH TIME ZONE', type_info: null } };
    }
    // A literal needs no rounding and has no hidden form.
    if (child['class'] === 'CONSTANT' && !hasFraction(child)) return node;
    if (/^(TINYINT|SMALLINT|INTEGER|BIGINT)$/.test(name))
      return { ...node, child: macro(child, 'integer', [child], this.#context()) };
    if (name === 'VARCHAR' && hasWholeSeconds(child)) return { ...node, child: wholeSeconds(child, ' ') };
    if (name === 'VARCHAR') return { ...node, child: macro(child, 'varchar', [child], this.#context()) };
    return node;
  }

  #star(node: TreeNode): TreeNode {
    const more = ['exclude_list', 'replace_list', 'rename_list', 'qualified_exclude_list'].some((list) => {
      const given = node[list];
      return Array.isArray(given) && given.length > 0;
    });
    if (more || node['columns'] === true || isNode(node['expr']))
      throw this.#unsupported(node, 'star with options');
    return node;
  }

  #relation(node: TreeNode, ctes: ReadonlySet<string>): TreeNode {
    const kind = text(node['type']);
    if (!RELATIONS.has(kind)) throw this.#unsupported(node, `${kind} in FROM`);
    if (kind === 'TABLE_FUNCTION') this.#checkTableFunction(node);
    const inner = mapMembers(node, (member) => this.rewrite(member, ctes));
    if (kind === 'TABLE_FUNCTION') return severalColumns(inner) ?? inner;
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

/** Text that the parser takes for something else than Trino does, and says nothing. */
function refuseSilentText(sql: string): void {
  const plain = withoutLiterals(sql);
  const lengths = [...plain.matchAll(/\bvarchar\s*\(\s*\d+\s*\)/gi)].filter(
    ({ index }) =>
      !varcharCasts(plain).some(
        ({ length: [start] }) => plain.slice(index, start).trim().toLowerCase() === 'varchar',
      ),
  );
  if (lengths[0])
    throw QueryError.at(
      'NOT_SUPPORTED',
      sql,
      lengths[0].index,
      'varchar with a length is not supported here',
    );
  const cases: readonly (readonly [RegExp, string])[] = [
    [/\bchar\s*\(\s*\d+\s*\)/i, 'char with a length'],
    [/\b[eub]&?'/i, 'literals with a letter before the quote'],
    [/::/, 'the operator ::'],
    [/\$\$|\$\w*\$/, 'dollar quotes'],
  ];
  for (const [pattern, what] of cases) {
    const found = pattern.exec(plain);
    if (found) throw QueryError.at('NOT_SUPPORTED', sql, found.index, `${what} are not supported`);
  }
  // DuckDB's own lists, structures and maps.
  const own =
    /\{|(?:^|[(,=<>+*/%|-]|\b(?:select|where|and|or|not|on|by|when|then|else|in|having|values))\s*\[/i.exec(
      plain,
    );
  if (own)
    throw QueryError.at(
      'SYNTAX_ERROR',
      sql,
      own.index + own[0].length - 1,
      `'${own[0].at(-1)!}' is not expected`,
    );
}

function hasZone(text: string): boolean {
  return /\d\s*([A-Za-z_]+(\/\w+)*|[+-]\d\d:?\d\d)$/.test(text.trim());
}

function hasFraction(constant: TreeNode): boolean {
  const value = constant['value'];
  const type = isNode(value) ? value['type'] : undefined;
  return isNode(type) && (type['id'] === 'DOUBLE' || type['id'] === 'FLOAT');
}

function typeName(type: TreeNode): string {
  const info = type['type_info'];
  return isNode(info) && text(info['name']) ? text(info['name']) : text(type['id']);
}
