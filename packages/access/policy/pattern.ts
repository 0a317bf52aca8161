import type { Context } from './context.ts';
import {
  ANY,
  isVariable,
  ONE,
  type Piece,
  readTemplate,
  type Resolved,
  resolve,
  type TemplateRules,
} from './template.ts';

/** Whether a value of the request is what a policy's text describes. */
export type Matcher = (value: string, context: Context) => boolean;

/** Text in which `*` and `?` are wildcards. */
export function globMatcher(text: string, variables: boolean): Matcher {
  return piecesMatcher(readTemplate(text, { variables, wildcards: true }));
}

/** The text of a template without wildcards, once its variables have values. */
export function textOf(
  text: string,
  rules: Pick<TemplateRules, 'variables'>,
): (context: Context) => string | undefined {
  const pieces = readTemplate(text, { ...rules, wildcards: false });
  return (context) => resolve(pieces, context)?.join('');
}

export function piecesMatcher(pieces: readonly Piece[]): Matcher {
  if (!pieces.some(isVariable)) return plainMatcher(pieces as readonly Resolved[]);
  return (value, context) => {
    const resolved = resolve(pieces, context);
    return resolved !== undefined && matchesGlob(unitsOf(resolved), value);
  };
}

/** Most patterns are a name, everything, or a prefix: those need no search. */
function plainMatcher(pieces: readonly Resolved[]): Matcher {
  const [first, second] = pieces;
  if (pieces.length === 0) return (value) => value === '';
  if (pieces.length === 1 && first === ANY) return () => true;
  if (pieces.length === 1 && typeof first === 'string') return (value) => value === first;
  if (pieces.length === 2 && typeof first === 'string' && second === ANY) {
    return (value) => value.startsWith(first);
  }
  const units = unitsOf(pieces);
  return (value) => matchesGlob(units, value);
}

function unitsOf(pieces: readonly Resolved[]): readonly Resolved[] {
  return pieces.flatMap((piece): readonly Resolved[] =>
    typeof piece === 'string' ? piece.split('') : [piece],
  );
}

/** Not a regular expression: many stars would make one take longer than the server lives. This takes length x length. */
function matchesGlob(units: readonly Resolved[], text: string): boolean {
  let unit = 0;
  let at = 0;
  let star = -1;
  let starAt = 0;
  while (at < text.length) {
    if (units[unit] === ANY) {
      star = unit++;
      starAt = at;
    } else if (units[unit] === ONE || units[unit] === text[at]) {
      unit++;
      at++;
    } else if (star >= 0) {
      unit = star + 1;
      at = ++starAt;
    } else return false;
  }
  while (units[unit] === ANY) unit++;
  return unit === units.length;
}
