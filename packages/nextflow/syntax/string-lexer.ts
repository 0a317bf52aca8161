import { ScriptFault } from '../diagnostics/fault.ts';
import type { Source } from './source.ts';
import type { StringPart, Token } from './token.ts';

const ESCAPES: Readonly<Record<string, string>> = {
  ...{ n: '\n', t: '\t', r: '\r', b: '\b', f: '\f', s: ' ', '\\': '\\', "'": "'", '"': '"', $: '$' },
};
const PATH = /[\p{L}_][\p{L}\p{N}_]*(?:\.[\p{L}_][\p{L}\p{N}_]*)*/uy;

/** The tokens from there to the brace that closes the placeholder, and where that is. */
export type ReadPlaceholder = (at: number) => { readonly tokens: readonly Token[]; readonly end: number };

interface ReadString {
  readonly end: number;
  readonly text: string;
  readonly parts?: readonly StringPart[];
}

/** Reads one string of any of Groovy's six forms. */
export class StringLexer {
  readonly #source: Source;
  readonly #text: string;
  readonly #start: number;
  readonly #open: string;
  readonly #readPlaceholder: ReadPlaceholder;
  #at: number;
  #buffer = '';
  readonly #parts: StringPart[] = [];

  constructor(source: Source, start: number, open: string, placeholder: ReadPlaceholder) {
    this.#readPlaceholder = placeholder;
    this.#source = source;
    this.#text = source.text;
    this.#start = start;
    this.#open = open;
    this.#at = start + open.length;
  }

  read(): ReadString {
    const close = this.#open === '$/' ? '/$' : this.#open;
    const interpolates = this.#open[0] !== "'";
    for (;;) {
      if (this.#at >= this.#text.length) throw this.#unterminated();
      const char = this.#text[this.#at]!;
      if (this.#text.startsWith(close, this.#at) && !this.#isDollarEscape()) break;
      if (char === '\n' && this.#open.length === 1 && this.#open !== '/') throw this.#unterminated();
      if (this.#escape(char)) continue;
      if (char === '$' && interpolates && this.#placeholder()) continue;
      this.#buffer += char === '\r' && this.#text[this.#at + 1] === '\n' ? '' : char;
      this.#at += 1;
    }
    const end = this.#at + close.length;
    if (this.#parts.length === 0) return { end, text: this.#buffer };
    this.#flush();
    return { end, text: '', parts: this.#parts };
  }

  #isDollarEscape(): boolean {
    return this.#open === '$/' && this.#text[this.#at - 1] === '$' && this.#text[this.#at - 2] !== '$';
  }

  #flush(): void {
    this.#parts.push({ text: this.#buffer });
    this.#buffer = '';
  }

  /** Reads an escape sequence, if there is one here. */
  #escape(char: string): boolean {
    const next = this.#text[this.#at + 1];
    if (this.#open === '$/') {
      if (char !== '$' || (next !== '$' && next !== '/')) return false;
      this.#buffer += next;
      this.#at += 2;
      return true;
    }
    if (char !== '\\' || next === undefined) return false;
    if (this.#open === '/') {
      if (next !== '/') return false;
      this.#buffer += '/';
      this.#at += 2;
      return true;
    }
    return this.#backslash(next);
  }

  #backslash(next: string): boolean {
    const lineEnd = /^\\\r?\n/.exec(this.#text.slice(this.#at, this.#at + 3));
    if (lineEnd) {
      this.#at += lineEnd[0].length;
      return true;
    }
    const unicode = /^\\u+([0-9a-fA-F]{4})/.exec(this.#text.slice(this.#at, this.#at + 12));
    const octal = /^\\([0-3]?[0-7]{1,2})/.exec(this.#text.slice(this.#at, this.#at + 4));
    if (unicode ?? octal) {
      const code = unicode ? parseInt(unicode[1]!, 16) : parseInt(octal![1]!, 8);
      this.#buffer += String.fromCharCode(code);
      this.#at += (unicode ?? octal)![0].length;
      return true;
    }
    const escaped = ESCAPES[next];
    if (escaped === undefined) {
      throw new ScriptFault(`Invalid escape sequence \\${next} in a string. Write \\\\ for a backslash.`, {
        ...{ source: this.#source, start: this.#at, end: this.#at + 2 },
      });
    }
    this.#buffer += escaped;
    this.#at += 2;
    return true;
  }

  #placeholder(): boolean {
    if (this.#text[this.#at + 1] === '{') {
      const { end, tokens } = this.#readPlaceholder(this.#at + 2);
      if (this.#text[end] !== '}') throw this.#unterminated();
      this.#add(tokens, end + 1);
      return true;
    }
    PATH.lastIndex = this.#at + 1;
    const path = PATH.exec(this.#text);
    if (!path) return false;
    this.#add(pathTokens(path[0], this.#at + 1), PATH.lastIndex);
    return true;
  }

  #add(tokens: readonly Token[], end: number): void {
    this.#flush();
    this.#parts.push({ tokens, start: this.#at });
    this.#at = end;
  }

  #unterminated(): ScriptFault {
    const close = this.#open === '$/' ? '/$' : this.#open;
    return new ScriptFault(`The string is not closed. End it with ${close}.`, {
      ...{ source: this.#source, start: this.#start, end: this.#start + this.#open.length },
    });
  }
}

/** `$a.b.c` in a string. */
function pathTokens(path: string, start: number): Token[] {
  const tokens: Token[] = [];
  let at = start;
  for (const [index, text] of path.split('.').entries()) {
    if (index > 0) tokens.push({ kind: 'operator', text: '.', start: at++, end: at, spaced: false });
    tokens.push({ kind: 'name', text, start: at, end: at + text.length, spaced: false });
    at += text.length;
  }
  tokens.push({ kind: 'end', text: '', start: at, end: at, spaced: false });
  return tokens;
}
