import { failure } from '../diagnostics/diagnostic.ts';
import { withoutIndentation } from './dedent.ts';
import type { StringTemplate, TemplatePart } from './expression-node.ts';
import { type ExpressionRule, parsePlaceholder, unescaped } from './string-parser.ts';
import type { TokenStream } from './token-stream.ts';

const STOP = />>>|~\{|\\/g;
const CLOSE = '>>>';

/**
 * `<<< ... >>>` (specification 1.2, "Multi-line Strings"); the stream stands on the opening bracket. Escapes keep their
 * written form until the indentation is gone: a `\t` is no indentation.
 */
export function parseMultilineString(stream: TokenStream, expression: ExpressionRule): StringTemplate {
  const { lexer } = stream;
  const open = stream.token;
  lexer.seek(open.end);
  const parts: TemplatePart[] = [];
  let text = '';
  for (;;) {
    const found = lexer.scan(STOP);
    text += found.text;
    if (found.stop === CLOSE) break;
    if (found.stop === undefined) throw failure('UnterminatedText', stream.of(open), { close: CLOSE });
    if (found.stop === '\\') {
      const escape = lexer.text.slice(lexer.mark().offset, lexer.mark().offset + 2);
      text += escape;
      lexer.skip(escape);
    } else {
      parts.push(text, parsePlaceholder(stream, found.stop, expression));
      text = '';
    }
  }
  lexer.skip(CLOSE);
  stream.resume();
  const position = stream.since(open.start);
  const arranged = withoutIndentation(trimmed([...parts, text].map(withoutContinuations)));
  return { kind: 'StringTemplate', position, parts: arranged.map(meaning).filter((part) => part !== '') };

  function meaning(part: TemplatePart): TemplatePart {
    if (typeof part !== 'string') return part;
    const meant = unescaped(part);
    if (meant === undefined) throw failure('InvalidEscape', position, { escape: '\\U' });
    return meant;
  }
}

/** A line that ends in an odd number of backslashes goes on in the next one. */
function withoutContinuations(part: TemplatePart): TemplatePart {
  if (typeof part !== 'string') return part;
  return part.replace(/(?<!\\)((?:\\\\)*)\\\r?\n[ \t]*/g, '$1');
}

/** Without the whitespace behind the opening and before the closing bracket, each up to one line break. */
function trimmed(parts: readonly TemplatePart[]): readonly TemplatePart[] {
  const [first, last] = [0, parts.length - 1];
  return parts.map((part, index) => {
    if (typeof part !== 'string') return part;
    const begun = index === first ? part.replace(/^[ \t]*(\r?\n)?/, '') : part;
    return index === last ? begun.replace(/(\r?\n)?[ \t]*$/, '') : begun;
  });
}
