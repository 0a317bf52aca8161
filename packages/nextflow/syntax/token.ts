/** A part of a string with placeholders: text as it reads, or the tokens of an expression. */
export type StringPart =
  { readonly text: string } | { readonly tokens: readonly Token[]; readonly start: number };

interface TokenBase {
  readonly start: number;
  readonly end: number;
  /** White space or a comment stands before it. */
  readonly spaced: boolean;
}

export interface NameToken extends TokenBase {
  readonly kind: 'name';
  readonly text: string;
}
export interface NumberToken extends TokenBase {
  readonly kind: 'number';
  readonly text: string;
}
/** A string: `parts` where it has placeholders, otherwise `text`. */
export interface StringToken extends TokenBase {
  readonly kind: 'string';
  readonly text: string;
  readonly parts?: readonly StringPart[];
}
export interface OperatorToken extends TokenBase {
  readonly kind: 'operator';
  readonly text: string;
}
export interface EndToken extends TokenBase {
  readonly kind: 'newline' | 'end';
  readonly text: '';
}

export type Token = NameToken | NumberToken | StringToken | OperatorToken | EndToken;

export function describeToken(token: Token): string {
  if (token.kind === 'newline') return 'the end of the line';
  if (token.kind === 'end') return 'the end of the file';
  if (token.kind === 'string') return 'a string';
  return `"${token.text}"`;
}
