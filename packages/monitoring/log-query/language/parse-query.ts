import type { Row } from '../line.ts';
import { type Aggregate, parseAggregate } from './aggregate.ts';
import { compileExpression, type Expression, parseExpression } from './expression.ts';
import { malformed } from './malformed.ts';
import { Tokens } from './tokens.ts';
import { textOf } from './value.ts';

export interface Named<Of> {
  readonly name: string;
  readonly of: Of;
}

/** One command of a query. */
export type Command =
  | { readonly kind: 'fields' | 'display'; readonly fields: readonly Named<Expression>[] }
  | { readonly kind: 'filter'; readonly test: Expression }
  | { readonly kind: 'parse'; readonly into: (row: Row) => void }
  | {
      readonly kind: 'stats';
      readonly aggregates: readonly Named<Aggregate>[];
      readonly by: readonly Named<Expression>[];
    }
  | {
      readonly kind: 'sort';
      readonly by: readonly { readonly of: Expression; readonly descending: boolean }[];
    }
  | { readonly kind: 'limit'; readonly count: number }
  | { readonly kind: 'dedup'; readonly by: readonly Expression[] };

/** "The maximum number of log events that the query returns". */
export const MOST_RESULTS = 10_000;

const COMMANDS: Readonly<Record<string, (tokens: Tokens) => Command>> = {
  fields: (tokens) => ({ kind: 'fields', fields: namedExpressions(tokens) }),
  display: (tokens) => ({ kind: 'display', fields: namedExpressions(tokens) }),
  filter: (tokens) => ({ kind: 'filter', test: parseExpression(tokens) }),
  parse: parseParse,
  stats: parseStats,
  sort: parseSort,
  limit: parseLimit,
  dedup: (tokens) => ({ kind: 'dedup', by: namedExpressions(tokens).map(({ of }) => of) }),
};

/** Throws MalformedQueryException with the place where the query cannot be read. */
export function parseQuery(query: string): readonly Command[] {
  const tokens = new Tokens(query);
  const commands: Command[] = [];
  tokens.takeSign('|');
  do commands.push(parseCommand(tokens));
  while (tokens.takeSign('|'));
  const rest = tokens.peek();
  if (rest.kind !== 'end') throw malformed(rest, `${rest.text} is not expected`);
  return commands;
}

function parseCommand(tokens: Tokens): Command {
  const name = tokens.take();
  const word = name.text.toLowerCase();
  const parse = name.kind === 'name' && Object.hasOwn(COMMANDS, word) ? COMMANDS[word] : undefined;
  if (!parse) throw malformed(name, `a command is expected: ${Object.keys(COMMANDS).join(', ')}`);
  return parse(tokens);
}

/** `expression as name, …`; one without a name has its own text as such. */
function named<Of>(tokens: Tokens, parse: (tokens: Tokens) => Of): Named<Of> {
  const { isQuoted, kind, start, text } = tokens.peek();
  const of = parse(tokens);
  const written = tokens.written(start);
  // A lone name in backticks is called by what stands in them.
  const plain = kind === 'name' && isQuoted && written === `\`${text}\`` ? text : written;
  return { of, name: tokens.takeWord('as') ? tokens.expectName('a name') : plain };
}

function namedExpressions(tokens: Tokens): readonly Named<Expression>[] {
  return list(tokens, () => named(tokens, (from) => parseExpression(from)));
}

function list<Of>(tokens: Tokens, one: () => Of): readonly Of[] {
  const found = [one()];
  while (tokens.takeSign(',')) found.push(one());
  return found;
}

function parseStats(tokens: Tokens): Command {
  const aggregates = list(tokens, () => named(tokens, parseAggregate));
  const by = tokens.takeWord('by') ? namedExpressions(tokens) : [];
  return { kind: 'stats', aggregates, by };
}

function parseSort(tokens: Tokens): Command {
  const by = list(tokens, () => {
    const of = parseExpression(tokens);
    const descending = tokens.takeWord('desc');
    if (!descending) tokens.takeWord('asc');
    return { of, descending };
  });
  return { kind: 'sort', by };
}

function parseLimit(tokens: Tokens): Command {
  const token = tokens.take();
  const count = token.kind === 'number' ? Number(token.text) : NaN;
  if (!Number.isInteger(count) || count < 1 || count > MOST_RESULTS)
    throw malformed(token, `a whole number from 1 to ${MOST_RESULTS} is expected`);
  return { kind: 'limit', count };
}

/** `parse @message "user=*, took * ms" as user, took` or `parse @message /(?<user>…)/`; of @message where nothing is named. */
function parseParse(tokens: Tokens): Command {
  const name = tokens.peek().kind === 'name' ? tokens.take().text : '@message';
  const of: Expression = (field) => field(name);
  const expression = tokens.takeExpression();
  const into = expression ? byExpression(of, compileExpression(expression)) : byGlob(tokens, of);
  return { kind: 'parse', into };
}

function byExpression(of: Expression, compiled: ReturnType<typeof compileExpression>): (row: Row) => void {
  const groups = Object.entries(compiled.namedGroups());
  return (row) => {
    const value = of(row.field);
    const matcher = value === undefined ? undefined : compiled.matcher(textOf(value));
    if (!matcher?.find()) return;
    for (const [name, index] of groups) row.set(name, matcher.group(index) ?? undefined);
  };
}

function byGlob(tokens: Tokens, of: Expression): (row: Row) => void {
  const glob = tokens.take();
  if (glob.kind !== 'text') throw malformed(glob, 'a "text with *" or a /regular expression/ is expected');
  if (!tokens.takeWord('as')) throw malformed(tokens.peek(), 'as is expected, with a name for each *');
  const names = list(tokens, () => tokens.expectName('a name'));
  const parts = glob.text.split('*');
  if (parts.length - 1 !== names.length)
    throw malformed(glob, `it has ${parts.length - 1} times *, and ${names.length} names follow`);
  return (row) => {
    const value = of(row.field);
    const found = value === undefined ? undefined : starsOf(textOf(value), parts);
    found?.forEach((text, index) => row.set(names[index]!, text));
  };
}

/** What stands at each star: as little as can be, and at a last one all that is left. */
function starsOf(text: string, parts: readonly string[]): readonly string[] | undefined {
  let at = text.indexOf(parts[0]!);
  if (at === -1) return undefined;
  at += parts[0]!.length;
  const found: string[] = [];
  for (const [index, part] of parts.slice(1).entries()) {
    const isRest = part === '' && index === parts.length - 2;
    const next = isRest ? text.length : text.indexOf(part, at);
    if (next === -1) return undefined;
    found.push(text.slice(at, next));
    at = next + part.length;
  }
  return found;
}
