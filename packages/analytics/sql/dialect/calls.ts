import { QueryError } from '../query-error.ts';
import { call, isNode, location, nodes, text, type TreeNode } from '../syntax-tree.ts';
import { jodaFormat, strftimeFormat } from './date-format.ts';
import { ARITY, OPERATORS, REFUSED, RENAMED, SAME } from './functions.ts';
import { MACROS, PREFIX } from './macros.ts';
import { castTo, column, constant, lambda, lambdaOf, operator, substituted, withoutAlias } from './node.ts';

/** What calls are translated with: the query's text, for messages, and the macros that they turn out to need. */
export interface CallContext {
  readonly sql: string;
  readonly macros: Set<string>;
  /** Within TRY, where what would be an error is null. */
  readonly isTried: boolean;
}

type Rewrite = (node: TreeNode, context: CallContext) => TreeNode;

/** The call as DuckDB is to see it, its arguments translated already. Throws where it cannot be translated. */
export function translateCall(node: TreeNode, context: CallContext): TreeNode {
  const name = text(node['function_name']).toLowerCase();
  if (node['is_operator'] === true) return translateOperator(node, name, context);
  const hint = REFUSED[name];
  if (hint) throw refused(node, context, `Function '${name}' is not translated: ${hint}`);
  const rewrite = REWRITES[name];
  if (rewrite) return rewrite(node, context);
  checkArity(node, name, context);
  if (MACROS.has(name)) return macro(node, name, nodes(node['children']), context);
  const renamed = RENAMED[name];
  if (renamed) return { ...node, function_name: renamed };
  if (SAME.has(name)) return node;
  throw QueryError.at('FUNCTION_NOT_FOUND', context.sql, location(node), `Function '${name}' not registered`);
}

function translateOperator(node: TreeNode, name: string, context: CallContext): TreeNode {
  if (!OPERATORS.has(name)) {
    throw QueryError.at(
      'SYNTAX_ERROR',
      context.sql,
      location(node),
      `operator ${name} is not one of Trino's`,
    );
  }
  const [left, right] = nodes(node['children']);
  if ((name === '+' || name === '-') && left && right) return dateArithmetic(node, left, right);
  if (name === '/' && left && right) return division(node, left, right, context);
  if (name === '%' && left && right) return checkedDivisor(node, left, right, context);
  return node;
}

/** A date and an interval of days make a date; DuckDB makes a timestamp. */
function dateArithmetic(node: TreeNode, left: TreeNode, right: TreeNode): TreeNode {
  const hasDate = isDate(left) || isDate(right);
  const hasDays = [left, right].some(({ function_name: name }) =>
    /^to_(days|weeks|months|years)$/.test(text(name)),
  );
  if (!hasDate || !hasDays) return node;
  return castTo(node, { id: 'DATE', type_info: null });
}

function isDate(node: TreeNode): boolean {
  const type = node['cast_type'];
  return (
    (isNode(type) && type['id'] === 'DATE') ||
    text(node['function_name']) === `${PREFIX}date` ||
    text(node['function_name']) === 'current_date'
  );
}

/** A decimal in a division makes a decimal of its scale, rounded; a whole number divided by zero is an error. */
function division(node: TreeNode, left: TreeNode, right: TreeNode, context: CallContext): TreeNode {
  const scale = Math.max(scaleOf(left), scaleOf(right));
  if (scale < 0) return checkedDivisor(node, left, right, context);
  const other = scaleOf(left) < 0 ? left : scaleOf(right) < 0 ? right : undefined;
  const quotient = call(
    node,
    '/',
    [castTo(withoutAlias(left), DOUBLE), castTo(withoutAlias(right), DOUBLE)],
    true,
  );
  const rounded = call(node, 'round', [withoutAlias(quotient), constant(node, 'INTEGER', scale)]);
  if (!other) return checkedDivisor(decimal(rounded, scale), left, right, context);
  const type = call(node, 'typeof', [withoutAlias(other)]);
  const isReal = call(node, 'contains', [constant(node, 'VARCHAR', 'DOUBLE,FLOAT'), withoutAlias(type)]);
  const chosen = choose(node, withoutAlias(isReal), withoutAlias(quotient), withoutAlias(rounded));
  return checkedDivisor(chosen, left, right, context);
}

