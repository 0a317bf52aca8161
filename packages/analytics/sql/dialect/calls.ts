import { QueryError } from '../query-error.ts';
import { call, isNode, location, nodes, text, type TreeNode } from '../syntax-tree.ts';
import { COLLECTION_REWRITES } from './collections.ts';
import { type CallContext, literal, macro, refused, type Rewrite } from './context.ts';
import { JSON_REWRITES } from './json.ts';
import { ARITY, REFUSED, RENAMED, SAME } from './functions.ts';
import { MACROS } from './macros.ts';
import { castTo, choose, constant, lambdaOf, operator, withoutAlias } from './node.ts';
import { translateOperator } from './operators.ts';
import { TIME_REWRITES } from './times.ts';
import { isBinary, literalType } from './value-kind.ts';

/** The call as DuckDB is to see it, its arguments translated already. Throws where it cannot be translated. */
export function translateCall(node: TreeNode, context: CallContext): TreeNode {
  if (isGiven(node, 'OVER') && isGiven(node, 'FILTER'))
    throw refused(node, context, 'FILTER is not supported for window functions');
  const translated = translatedCall(node, context);
  const lost = LOST.find((part) => isGiven(node, part) && !isGiven(translated, part));
  if (!lost) return translated;
  const name = text(node['function_name']).toLowerCase();
  throw refused(node, context, `Function '${name}' with ${lost} is not translated`);
}

const LOST = ['DISTINCT', 'FILTER', 'ORDER BY', 'OVER'] as const;

/** What a call has beside its arguments. */
function isGiven(node: TreeNode, part: (typeof LOST)[number]): boolean {
  const order = node['order_bys'];
  switch (part) {
    case 'DISTINCT':
      return node['distinct'] === true;
    case 'FILTER':
      return isNode(node['filter']) || isNode(node['filter_expr']);
    case 'ORDER BY':
      return isNode(order) && nodes(order['orders']).length > 0;
    case 'OVER':
      return node['class'] === 'WINDOW';
  }
}

function translatedCall(node: TreeNode, context: CallContext): TreeNode {
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

function checkArity(node: TreeNode, name: string, context: CallContext): void {
  const allowed = ARITY[name];
  const given = nodes(node['children']).length;
  if (!allowed || allowed.includes(given)) return;
  throw refused(node, context, `Function '${name}' with ${given} arguments is not translated`);
}

const REWRITES: Readonly<Record<string, Rewrite>> = {
  ...COLLECTION_REWRITES,
  ...JSON_REWRITES,
  ...TIME_REWRITES,
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
  format: (node, context) => printed(node, context),
  regexp_replace: (node, context) => {
    const children = nodes(node['children']);
    if (lambdaOf(children[2]))
      throw refused(node, context, `Function 'regexp_replace' with a lambda is not translated`);
    return macro(node, 'regexp_replace', children, context);
  },
  substring: (node, context) => macro(node, 'substr', nodes(node['children']), context),
  length: (node, context) => {
    checkArity(node, 'length', context);
    const [argument] = nodes(node['children']);
    return argument && isBinary(argument) ? { ...node, function_name: 'octet_length' } : node;
  },
  typeof: (node, context) => {
    const [argument] = nodes(node['children']);
    const type = argument && literalType(argument);
    if (type === undefined) return macro(node, 'typeof', nodes(node['children']), context);
    return { ...constant(node, 'VARCHAR', type), alias: text(node['alias']) };
  },
};

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
