import { failure } from '../diagnostics/diagnostic.ts';
import type { BinaryOperator, Expression, ObjectMember } from './expression-node.ts';
import { spanning } from './position.ts';
import { parseMultilineString } from './multiline-string.ts';
import { parsePlainString, parseString } from './string-parser.ts';
import type { TokenStream } from './token-stream.ts';

/** Binding powers of the specification's operator precedence table. */
const POWER: Record<string, number> = {
  '||': 1,
  '&&': 2,
  '==': 3,
  '!=': 3,
  '<': 4,
  '<=': 4,
  '>': 4,
  '>=': 4,
  '+': 5,
  '-': 5,
  '*': 6,
  '/': 6,
  '%': 6,
  '**': 7,
};
/** A chain of operators becomes a tree as deep as it is long, and the tree is walked recursively. */
const CHAIN_LIMIT = 500;
const INT_LIMIT = 2n ** 63n;

/** An expression whose operators bind more tightly than `power`. */
export function parseExpression(stream: TokenStream, power = 0): Expression {
  return stream.nested(() => {
    let left = parsePostfix(stream, parsePrimary(stream));
    for (let length = 0; ; length++) {
      const own = stream.token.kind === 'symbol' ? POWER[stream.token.text] : undefined;
      if (own === undefined || own <= power) return left;
      if (length > CHAIN_LIMIT) throw failure('NestedTooDeep', stream.here(), { limit: CHAIN_LIMIT });
      if (stream.at('**')) stream.needs('1.2', 'The operator **');
      const operator = stream.advance().text as BinaryOperator;
      const right = parseExpression(stream, own);
      left = { kind: 'Binary', position: spanning(left.position, right.position), operator, left, right };
    }
  });
}

function parsePrimary(stream: TokenStream): Expression {
  switch (stream.token.kind) {
    case 'quote':
      return parseString(stream, parseExpression);
    case 'integer':
      return parseInteger(stream);
    case 'float':
      return parseFloatLiteral(stream);
    case 'word':
      return parseWord(stream);
    case 'symbol':
      return parseSymbol(stream);
    case 'end':
      throw stream.unexpected('an expression');
  }
}

function parseInteger(stream: TokenStream): Expression {
  const token = stream.advance();
  const position = stream.of(token);
  const octal = /^0[0-7]+$/.test(token.text);
  const value = BigInt(octal ? `0o${token.text.slice(1)}` : token.text);
  // 2^63 is let through for the literal -9223372036854775808; alone it fails when it is evaluated.
  if (value > INT_LIMIT) throw failure('InvalidNumber', position, { text: token.text });
  return { kind: 'IntLiteral', position, value };
}

function parseFloatLiteral(stream: TokenStream): Expression {
  const token = stream.advance();
  const value = Number(token.text);
  if (!Number.isFinite(value)) throw failure('InvalidNumber', stream.of(token), { text: token.text });
  return { kind: 'FloatLiteral', position: stream.of(token), value };
}

function parseWord(stream: TokenStream): Expression {
  const start = stream.start();
  const { text } = stream.token;
  if (text === 'if') return parseIf(stream);
  if (text === 'then' || text === 'else') throw stream.unexpected('an expression');
  const token = stream.advance();
  const position = stream.of(token);
  if (text === 'true' || text === 'false')
    return { kind: 'BooleanLiteral', position, value: text === 'true' };
  if (text === 'None') return { kind: 'NoneLiteral', position };
  if (stream.at('(')) {
    stream.advance();
    const args = stream.list(')', () => parseExpression(stream));
    return { kind: 'Apply', position: stream.since(start), function: text, arguments: args };
  }
  if (stream.at('{')) return parseObject(stream, token.start, text === 'object' ? undefined : text);
  return { kind: 'Identifier', position, name: text };
}

function parseObject(
  stream: TokenStream,
  start: Parameters<TokenStream['since']>[0],
  struct?: string,
): Expression {
  stream.expect('{');
  const members = stream.list('}', () => parseMember(stream));
  const position = stream.since(start);
  if (struct !== undefined) stream.needs('1.1', 'The struct literal', position);
  return { kind: 'ObjectLiteral', position, struct, members };
}

function parseMember(stream: TokenStream): ObjectMember {
  const position = stream.here();
  const quoted = stream.token.kind === 'quote' ? parsePlainString(stream) : undefined;
  const name = quoted ?? stream.expectWord('a member name').text;
  stream.expect(':');
  return { name, position, value: parseExpression(stream) };
}

function parseIf(stream: TokenStream): Expression {
  const start = stream.start();
  stream.expect('if');
  const condition = parseExpression(stream);
  stream.expect('then');
  const then = parseExpression(stream);
  stream.expect('else');
  const otherwise = parseExpression(stream);
  return { kind: 'IfThenElse', position: stream.since(start), condition, then, else: otherwise };
}

function parseSymbol(stream: TokenStream): Expression {
  const start = stream.start();
  switch (stream.token.text) {
    case '!':
    case '-':
    case '+': {
      const operator = stream.advance().text as '!' | '-' | '+';
      const operand = stream.nested(() => parsePostfix(stream, parsePrimary(stream)));
      return { kind: 'Unary', position: stream.since(start), operator, operand };
    }
    case '[': {
      stream.advance();
      const items = stream.list(']', () => parseExpression(stream));
      return { kind: 'ArrayLiteral', position: stream.since(start), items };
    }
    case '{': {
      stream.advance();
      const entries = stream.list('}', () => parseMapEntry(stream));
      return { kind: 'MapLiteral', position: stream.since(start), entries };
    }
    case '(':
      return parseParenthesis(stream);
    case '<<<':
      stream.needs('1.2', 'A string over several lines');
      return parseMultilineString(stream, parseExpression);
    default:
      throw stream.unexpected('an expression');
  }
}

function parseMapEntry(stream: TokenStream): { key: Expression; value: Expression } {
  const key = parseExpression(stream);
  stream.expect(':');
  return { key, value: parseExpression(stream) };
}

function parseParenthesis(stream: TokenStream): Expression {
  const start = stream.start();
  stream.expect('(');
  const left = parseExpression(stream);
  if (stream.accept(')')) return left;
  stream.expect(',');
  const right = parseExpression(stream);
  stream.expect(')');
  return { kind: 'PairLiteral', position: stream.since(start), left, right };
}

function parsePostfix(stream: TokenStream, operand: Expression): Expression {
  let object = operand;
  for (let length = 0; ; length++) {
    if (length > CHAIN_LIMIT) throw failure('NestedTooDeep', stream.here(), { limit: CHAIN_LIMIT });
    if (stream.accept('.')) {
      const member = stream.expectWord('a member name');
      const position = spanning(object.position, stream.of(member));
      object = { kind: 'Member', position, object, name: member.text };
    } else if (stream.accept('[')) {
      const index = parseExpression(stream);
      const close = stream.expect(']');
      object = { kind: 'Index', position: spanning(object.position, stream.of(close)), object, index };
    } else return object;
  }
}
