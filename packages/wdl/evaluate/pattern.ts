import { matched, TEXT_LIMIT } from './limits.ts';
import { EvaluationError } from './value.ts';

const CLASSES: Record<string, string> = {
  alnum: 'A-Za-z0-9',
  alpha: 'A-Za-z',
  blank: ' \\t',
  cntrl: '\\x00-\\x1f\\x7f',
  digit: '0-9',
  graph: '\\x21-\\x7e',
  lower: 'a-z',
  print: '\\x20-\\x7e',
  punct: '!-\\/:-@\\[-`{-~',
  space: ' \\t\\r\\n\\v\\f',
  upper: 'A-Z',
  xdigit: '0-9A-Fa-f',
};

/**
 * A pattern of sub() as a regular expression: POSIX extended, with the escapes (`\d`, `\b`) that Java's and Python's
 * share with JavaScript's. A character class outside brackets, as in an example of the specification, means itself.
 */
export function compilePattern(pattern: string): RegExp {
  const source = translate(pattern);
  try {
    return compile(source);
  } catch (error) {
    throw new EvaluationError(
      `${JSON.stringify(pattern)} is not a regular expression: ${(error as Error).message}.`,
    );
  }
}

/** By code point where the pattern allows it; escapes that Unicode mode refuses (`\_`) are common. */
function compile(source: string): RegExp {
  try {
    return new RegExp(source, 'gu');
  } catch {
    return new RegExp(source, 'g');
  }
}

function translate(pattern: string): string {
  let inBrackets = false;
  let output = '';
  for (let at = 0; at < pattern.length;) {
    const rest = pattern.slice(at, at + 12);
    const named = /^\[:(\w+):\]/.exec(rest);
    const known = named && CLASSES[named[1]!];
    const character = pattern[at]!;
    if (known) {
      output += inBrackets ? known : `[${known}]`;
      at += named[0].length;
    } else if (character === '\\') {
      output += pattern.slice(at, at + 2);
      at += 2;
    } else if (character === '[' && !inBrackets) {
      inBrackets = true;
      // A closing bracket directly behind the opening one stands for itself.
      const opening = /^\[\^?\]?/.exec(rest)![0];
      output += opening.endsWith(']') ? `${opening.slice(0, -1)}\\]` : opening;
      at += opening.length;
    } else {
      if (character === ']') inBrackets = false;
      output += inBrackets && character === '[' ? '\\[' : character;
      at += 1;
    }
  }
  return output;
}

/** `\1` in the replacement is the first group; everything else stands for itself. */
export function replaceAll(input: string, pattern: RegExp, replacement: string): string {
  let length = input.length;
  const replace = (...match: unknown[]) => {
    const groups = match.slice(
      0,
      match.findIndex((part) => typeof part === 'number'),
    ) as (string | undefined)[];
    const text = replacement.replace(/\\(\d)/g, (_whole, digit: string) => groups[Number(digit)] ?? '');
    length += text.length;
    if (length > TEXT_LIMIT) throw new EvaluationError(`The text is longer than ${TEXT_LIMIT} characters.`);
    return text;
  };
  return matched(pattern, input, () => input.replace(pattern, replace));
}
