import { failure } from '../diagnostics/diagnostic.ts';
import { Lexer, type Token } from './lexer.ts';
import { between, type Mark, type Position } from './position.ts';
import { hasFeaturesOf, type Version } from './document-node.ts';
import { isReserved } from './reserved.ts';

/** Deeper nesting than any person writes; keeps the recursive descent off the end of the stack. */
export const DEPTH_LIMIT = 200;

/** The parser's view of a file: one token ahead, with what every rule needs to take it or complain about it. */
export class TokenStream {
  readonly lexer: Lexer;
  /** The token that is next. */
  token: Token;
  version: Version = '1.0';
  #lastEnd: Mark;
  #depth = 0;

  constructor(file: string, text: string) {
    this.lexer = new Lexer(file, text);
    this.#lastEnd = this.lexer.mark();
    this.token = this.lexer.next();
  }

  advance(): Token {
    const taken = this.token;
    this.#lastEnd = taken.end;
    this.token = this.lexer.next();
    return taken;
  }

  /** Goes on lexing from where the lexer has been moved to by hand. */
  resume(): void {
    this.#lastEnd = this.lexer.mark();
    this.token = this.lexer.next();
  }

  at(text: string): boolean {
    return this.token.text === text && (this.token.kind === 'symbol' || this.token.kind === 'word');
  }

  accept(text: string): boolean {
    if (!this.at(text)) return false;
    this.advance();
    return true;
  }

  expect(text: string): Token {
    if (!this.at(text)) throw this.unexpected(`"${text}"`);
    return this.advance();
  }

  /** A name that is being declared: a word that is not reserved. */
  expectName(what: string): Token {
    if (this.token.kind !== 'word') throw this.unexpected(what);
    if (isReserved(this.token.text, this.version))
      throw failure('ReservedWord', this.here(), { name: this.token.text });
    return this.advance();
  }

  /** Any word, reserved ones included: members behind a dot, keys. */
  expectWord(what: string): Token {
    if (this.token.kind !== 'word') throw this.unexpected(what);
    return this.advance();
  }

  has(since: Version): boolean {
    return hasFeaturesOf(this.version, since);
  }

  /** Refuses what stands here in documents of older versions. */
  needs(since: Version, feature: string, at = this.here()): void {
    if (!this.has(since)) throw failure('NeedsVersion', at, { feature, version: since });
  }

  unexpected(expected: string): Error {
    const found = this.token.kind === 'end' ? 'the end of the file' : `"${this.token.text}"`;
    return failure('UnexpectedToken', this.here(), { expected, found });
  }

  here(): Position {
    return between(this.lexer.file, this.token.start, this.token.end);
  }

  start(): Mark {
    return this.token.start;
  }

  /** From `start` to the end of the last token taken. */
  since(start: Mark): Position {
    return between(this.lexer.file, start, this.#lastEnd);
  }

  of(token: Token): Position {
    return between(this.lexer.file, token.start, token.end);
  }

  /** Runs a rule one level deeper. */
  nested<T>(rule: () => T): T {
    if (this.#depth >= DEPTH_LIMIT) throw failure('NestedTooDeep', this.here(), { limit: DEPTH_LIMIT });
    this.#depth += 1;
    const result = rule();
    this.#depth -= 1;
    return result;
  }

  /** `item, item, ...` up to `close`, which is taken; a trailing comma is allowed. */
  list<T>(close: string, item: () => T): T[] {
    const items: T[] = [];
    while (!this.at(close)) {
      items.push(item());
      if (!this.accept(',') && !this.at(close)) throw this.unexpected(`"," or "${close}"`);
    }
    this.expect(close);
    return items;
  }
}
