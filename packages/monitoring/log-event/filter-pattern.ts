import { errors } from '../errors.ts';

/** Whether a message matches. */
export type FilterPattern = (message: string) => boolean;

interface Term {
  readonly kind: 'required' | 'excluded' | 'alternative';
  readonly text: string;
}

/**
 * CloudWatch's patterns for unstructured messages: every plain or "quoted" term must occur, no -excluded one may, and
 * of ?alternative ones at least one must (they count only where there are no plain terms). Terms match case exactly.
 */
export function filterPattern(pattern: string | undefined): FilterPattern {
  const text = pattern?.trim() ?? '';
  if (text === '') return () => true;
  refuseOthers(text);
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

function refuseOthers(pattern: string): void {
  const reason = {
    '{': 'JSON patterns are not there yet',
    '[': 'space-delimited patterns are not there yet',
    '%': 'regular expressions are not there yet',
  }[pattern[0]!];
  if (reason) throw errors.unsupportedPattern({ pattern, reason });
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
