import { type Context, contextKey } from './context.ts';

/** `*`: any characters, none included. */
export const ANY = Symbol('any');
/** `?`: exactly one character. */
export const ONE = Symbol('one');

/** `${key}` or `${key, 'otherwise'}`. */
export interface Variable {
  readonly key: string;
  readonly otherwise: string | undefined;
}
export type Piece = string | typeof ANY | typeof ONE | Variable;
/** A piece whose variables have their values. */
export type Resolved = string | typeof ANY | typeof ONE;

export interface TemplateRules {
  /** Policies of version 2008-10-17 have none: `${` is text there. */
  readonly variables: boolean;
  readonly wildcards: boolean;
}

const SPECIAL = /\$\{([^}]*)\}|\*|\?/g;

/** Cuts a policy's text at its variables and wildcards. */
export function readTemplate(text: string, rules: TemplateRules): readonly Piece[] {
  const pieces: Piece[] = [];
  let end = 0;
  for (const match of text.matchAll(SPECIAL)) {
    const piece = readPiece(match[0], match[1], rules);
    if (piece === undefined) continue;
    if (match.index > end) pieces.push(text.slice(end, match.index));
    pieces.push(piece);
    end = match.index + match[0].length;
  }
  if (end < text.length) pieces.push(text.slice(end));
  return pieces;
}

function readPiece(whole: string, variable: string | undefined, rules: TemplateRules): Piece | undefined {
  if (variable !== undefined) return rules.variables ? readVariable(variable) : undefined;
  if (!rules.wildcards) return undefined;
  return whole === '*' ? ANY : ONE;
}

/** `${*}`, `${?}` and `${$}` are those characters themselves. */
function readVariable(body: string): string | Variable {
  if (body === '*' || body === '?' || body === '$') return body;
  const [, key, otherwise] = /^([^,]*)(?:,\s*'(.*)'\s*)?$/s.exec(body) ?? [undefined, body, undefined];
  return { key: contextKey(key!.trim()), otherwise };
}

/**
 * The pieces with every variable's value in place, as text: what a value contains is never a wildcard. Undefined where
 * a variable has no value, or several: such a template matches nothing.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
 */
export function resolve(pieces: readonly Piece[], context: Context): readonly Resolved[] | undefined {
  const resolved: Resolved[] = [];
  for (const piece of pieces) {
    const value = isVariable(piece) ? valueOf(piece, context) : piece;
    if (value === undefined) return undefined;
    resolved.push(value);
  }
  return resolved;
}

export function isVariable(piece: Piece): piece is Variable {
  return typeof piece === 'object';
}

function valueOf({ key, otherwise }: Variable, context: Context): string | undefined {
  const value = context.get(key) ?? otherwise;
  return typeof value === 'string' ? value : undefined;
}
