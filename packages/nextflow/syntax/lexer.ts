import { ScriptFault } from '../diagnostics/fault.ts';
import type { Source } from './source.ts';
import { StringLexer } from './string-lexer.ts';
import type { Token } from './token.ts';

const OPERATORS = [
  ...['<=>', '==~', '!==', '===', '**=', '<<=', '...', '..<', '<..', '?.[', '*.@', '!in'],
  ...['==', '!=', '<=', '>=', '=~', '&&', '||', '->', '?.', '*.', '.&', '.@', '..', '?:', '?=', '?['],
  ...['++', '--', '+=', '-=', '*=', '/=', '%=', '&=', '|=', '^=', '**', '<<', '::'],
  ...['+', '-', '*', '/', '%', '=', '<', '>', '!', '~', '&', '|', '^', '?', ':', '.', ',', ';', '@'],
  ...['(', ')', '[', ']', '{', '}'],
].filter((operator) => operator !== '!in' && operator !== '?.[');
const BY_FIRST = Map.groupBy(OPERATORS, (operator) => operator[0]!);

const NAME = /[\p{L}_$][\p{L}\p{N}_$]*/uy;
const NUMBER =
  /0[xX][0-9a-fA-F_]+[lLgGiI]?|0[bB][01_]+[lLgGiI]?|\d[\d_]*(?:\.\d[\d_]*)?(?:[eE][+-]?\d+)?[lLgGiIdDfF]?/y;

/** Names after which a slash begins a string. */
const BEFORE_OPERAND = new Set(['return', 'in', 'case', 'assert', 'throw', 'else', 'instanceof', 'as']);

/** Source text to tokens. Line ends between parentheses and brackets mean nothing and are left out. */
export class Lexer {
  readonly source: Source;
  readonly #text: string;
  #at: number;
  readonly #limitDepth: boolean;
  #tokens: Token[] = [];
  readonly #nesting: string[] = [];

  constructor(source: Source, at = 0, insidePlaceholder = false) {
    this.source = source;
    this.#text = source.text;
    this.#at = at;
    this.#limitDepth = insidePlaceholder;
  }

  get at(): number {
    return this.#at;
  }

  /** All tokens to the end; inside of a placeholder, up to the brace that closes it. */
  tokens(): Token[] {
    if (this.#at === 0 && this.#text.startsWith('#!')) this.#skipLine();
    for (;;) {
      const before = this.#at;
      this.#skipBlank();
      const spaced = this.#at > before;
      if (this.#at >= this.#text.length) {
        this.#push({ kind: 'end', text: '', start: this.#at, end: this.#at, spaced });
        return this.#tokens;
      }
      if (this.#limitDepth && this.#text[this.#at] === '}' && this.#nesting.length === 0) {
        this.#push({ kind: 'end', text: '', start: this.#at, end: this.#at, spaced });
        return this.#tokens;
      }
      this.#next(spaced || before === 0);
    }
  }

  #push(token: Token): void {
    this.#tokens.push(token);
  }

  #skipLine(): void {
    const end = this.#text.indexOf('\n', this.#at);
    this.#at = end === -1 ? this.#text.length : end;
  }

  #skipBlank(): void {
    for (;;) {
      const char = this.#text.charCodeAt(this.#at);
      if (char === 32 || char === 9 || char === 13 || char === 12 || char === 0xa0 || char === 0xfeff) {
        this.#at += 1;
      } else if (char === 92 && /^\\\r?\n/.test(this.#text.slice(this.#at, this.#at + 3))) {
        this.#at = this.#text.indexOf('\n', this.#at) + 1;
      } else if (char === 47 && this.#text.startsWith('//', this.#at)) {
        this.#skipLine();
      } else if (char === 47 && this.#text.startsWith('/*', this.#at)) {
        const end = this.#text.indexOf('*/', this.#at + 2);
        if (end === -1)
          throw this.fault('The comment is not closed. End it with */.', this.#at, this.#at + 2);
        this.#at = end + 2;
      } else return;
    }
  }

  #next(spaced: boolean): void {
    const start = this.#at;
    const char = this.#text[start]!;
    if (char === '\n') {
      this.#at += 1;
      const innermost = this.#nesting.at(-1);
      if (innermost !== '(' && innermost !== '[') {
        this.#push({ kind: 'newline', text: '', start, end: this.#at, spaced });
      }
      return;
    }
    const string = this.#stringDelimiter(char, spaced);
    if (string) {
      const read = new StringLexer(this.source, start, string, (at) => {
        const inner = new Lexer(this.source, at, true);
        return { tokens: inner.tokens(), end: inner.at };
      }).read();
      this.#at = read.end;
      this.#push({ kind: 'string', start, spaced, ...read });
      return;
    }
    if (this.#match('name', NAME, spaced) || this.#match('number', NUMBER, spaced)) return;
    const operator = BY_FIRST.get(char)?.find((each) => this.#text.startsWith(each, start));
    if (operator === undefined)
      throw this.fault(`Unexpected character ${JSON.stringify(char)}.`, start, start + 1);
    this.#at += operator.length;
    this.#nest(operator, start);
    this.#push({ kind: 'operator', text: operator, start, end: this.#at, spaced });
  }

  #match(kind: 'name' | 'number', pattern: RegExp, spaced: boolean): boolean {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text);
    if (!found) return false;
    const start = this.#at;
    this.#at = pattern.lastIndex;
    this.#push({ kind, text: found[0], start, end: this.#at, spaced });
    return true;
  }

  #nest(operator: string, start: number): void {
    if (operator === '(' || operator === '{') this.#nesting.push(operator);
    else if (operator === '[' || operator === '?[') this.#nesting.push('[');
    else if (operator === ')' || operator === ']' || operator === '}') {
      const open = this.#nesting.pop();
      const expected = open === undefined ? undefined : { '(': ')', '[': ']', '{': '}' }[open];
      if (expected !== operator) {
        const hint = expected === undefined ? 'Nothing is open here.' : `Expected "${expected}" first.`;
        throw this.fault(`Unexpected "${operator}". ${hint}`, start, start + 1);
      }
    }
  }

  #stringDelimiter(char: string, spaced: boolean): string | undefined {
    if (char === "'" || char === '"') {
      const triple = char.repeat(3);
      return this.#text.startsWith(triple, this.#at) ? triple : char;
    }
    if (char === '$' && this.#text[this.#at + 1] === '/' && this.#slashBeginsString(spaced)) return '$/';
    if (char === '/' && this.#slashBeginsString(spaced)) return '/';
    return undefined;
  }

  #slashBeginsString(spaced: boolean): boolean {
    const last = this.#tokens.at(-1);
    if (last === undefined || last.kind === 'newline') return true;
    if (last.kind === 'number' || last.kind === 'string') return false;
    if (last.kind === 'operator') return ![')', ']', '}'].includes(last.text);
    if (BEFORE_OPERAND.has(last.text)) return true;
    // `println /text/`: an argument without parentheses.
    const rest = this.#text.slice(this.#at + 1, this.#at + 400);
    return spaced && /^[^\s/=][^\n/]*\//.test(rest) && this.#beginsStatement();
  }

  /** The last token is alone on its line so far. */
  #beginsStatement(): boolean {
    const before = this.#tokens.at(-2);
    return before === undefined || before.kind === 'newline' || ['{', ';', '->', ':'].includes(before.text);
  }

  fault(message: string, start: number, end: number): ScriptFault {
    return new ScriptFault(message, { source: this.source, start, end });
  }
}