const DOUBLE = { id: 'DOUBLE', type_info: null };

function decimal(node: TreeNode, scale: number): TreeNode {
  const info = { type: 'DECIMAL_TYPE_INFO', alias: '', extension_info: null, width: 38, scale };
  return castTo(node, { id: 'DECIMAL', type_info: info });
}

/** The scale of a decimal constant; -1 of anything else. */
function scaleOf(node: TreeNode): number {
  const value = node['value'];
  const type = node['class'] === 'CAST' ? node['cast_type'] : isNode(value) ? value['type'] : undefined;
  if (!isNode(type) || type['id'] !== 'DECIMAL') return -1;
  const info = type['type_info'];
  return isNode(info) ? Number(info['scale']) : -1;
}

/** A division by zero is an error, or null within TRY, and of reals infinite; DuckDB's own is always null. */
function checkedDivisor(node: TreeNode, left: TreeNode, right: TreeNode, { isTried }: CallContext): TreeNode {
  if (isNonZeroConstant(right)) return node;
  const isZero = comparison('COMPARE_EQUAL', withoutAlias(right), constant(node, 'INTEGER', 0));
  const type = call(node, 'typeof', [withoutAlias(node)]);
  const isReal = call(node, 'contains', [constant(node, 'VARCHAR', 'DOUBLE,FLOAT'), withoutAlias(type)]);
  const infinite = call(node, 'cast_to_type', [withoutAlias(quotientByZero(node, left)), withoutAlias(node)]);
  const fault = call(node, 'error', [constant(node, 'VARCHAR', 'DIVISION_BY_ZERO: Division by zero')]);
  const checked = isTried ? node : choose(node, isZero, withoutAlias(fault), withoutAlias(node));
  const isInfinite = {
    ...{ class: 'CONJUNCTION', type: 'CONJUNCTION_AND', alias: '', query_location: 0 },
    children: [isZero, withoutAlias(isReal)],
  };
  return choose(node, isInfinite, withoutAlias(infinite), withoutAlias(checked));
}

/** The text of a real's quotient. */
function quotientByZero(node: TreeNode, left: TreeNode): TreeNode {
  const text = (value: string) => constant(node, 'VARCHAR', value);
  const is = (type: string) => comparison(type, withoutAlias(left), constant(node, 'INTEGER', 0));
  const negative = choose(node, is('COMPARE_LESSTHAN'), text('-Infinity'), text('NaN'));
  const isNumber = operator('OPERATOR_NOT', [
    withoutAlias(call(node, 'isnan', [castTo(withoutAlias(left), DOUBLE)])),
  ]);
  const positive = choose(node, is('COMPARE_GREATERTHAN'), text('Infinity'), withoutAlias(negative));
  if (node['function_name'] === '%') return text('NaN');
  return choose(node, isNumber, withoutAlias(positive), text('NaN'));
}

function comparison(type: string, left: TreeNode, right: TreeNode): TreeNode {
  return { class: 'COMPARISON', type, alias: '', query_location: 0, left, right };
}

function isNonZeroConstant(node: TreeNode): boolean {
  const value = node['value'];
  return node['class'] === 'CONSTANT' && isNode(value) && Number(value['value']) !== 0;
}

function choose(node: TreeNode, when: TreeNode, then: TreeNode, otherwise: TreeNode): TreeNode {
  return {
    class: 'CASE',
    type: 'CASE_EXPR',
    alias: text(node['alias']),
    query_location: node['query_location'] ?? 0,
    case_checks: [{ when_expr: when, then_expr: then }],
    else_expr: otherwise,
  };
}

function checkArity(node: TreeNode, name: string, context: CallContext): void {
  const allowed = ARITY[name];
  const given = nodes(node['children']).length;
  if (!allowed || allowed.includes(given)) return;
  throw refused(node, context, `Function '${name}' with ${given} arguments is not translated`);
}

