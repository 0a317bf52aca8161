import { call, nodes, text, type TreeNode } from '../syntax-tree.ts';
import { type CallContext, literal, macro, refused, type Rewrite } from './context.ts';
import { jodaFormat, strftimeFormat } from './date-format.ts';
import { castTo, constant, withoutAlias } from './node.ts';
import { hasWholeSeconds, isDate } from './value-kind.ts';

export const TIME_REWRITES: Readonly<Record<string, Rewrite>> = {
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
  to_iso8601: (node, context) => {
    const [moment] = nodes(node['children']);
    return moment && hasWholeSeconds(moment)
      ? wholeSeconds({ ...moment, alias: text(node['alias']) }, 'T')
      : macro(node, 'to_iso8601', nodes(node['children']), context);
  },
};

/** Its text, which has no fraction either. */
export function wholeSeconds(node: TreeNode, between: ' ' | 'T'): TreeNode {
  return call(node, 'strftime', [
    withoutAlias(node),
    constant(node, 'VARCHAR', `%Y-%m-%d${between}%H:%M:%S`),
  ]);
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
