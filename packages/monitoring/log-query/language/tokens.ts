import { malformed } from './malformed.ts';

export type TokenKind = 'name' | 'number' | 'text' | 'expression' | 'sign' | 'end';

export interface Token {
  readonly kind: TokenKind;
  /** A name or text without its quotation marks, an expression without its slashes. */
  readonly text: string;
  /** A name in backticks: never a word of the language. */
  readonly isQuoted: boolean;
  readonly start: number;
  readonly end: number;
}

const BLANK = /(?:\s|#[^\n]*)+/y;
const NUMBER = /\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const NAME = /[@\p{L}_][\p{L}\p{N}_@]*(?:\.[\p{L}\p{N}_@]+)*/uy;
const QUOTED = /`([^`]+)`/y;
const TEXT = /"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'/sy;
const EXPRESSION = /\/((?:[^/\\\n]|\\.)+)\//y;
const SIGN = /=~|!=|<=|>=|[=<>+\-*/%^(),|[\]]/y;

/** Reads a query from left to right, one token ahead. A slash is an expression only where one may stand. */
export class Tokens {
  readonly #query: string;
  #at = 0;
  #taken = 0;
  #ahead: Token | undefined;

  constructor(query: string) {
    this.#query = query;
  }

  peek(): Token {
    return (this.#ahead ??= this.#read());
  }

  take(): Token {
    const token = this.peek();
    this.#ahead = undefined;
    this.#taken = token.end;
    return token;
  }

  /** The query as written, from a place to the end of what was taken last. */
  written(from: number): string {
    return this.#query.slice(from, this.#taken);
  }

  /** The next one, if it is this sign. */
  takeSign(sign: string): boolean {
    const { kind, text } = this.peek();
    if (kind !== 'sign' || text !== sign) return false;
    this.take();
    return true;
  }

  /** The next one, if it is this word, in whatever case. */
  takeWord(word: string): boolean {
    if (!this.isWord(word)) return false;
    this.take();
    return true;
  }

  isWord(word: string): boolean {
    const { isQuoted, kind, text } = this.peek();
    return kind === 'name' && !isQuoted && text.toLowerCase() === word;
  }

  expectSign(sign: string): void {
    if (!this.takeSign(sign)) throw malformed(this.peek(), `${sign} is expected`);
  }

  expectName(what: string): string {
    const token = this.take();
    if (token.kind !== 'name') throw malformed(token, `${what} is expected`);
    return token.text;
  }

  /** `/expression/`, where one stands next. */
  takeExpression(): Token | undefined {
    const { kind, start, text } = this.peek();
    if (kind !== 'sign' || text !== '/') return undefined;
    EXPRESSION.lastIndex = start;
    const [all, inner] = EXPRESSION.exec(this.#query) ?? [];
    if (all === undefined) throw malformed(this.peek(), 'the regular expression is not closed');
    this.#ahead = undefined;
    this.#at = this.#taken = start + all.length;
    return { kind: 'expression', text: inner!, isQuoted: false, start, end: this.#at };
  }

  #read(): Token {
    this.#match(BLANK);
    const start = this.#at;
    const token = (kind: TokenKind, text: string, isQuoted = false): Token => ({
      ...{ kind, text, isQuoted, start, end: this.#at },
    });
    if (start >= this.#query.length) return token('end', '');
    const number = this.#match(NUMBER);
    if (number) return token('number', number[0]);
    const quoted = this.#match(QUOTED);
    if (quoted) return token('name', quoted[1]!, true);
    const name = this.#match(NAME);
    if (name) return token('name', name[0]);
    const text = this.#match(TEXT);
    if (text) return token('text', (text[1] ?? text[2])!.replace(/\\(["'\\])/g, '$1'));
    const sign = this.#match(SIGN);
    if (sign) return token('sign', sign[0]);
    const end = start + 1;
    throw malformed({ start, end }, `${this.#query.slice(start, end)} is not expected or is not closed`);
  }

  #match(form: RegExp): RegExpExecArray | null {
    form.lastIndex = this.#at;
    const match = form.exec(this.#query);
    if (match) this.#at = form.lastIndex;
    return match;
  }
}