export function macro(
  node: TreeNode,
  name: string,
  children: readonly TreeNode[],
  { macros }: CallContext,
): TreeNode {
  macros.add(name);
  return call(node, `${PREFIX}${name}`, children.map(withoutAlias));
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

/** Its text, which has no fraction either. */
export function wholeSeconds(node: TreeNode, between: ' ' | 'T'): TreeNode {
  return call(node, 'strftime', [
    withoutAlias(node),
    constant(node, 'VARCHAR', `%Y-%m-%d${between}%H:%M:%S`),
  ]);
}

function refused(node: TreeNode, { sql }: CallContext, what: string): QueryError {
  return QueryError.at('NOT_SUPPORTED', sql, location(node), what);
}

const REWRITES: Readonly<Record<string, Rewrite>> = {
  // Null where an argument is null; DuckDB's concat leaves nulls out.
  concat: (node) => {
    const [first, ...others] = nodes(node['children']);
    if (!first) return node;
    const tree = others.reduce(
      (left, right) => call(node, '||', [withoutAlias(left), withoutAlias(right)], true),
      first,
    );
    return { ...tree, alias: text(node['alias']) };
  },
  // The mean of decimals is a decimal there.
  avg: (node, context) => {
    const checked = nodes(node['children']).map((child) => macro(node, 'no_decimal', [child], context));
    return { ...node, children: checked.map(withoutAlias) };
  },
  greatest: (node) => nullWhereAnyIsNull(node),
  least: (node) => nullWhereAnyIsNull(node),
  all_match: (node, context) => matching(node, 'all_match', context),
  any_match: (node, context) => matching(node, 'any_match', context),
  none_match: (node, context) => matching(node, 'none_match', context),
  cardinality: (node) => {
    const [argument] = nodes(node['children']);
    return argument && isMap(argument) ? node : { ...node, function_name: 'len' };
  },
  date_format: (node, context) => formatted(node, 'strftime', context),
  date_parse: (node, context) => formatted(node, 'strptime', context),
  format_datetime: (node, context) => formatted(node, 'strftime', context, jodaFormat),
  parse_datetime: (node, context) =>
    castTo(formatted(node, 'strptime', context, jodaFormat), {
      id: 'TIMESTAMP WITH TIME ZONE',
      type_info: null,
    }),
  date_part: (node, context) => extracted(node, context),
  date_trunc: (node, context) => {
    const [unit, moment] = nodes(node['children']);
    literal(unit, node, context, 'a unit that is written out');
    if (!moment || !isDate(moment)) return node;
    return castTo(node, { id: 'DATE', type_info: null });
  },
  date_add: (node, context) => {
    const [unit, , moment] = nodes(node['children']);
    const name = literal(unit, node, context, 'a unit that is written out').toLowerCase();
    const tree = macro(node, 'date_add', nodes(node['children']), context);
    const days = ['day', 'week', 'month', 'quarter', 'year'].includes(name);
    return moment && isDate(moment) && days ? castTo(tree, { id: 'DATE', type_info: null }) : tree;
  },
  format: (node, context) => printed(node, context),
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
  regexp_replace: (node, context) => {
    const children = nodes(node['children']);
    if (lambdaOf(children[2]))
      throw refused(node, context, `Function 'regexp_replace' with a lambda is not translated`);
    return macro(node, 'regexp_replace', children, context);
  },
  reverse: (node, context) => {
    const [argument] = nodes(node['children']);
    return argument && isArray(argument) ? macro(node, 'reverse_array', [argument], context) : node;
  },
  substring: (node, context) => macro(node, 'substr', nodes(node['children']), context),
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
  to_iso8601: (node, context) => {
    const [moment] = nodes(node['children']);
    return moment && hasWholeSeconds(moment)
      ? wholeSeconds({ ...moment, alias: text(node['alias']) }, 'T')
      : macro(node, 'to_iso8601', nodes(node['children']), context);
  },
  json_extract: (node) => castTo(node, { id: 'VARCHAR', type_info: null }),
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

function nullWhereAnyIsNull(node: TreeNode): TreeNode {
  const isNull = nodes(node['children']).map((child) => operator('OPERATOR_IS_NULL', [withoutAlias(child)]));
  const anyNull = isNull.reduce((left, right) => ({
    class: 'CONJUNCTION',
    type: 'CONJUNCTION_OR',
    alias: '',
    query_location: 0,
    children: [left, right],
  }));
  return choose(node, anyNull, constant(node, 'NULL', null), withoutAlias(node));
}

/** Columns of the stores' tables that are maps. */
const MAP_COLUMNS = new Set(['attributes', 'information', 'extras']);
const MAP_FUNCTIONS = /^(map|map_concat|map_from_entries|histogram|trino_map_agg)$/;

function isMap(node: TreeNode): boolean {
  if (node['class'] === 'COLUMN_REF')
    return MAP_COLUMNS.has((node['column_names'] as readonly string[]).at(-1)!.toLowerCase());
  const type = node['cast_type'];
  return MAP_FUNCTIONS.test(text(node['function_name'])) || (isNode(type) && type['id'] === 'MAP');
}

function isArray(node: TreeNode): boolean {
  const type = node['cast_type'];
  return (
    node['type'] === 'ARRAY_CONSTRUCTOR' ||
    /^(list_|array_|string_split|generate_series|trino_(array|slice|sequence|split$|repeat))/.test(
      text(node['function_name']),
    ) ||
    (isNode(type) && type['id'] === 'LIST')
  );
}

function literal(node: TreeNode | undefined, like: TreeNode, context: CallContext, what: string): string {
  const value = node?.['value'];
  if (node?.['class'] === 'CONSTANT' && isNode(value) && typeof value['value'] === 'string')
    return value['value'];
  throw refused(like, context, `Function '${text(like['function_name'])}' needs ${what}`);
}

function formatted(
  node: TreeNode,
  name: 'strftime' | 'strptime',
  context: CallContext,
  translate = strftimeFormat,
): TreeNode {
  const [moment, format] = nodes(node['children']);
  const written = literal(format, node, context, 'a format that is written out');
  const translated = translate(written);
  if (translated === undefined)
    throw refused(node, context, `The format '${written}' has a specifier that is not translated`);
  return call(node, name, [withoutAlias(moment!), constant(node, 'VARCHAR', translated)]);
}

/** Fields of EXTRACT as DuckDB's date_part names them. */
const FIELDS: Readonly<Record<string, string>> = {
  ...{
    year: 'year',
    quarter: 'quarter',
    month: 'month',
    week: 'week',
    day: 'day',
    hour: 'hour',
    minute: 'minute',
  },
  ...{ second: 'second', day_of_month: 'day', day_of_week: 'isodow', dow: 'isodow', isodow: 'isodow' },
  ...{ day_of_year: 'doy', doy: 'doy', year_of_week: 'isoyear', yow: 'isoyear' },
};

function extracted(node: TreeNode, context: CallContext): TreeNode {
  const [field, moment] = nodes(node['children']);
  const name = FIELDS[literal(field, node, context, 'a field').toLowerCase()];
  if (!name) throw refused(node, context, 'EXTRACT of this field is not translated');
  return call(node, 'date_part', [constant(node, 'VARCHAR', name), withoutAlias(moment!)]);
}

const DIRECTIVE = /%(?:%|-?\d*s|-?\d*d|0\d+d|,d|,\.\d+f|-?\d*\.\d+f)/g;

/** Java's format strings, as far as printf means the same by them. */
function printed(node: TreeNode, context: CallContext): TreeNode {
  const [format, ...values] = nodes(node['children']);
  const written = literal(format, node, context, 'a format that is written out');
  const rest = written.replace(DIRECTIVE, '');
  const directives = (written.match(DIRECTIVE) ?? []).filter((directive) => directive !== '%%');
  if (rest.includes('%') || directives.length !== values.length) {
    throw refused(node, context, `The format '${written}' is not translated`);
  }
  const types = { s: 'VARCHAR', d: 'BIGINT', f: 'DOUBLE' };
  const arguments_ = values.map((value, index) => {
    const directive = directives[index]!;
    const argument = castTo(withoutAlias(value), {
      id: types[directive.at(-1) as 's' | 'd' | 'f'],
      type_info: null,
    });
    const places = /\.(\d+)f$/.exec(directive)?.[1];
    // Java rounds halves away from zero.
    return places ? call(node, 'round', [argument, constant(node, 'INTEGER', Number(places))]) : argument;
  });
  return call(node, 'printf', [withoutAlias(format!), ...arguments_]);
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
  { name, entries }: MapLambda['key'],
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
