import { failure } from '../diagnostics/diagnostic.ts';
import { between, type Mark, type Position } from './position.ts';

export type TokenKind = 'word' | 'integer' | 'float' | 'quote' | 'symbol' | 'end';

export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  readonly start: Mark;
  readonly end: Mark;
}

const SPACE = /[ \t\r\n]+|#[^\n]*/y;
const WORD = /[A-Za-z][A-Za-z0-9_]*/y;
const FLOAT = /(?:[0-9]+\.[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|[0-9]+[eE][+-]?[0-9]+/y;
const INTEGER = /0[xX][0-9a-fA-F]+|[0-9]+/y;
const SYMBOL = /<<<|\*\*|&&|\|\||==|!=|<=|>=|[{}()[\],:.=<>!+\-*/%?~]/y;

/**
 * Cuts WDL into tokens on demand. Strings and commands are other languages inside this one, so the parser moves the
 * lexer through them itself: `seek` to where they begin, `scan` their text, back to `next` for a placeholder.
 */
export class Lexer {
  readonly file: string;
  readonly text: string;
  #offset = 0;
  #line = 1;
  #lineStart = 0;

  constructor(file: string, text: string) {
    this.file = file;
    this.text = text;
  }

  mark(): Mark {
    return { offset: this.#offset, line: this.#line, column: this.#offset - this.#lineStart + 1 };
  }

  seek(mark: Mark): void {
    this.#offset = mark.offset;
    this.#line = mark.line;
    this.#lineStart = mark.offset - mark.column + 1;
  }

  next(): Token {
    this.#skipSpace();
    const start = this.mark();
    const character = this.text[start.offset];
    if (character === undefined) return { kind: 'end', text: '', start, end: start };
    if (character === '"' || character === "'") return this.#token('quote', character, start);
    for (const [kind, pattern] of PATTERNS) {
      const text = this.#match(pattern);
      if (text !== undefined) return this.#token(kind, text, start);
    }
    throw failure('UnexpectedCharacter', this.#character(start), { found: JSON.stringify(character) });
  }

  /** The text from here to where `stop` matches, with the match; moves behind the text, not behind the match. */
  scan(stop: RegExp): { readonly text: string; readonly stop: string | undefined } {
    stop.lastIndex = this.#offset;
    const match = stop.exec(this.text);
    const end = match ? match.index : this.text.length;
    const text = this.text.slice(this.#offset, end);
    this.#advance(text);
    return { text, stop: match?.[0] };
  }

  /** Moves behind `text`, which stands here. */
  skip(text: string): void {
    this.#advance(text);
  }

  position(start: Mark): Position {
    return between(this.file, start, this.mark());
  }

  #token(kind: TokenKind, text: string, start: Mark): Token {
    this.#offset += text.length;
    return { kind, text, start, end: this.mark() };
  }

  #character(start: Mark): Position {
    return between(this.file, start, { ...start, column: start.column + 1 });
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#offset;
    return pattern.exec(this.text)?.[0];
  }

  #skipSpace(): void {
    for (let space = this.#match(SPACE); space !== undefined; space = this.#match(SPACE))
      this.#advance(space);
  }

  #advance(text: string): void {
    for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) {
      this.#line += 1;
      this.#lineStart = this.#offset + at + 1;
    }
    this.#offset += text.length;
  }
}

const PATTERNS: readonly (readonly [TokenKind, RegExp])[] = [
  ['word', WORD],
  ['float', FLOAT],
  ['integer', INTEGER],
  ['symbol', SYMBOL],
];
