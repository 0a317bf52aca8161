import { ScriptFault } from '../diagnostics/fault.ts';
import { Lexer } from './lexer.ts';
import type { Source } from './source.ts';
import { describeToken, type Token } from './token.ts';

const DEEPEST = 400;

/** The tokens of a source and where the parser stands in them. */
export class TokenStream {
  readonly source: Source;
  #tokens: readonly Token[];
  #at = 0;
  #depth = 0;

  constructor(source: Source, tokens: readonly Token[] = new Lexer(source).tokens()) {
    this.source = source;
    this.#tokens = tokens;
  }

  protected get token(): Token {
    return this.#tokens[this.#at]!;
  }

  protected peek(ahead = 1): Token {
    return this.#tokens[Math.min(this.#at + ahead, this.#tokens.length - 1)]!;
  }

  /** The end of the token before this one. */
  protected get lastEnd(): number {
    return this.#tokens[Math.max(0, this.#at - 1)]!.end;
  }

  protected get mark(): number {
    return this.#at;
  }

  protected reset(mark: number): void {
    this.#at = mark;
  }

  protected take(): Token {
    const { token } = this;
    if (token.kind !== 'end') this.#at += 1;
    return token;
  }

  protected isOperator(text: string, token = this.token): boolean {
    return token.kind === 'operator' && token.text === text;
  }

  protected isName(text: string, token = this.token): boolean {
    return token.kind === 'name' && token.text === text;
  }

  protected takeOperator(text: string): boolean {
    if (!this.isOperator(text)) return false;
    this.#at += 1;
    return true;
  }

  protected takeName(text: string): boolean {
    if (!this.isName(text)) return false;
    this.#at += 1;
    return true;
  }

  protected expectOperator(text: string): Token {
    if (this.isOperator(text)) return this.take();
    throw this.unexpected(`"${text}"`);
  }

  protected expectName(what: string): string {
    if (this.token.kind === 'name') return this.take().text;
    throw this.unexpected(what);
  }

  protected skipLines(): void {
    while (this.token.kind === 'newline') this.#at += 1;
  }

  /** Line ends and semicolons. */
  protected skipSeparators(): void {
    while (this.token.kind === 'newline' || this.isOperator(';')) this.#at += 1;
  }

  /** The first token that is no line end, from here on. */
  protected afterLines(from = this.#at): Token {
    let at = from;
    while (this.#tokens[at]!.kind === 'newline') at += 1;
    return this.#tokens[at]!;
  }

  /** Reads `read` with other tokens, those of a placeholder in a string. */
  protected within<T>(tokens: readonly Token[], read: () => T): T {
    const [outer, at] = [this.#tokens, this.#at];
    [this.#tokens, this.#at] = [tokens, 0];
    const result = read();
    [this.#tokens, this.#at] = [outer, at];
    return result;
  }

  /** A bound for what recursion can be made to do. */
  protected nested<T>(read: () => T): T {
    this.#depth += 1;
    if (this.#depth > DEEPEST) throw this.fault(`The source is nested more than ${DEEPEST} levels deep.`);
    const result = read();
    this.#depth -= 1;
    return result;
  }

  /** What `read` reads; undefined, and back where it was, where that is not there. */
  protected attempt<T>(read: () => T | undefined): T | undefined {
    const [at, depth] = [this.#at, this.#depth];
    try {
      const result = read();
      if (result === undefined) this.#at = at;
      return result;
    } catch (error) {
      if (!(error instanceof ScriptFault)) throw error;
      this.#at = at;
      this.#depth = depth;
      return undefined;
    }
  }

  protected unexpected(expected: string, token = this.token): ScriptFault {
    return this.fault(`Expected ${expected}, found ${describeToken(token)}.`, token.start, token.end);
  }

  protected fault(message: string, start = this.token.start, end = this.token.end): ScriptFault {
    return new ScriptFault(message, { source: this.source, start, end });
  }
}
