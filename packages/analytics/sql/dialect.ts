import { QueryError } from './query-error.ts';
import { call, location, nodes, text, type TreeNode } from './syntax-tree.ts';

/** Trino's name to DuckDB's, where the two do the same. */
const RENAMED: Readonly<Record<string, string>> = {
  approx_distinct: 'approx_count_distinct',
  approx_percentile: 'approx_quantile',
  arbitrary: 'any_value',
  array_except: 'list_except',
  array_join: 'array_to_string',
  array_max: 'list_max',
  array_min: 'list_min',
  arrays_overlap: 'list_has_any',
  codepoint: 'ord',
  date_diff: 'date_sub', // whole units between the two; DuckDB's date_diff counts borders crossed
  format: 'printf',
  is_nan: 'isnan',
  is_finite: 'isfinite',
  is_infinite: 'isinf',
  json_extract_scalar: 'json_extract_string',
  levenshtein_distance: 'levenshtein',
  regexp_like: 'regexp_matches',
  regexp_split: 'regexp_split_to_array',
  to_unixtime: 'epoch',
  transform: 'list_transform',
  truncate: 'trunc',
  zip: 'list_zip',
};

/** Trino's name to one of the macros of macros.ts, where DuckDB has the name with another meaning, or none. */
const MACROS: ReadonlySet<string> = new Set([
  'array_position',
  'array_remove',
  'array_sort',
  'array_union',
  'bitwise_and',
  'bitwise_or',
  'bitwise_xor',
  'cardinality',
  'date_add',
  'element_at',
  'from_unixtime',
  'map_agg',
  'regexp_extract',
  'regexp_replace',
  'sequence',
  'slice',
]);

/** Functions whose answer would be wrong without a word; the message says what to write instead. */
const UNTRANSLATED: Readonly<Record<string, string>> = {
  date_format: 'use date_trunc, year, month, day or CAST(... AS varchar)',
  date_parse: 'use CAST(... AS date) or CAST(... AS timestamp)',
  format_datetime: 'use CAST(... AS varchar)',
  parse_datetime: 'use CAST(... AS timestamp)',
  reduce: 'use array_max, array_min, or UNNEST with an aggregate',
  typeof: 'DESCRIBE shows the types of a table',
  width_bucket: 'use floor and division',
};

/** Functions of DuckDB that see more than the query's tables, or change what it runs in. */
const FORBIDDEN =
  /^(add_parquet_key|checkpoint|current_query|current_setting|currval|duckdb_.*|force_checkpoint|from_substrait.*|get_substrait.*|getenv|getvariable|glob|icu_.*|json_execute_serialized_sql|json_serialize_plan|json_serialize_sql|json_deserialize_sql|nextval|parquet_.*|parse_duckdb_log_message|pg_.*|pragma_.*|query|query_table|read_.*|set_config|setseed|sniff_csv|sql_auto_complete|test_.*|which_secret|write_log)$/;

/** The call as DuckDB is to see it, its arguments translated already. Throws where it cannot be translated. */
export function translateCall(node: TreeNode, sql: string): TreeNode {
  const name = text(node['function_name']).toLowerCase();
  if (FORBIDDEN.test(name)) {
    throw QueryError.at('FUNCTION_NOT_FOUND', sql, location(node), `Function '${name}' not registered`);
  }
  const hint = UNTRANSLATED[name];
  if (hint)
    throw QueryError.at(
      'NOT_SUPPORTED',
      sql,
      location(node),
      `Function '${name}' is not translated: ${hint}`,
    );
  const renamed = RENAMED[name];
  if (renamed) return { ...node, function_name: renamed };
  if (MACROS.has(name)) return { ...node, function_name: `trino_${name}` };
  return REWRITES[name]?.(node) ?? node;
}

const REWRITES: Readonly<Record<string, (node: TreeNode) => TreeNode>> = {
  // Null where an argument is null; DuckDB's concat leaves nulls out.
  concat: (node) => joined(node, '||'),
  greatest: (node) => nullWhereAnyIsNull(node),
  least: (node) => nullWhereAnyIsNull(node),
  any_match: (node) => comparedCount(node, 'COMPARE_GREATERTHAN'),
  none_match: (node) => comparedCount(node, 'COMPARE_EQUAL'),
};

function joined(node: TreeNode, operator: string): TreeNode {
  const [first, ...others] = nodes(node['children']);
  if (!first) return node;
  const tree = others.reduce((left, right) => call(node, operator, [withoutAlias(left), right], true), first);
  return { ...tree, alias: text(node['alias']) };
}

function nullWhereAnyIsNull(node: TreeNode): TreeNode {
  const children = nodes(node['children']);
  const isNull = children.map((child) => operator('OPERATOR_IS_NULL', [child]));
  const anyNull = isNull.reduce((left, right) => ({
    class: 'CONJUNCTION',
    type: 'CONJUNCTION_OR',
    alias: '',
    query_location: 0,
    children: [left, right],
  }));
  const nothing = {
    class: 'CONSTANT',
    type: 'VALUE_CONSTANT',
    alias: '',
    query_location: 0,
    value: NULL_VALUE,
  };
  return {
    class: 'CASE',
    type: 'CASE_EXPR',
    alias: text(node['alias']),
    query_location: node['query_location'] ?? 0,
    case_checks: [{ when_expr: anyNull, then_expr: nothing }],
    else_expr: withoutAlias(node),
  };
}

const NULL_VALUE: TreeNode = { type: { id: 'NULL', type_info: null }, is_null: true };

/** `any_match(a, f)` is `len(list_filter(a, f)) > 0`. */
function comparedCount(node: TreeNode, type: string): TreeNode {
  const matching = call(withoutAlias(node), 'list_filter', nodes(node['children']));
  const zero = {
    class: 'CONSTANT',
    type: 'VALUE_CONSTANT',
    alias: '',
    query_location: 0,
    value: { type: { id: 'INTEGER', type_info: null }, is_null: false, value: 0 },
  };
  return {
    class: 'COMPARISON',
    type,
    alias: text(node['alias']),
    query_location: node['query_location'] ?? 0,
    left: call(withoutAlias(node), 'len', [matching]),
    right: zero,
  };
}

function operator(type: string, children: readonly TreeNode[]): TreeNode {
  return { class: 'OPERATOR', type, alias: '', query_location: 0, children };
}

function withoutAlias(node: TreeNode): TreeNode {
  return { ...node, alias: '' };
}
