import { failure } from '../diagnostics/diagnostic.ts';
import type {
  Expression,
  Placeholder,
  PlaceholderOptions,
  StringTemplate,
  TemplatePart,
} from './expression-node.ts';
import type { TokenStream } from './token-stream.ts';

const STOPS: Record<string, RegExp> = {
  '"': /\\|"|\n|~\{|\$\{/g,
  "'": /\\|'|\n|~\{|\$\{/g,
};
const PLAIN_STOPS: Record<string, RegExp> = { '"': /\\|"|\n/g, "'": /\\|'|\n/g };
const ESCAPE = /\\(?:[0-7]{3}|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[^])/y;
const SIMPLE: Record<string, string> = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f', a: '\x07', v: '\v' };

/** How the expression in a placeholder is parsed; an argument, since expressions have strings in them again. */
export type ExpressionRule = (stream: TokenStream) => Expression;

/** A quoted string; the stream stands on its opening quote. */
export function parseString(stream: TokenStream, expression: ExpressionRule): StringTemplate {
  return readString(stream, STOPS, expression);
}

/** A quoted string in which `~{` means itself, as in metadata. */
export function parsePlainString(stream: TokenStream): string {
  return readString(stream, PLAIN_STOPS, noExpression).parts.join('');
}

/** Never called: nothing opens a placeholder in a plain string. */
function noExpression(stream: TokenStream): never {
  throw stream.unexpected('a plain string');
}

function readString(
  stream: TokenStream,
  stops: Record<string, RegExp>,
  expression: ExpressionRule,
): StringTemplate {
  const { lexer } = stream;
  const { text: quote, start, end, kind } = stream.token;
  if (kind !== 'quote') throw stream.unexpected('a string');
  lexer.seek(end);
  const parts: TemplatePart[] = [];
  let text = '';
  for (;;) {
    const found = lexer.scan(stops[quote]!);
    text += found.text;
    if (found.stop === quote) break;
    if (found.stop === '\\') text += readEscape(stream);
    else if (found.stop === undefined || found.stop === '\n') {
      throw failure('UnterminatedString', lexer.position(start), { quote });
    } else {
      if (text !== '') parts.push(text);
      text = '';
      parts.push(parsePlaceholder(stream, found.stop, expression));
    }
  }
  if (text !== '') parts.push(text);
  lexer.skip(quote);
  stream.resume();
  return { kind: 'StringTemplate', position: stream.since(start), parts };
}

function readEscape(stream: TokenStream): string {
  const { lexer } = stream;
  const start = lexer.mark();
  ESCAPE.lastIndex = start.offset;
  const escape = ESCAPE.exec(lexer.text)?.[0] ?? '\\';
  lexer.skip(escape);
  const meant = meaningOf(escape);
  if (meant === undefined) throw failure('InvalidEscape', lexer.position(start), { escape });
  return meant;
}

/** The text with its escape sequences replaced by what they mean; undefined where one of them means nothing. */
export function unescaped(text: string): string | undefined {
  let invalid = false;
  const meant = text.replace(new RegExp(ESCAPE.source, 'g'), (escape) => {
    const meaning = meaningOf(escape);
    invalid ||= meaning === undefined;
    return meaning ?? '';
  });
  return invalid ? undefined : meant;
}

function meaningOf(escape: string): string | undefined {
  const body = escape.slice(1);
  if (/^[0-7]{3}$/.test(body)) return String.fromCharCode(parseInt(body, 8));
  if (/^[xuU]./.test(body)) {
    const code = parseInt(body.slice(1), 16);
    return code > 0x10ffff ? undefined : String.fromCodePoint(code);
  }
  if (SIMPLE[body] !== undefined) return SIMPLE[body];
  // `"\."` is no escape of the specification; authors write it in patterns and mean both characters.
  return /^[\\"'~$>\n]$/.test(body) ? body : escape;
}

/** `~{...}` or `${...}`; the lexer stands on its first character and is left behind its closing brace. */
export function parsePlaceholder(stream: TokenStream, open: string, rule: ExpressionRule): Placeholder {
  return stream.nested(() => {
    const { lexer } = stream;
    const start = lexer.mark();
    lexer.skip(open);
    stream.resume();
    const options = parseOptions(stream);
    const expression = rule(stream);
    if (!stream.at('}')) throw stream.unexpected('"}"');
    lexer.seek(stream.token.end);
    return { kind: 'Placeholder', position: lexer.position(start), options, expression };
  });
}

const OPTIONS = new Set(['sep', 'true', 'false', 'default']);

function parseOptions(stream: TokenStream): PlaceholderOptions {
  const options: Record<string, string> = {};
  while (OPTIONS.has(stream.token.text) && followedByEquals(stream)) {
    const name = stream.advance().text;
    stream.expect('=');
    options[name] = parseOptionValue(stream);
  }
  return options;
}

/** `sep=` is an option, `sep == x` and `sep(x)` are expressions. */
function followedByEquals(stream: TokenStream): boolean {
  const rest = stream.lexer.text.slice(stream.token.end.offset, stream.token.end.offset + 80);
  return /^\s*=(?!=)/.test(rest);
}

function parseOptionValue(stream: TokenStream): string {
  if (stream.token.kind === 'quote') return parsePlainString(stream);
  if (stream.token.kind === 'integer' || stream.token.kind === 'float') return stream.advance().text;
  throw stream.unexpected('a string');
}
