/** A piece of a text: literal characters, or the code of an expression. */
export type Piece =
  | { readonly kind: 'text'; readonly text: string }
  /** `$(code)` */
  | { readonly kind: 'reference'; readonly code: string }
  /** `${code}` */
  | { readonly kind: 'body'; readonly code: string };

export function hasExpression(text: string): boolean {
  return text.includes('$(') || text.includes('${');
}

/**
 * The pieces of a text, by the escaping rules of "String interpolation". `bodies` tells whether `${...}` means
 * anything: without InlineJavascriptRequirement it does not.
 */
export function scan(text: string, bodies: boolean): Piece[] {
  const pieces: Piece[] = [];
  let literal = '';
  const flush = () => {
    if (literal !== '') pieces.push({ kind: 'text', text: literal });
    literal = '';
  };
  for (let at = 0; at < text.length;) {
    const escaped = escapeAt(text, at);
    if (escaped) {
      literal += escaped;
      at += escaped.length + 1;
    } else if (text[at] === '$' && (text[at + 1] === '(' || (bodies && text[at + 1] === '{'))) {
      const end = closing(text, at + 1);
      if (end === undefined) throw new SyntaxError(`"${text.slice(at, at + 40)}" is not closed.`);
      flush();
      const code = text.slice(at + 2, end);
      pieces.push(text[at + 1] === '(' ? { kind: 'reference', code } : { kind: 'body', code });
      at = end + 1;
    } else {
      literal += text[at];
      at += 1;
    }
  }
  flush();
  return pieces;
}

/** What a backslash at the place stands for: `$(`, `${` or itself; undefined where nothing is escaped. */
function escapeAt(text: string, at: number): string | undefined {
  if (text[at] !== '\\') return undefined;
  if (text[at + 1] === '\\') return '\\';
  const two = text.slice(at + 1, at + 3);
  return two === '$(' || two === '${' ? two : undefined;
}

const PAIRS: Readonly<Record<string, string>> = { '(': ')', '{': '}', '[': ']' };

/** Where the bracket at `open` is closed; brackets in strings and comments do not count. */
function closing(text: string, open: number): number | undefined {
  const waiting: string[] = [];
  for (let at = open; at < text.length; at += 1) {
    const character = text[at]!;
    if (character === '"' || character === "'") at = endOfString(text, at);
    else if (text.startsWith('//', at)) at = endOf(text, '\n', at);
    else if (text.startsWith('/*', at)) at = endOf(text, '*/', at + 2) + 1;
    else if (PAIRS[character]) waiting.push(PAIRS[character]);
    else if (character === waiting.at(-1)) waiting.pop();
    if (waiting.length === 0) return at;
  }
  return undefined;
}

function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === text[start]) return at;
  }
  return text.length;
}

function endOf(text: string, mark: string, from: number): number {
  const found = text.indexOf(mark, from);
  return found < 0 ? text.length : found;
}
