import { errors } from '../errors.ts';
import { jsonPattern } from './json-pattern.ts';
import { spacePattern } from './space-pattern.ts';

/** Whether a message matches. */
export type FilterPattern = (message: string) => boolean;

interface Term {
  readonly kind: 'required' | 'excluded' | 'alternative';
  readonly text: string;
}

/**
 * CloudWatch's patterns: `{…}` for messages that are JSON, `[…]` for fields parted by spaces, and terms: every plain or
 * "quoted" term must occur, no -excluded one may, and of ?alternative ones at least one must (they count only where
 * there are no plain terms). Terms match case exactly.
 */
export function filterPattern(pattern: string | undefined): FilterPattern {
  const text = pattern?.trim() ?? '';
  if (text === '') return () => true;
  if (text.startsWith('{')) return jsonPattern(text);
  if (text.startsWith('[')) return spacePattern(text);
  if (text.startsWith('%'))
    throw errors.unsupportedPattern({ pattern: text, reason: 'regular expressions are not there yet' });
  const terms = parseTerms(text);
  const of = (kind: Term['kind']) => terms.filter((term) => term.kind === kind).map((term) => term.text);
  const required = of('required');
  const excluded = of('excluded');
  const alternatives = required.length > 0 ? [] : of('alternative');
  return (message) =>
    required.every((term) => message.includes(term)) &&
    !excluded.some((term) => message.includes(term)) &&
    (alternatives.length === 0 || alternatives.some((term) => message.includes(term)));
}

function parseTerms(pattern: string): readonly Term[] {
  const terms: Term[] = [];
  const form = /\s*([-?]?)(?:"((?:[^"\\]|\\.)*)"|([^\s"]+))(?=\s|$)/y;
  while (form.lastIndex < pattern.length) {
    const match = form.exec(pattern);
    if (!match)
      throw errors.unsupportedPattern({
        pattern,
        reason: 'a quotation mark is not closed or stands within a term',
      });
    const [, sign, quoted, plain] = match;
    if (plain !== undefined && !/^[\p{L}\p{N}_]+$/u.test(plain)) {
      throw errors.unsupportedPattern({
        pattern,
        reason: `${plain} has other characters than letters, digits and _ and must be quoted`,
      });
    }
    const kind = sign === '-' ? 'excluded' : sign === '?' ? 'alternative' : 'required';
    terms.push({ kind, text: plain ?? quoted!.replace(/\\(.)/g, '$1') });
  }
  return terms;
}
