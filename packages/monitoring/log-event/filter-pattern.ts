import { errors } from '../errors.ts';
import { jsonPattern } from './json-pattern.ts';
import { occursIn, safeExpression } from './safe-expression.ts';
import { spacePattern } from './space-pattern.ts';

/** A filter pattern as it is asked. */
export interface FilterPattern {
  /** Whether a message matches. */
  readonly matches: (message: string) => boolean;
  /** Every message that matches holds at least one text of each list: what has none need not be looked at closely. */
  readonly needles: readonly (readonly string[])[];
  /** The value of `$.latency` (JSON) or `$bytes` (fields) in a message; undefined where there is none. */
  readonly valueOf: (message: string, selector: string) => unknown;
  /** What the pattern names, and reads in a message that matches: fields, or members of JSON. */
  readonly extract: (message: string) => Readonly<Record<string, string>>;
}

interface Term {
  readonly kind: 'required' | 'excluded' | 'alternative';
  /** Absent for a regular expression. */
  readonly text?: string;
  readonly occurs: (message: string) => boolean;
}

/**
 * CloudWatch's patterns: `{…}` for messages that are JSON, `[…]` for fields parted by spaces, and terms: every plain,
 * "quoted" or %regular expression% term must occur, no -excluded one may, and of ?alternative ones at least one must
 * (they count only where there are no plain terms). Terms match case exactly.
 */
export function filterPattern(pattern: string | undefined): FilterPattern {
  const text = pattern?.trim() ?? '';
  if (text.startsWith('{')) return jsonPattern(text);
  if (text.startsWith('[')) return spacePattern(text);
  const terms = parseTerms(text);
  const of = (kind: Term['kind']) => terms.filter((term) => term.kind === kind);
  const required = of('required');
  const excluded = of('excluded');
  const alternatives = required.length > 0 ? [] : of('alternative');
  return {
    matches: (message) =>
      required.every(({ occurs }) => occurs(message)) &&
      !excluded.some(({ occurs }) => occurs(message)) &&
      (alternatives.length === 0 || alternatives.some(({ occurs }) => occurs(message))),
    needles: [...required.map((term) => [term]), alternatives].flatMap(textsOf),
    valueOf: () => undefined,
    extract: () => ({}),
  };
}

/** The texts of terms of which one must occur; nothing where an expression may occur instead. */
function textsOf(terms: readonly Term[]): readonly (readonly string[])[] {
  const texts = terms.flatMap(({ text }) => (text === undefined ? [] : [text]));
  return texts.length > 0 && texts.length === terms.length ? [texts] : [];
}

function parseTerms(pattern: string): readonly Term[] {
  const terms: Term[] = [];
  const form = /\s*([-?]?)(?:"((?:[^"\\]|\\.)*)"|%((?:[^%\\]|\\.)+)%|([^\s"%]+))(?=\s|$)/y;
  while (form.lastIndex < pattern.length) {
    const match = form.exec(pattern);
    if (!match)
      throw errors.unsupportedPattern({
        pattern,
        reason: 'a quotation mark or % is not closed or stands within a term',
      });
    const [, sign, quoted, expression, plain] = match;
    const kind = sign === '-' ? 'excluded' : sign === '?' ? 'alternative' : 'required';
    if (expression !== undefined) {
      terms.push({ kind, occurs: occursIn(safeExpression(pattern, expression)) });
      continue;
    }
    const text = plain === undefined ? quoted!.replace(/\\(.)/g, '$1') : checkedTerm(pattern, plain);
    terms.push({ kind, text, occurs: (message) => message.includes(text) });
  }
  return terms;
}

function checkedTerm(pattern: string, term: string): string {
  if (/^[\p{L}\p{N}_]+$/u.test(term)) return term;
  throw errors.unsupportedPattern({
    pattern,
    reason: `${term} has other characters than letters, digits and _ and must be quoted`,
  });
}
