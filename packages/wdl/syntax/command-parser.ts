import { failure } from '../diagnostics/diagnostic.ts';
import type { CommandNode } from './document-node.ts';
import { dedent } from './dedent.ts';
import type { TemplatePart } from './expression-node.ts';
import { parseExpression } from './expression-parser.ts';
import { parsePlaceholder } from './string-parser.ts';
import type { TokenStream } from './token-stream.ts';

/** In `command <<< >>>` only `~{` opens a placeholder; in `command { }` both do and the first brace closes. */
const STYLES = {
  '<<<': { close: '>>>', stop: />>>|~\{|\\>>>/g },
  '{': { close: '}', stop: /\}|~\{|\$\{/g },
} as const;

/** `command <<< ... >>>` or `command { ... }`; the stream stands behind the keyword. */
export function parseCommand(stream: TokenStream): CommandNode {
  const { lexer } = stream;
  const open = stream.token;
  if (open.text !== '<<<' && open.text !== '{') throw stream.unexpected('"<<<" or "{"');
  const { close, stop } = STYLES[open.text];
  lexer.seek(open.end);
  const parts: TemplatePart[] = [];
  let text = '';
  for (;;) {
    const found = lexer.scan(stop);
    text += found.text;
    if (found.stop === close) break;
    if (found.stop === undefined) throw failure('UnterminatedCommand', stream.of(open), { close });
    if (found.stop === '\\>>>') {
      lexer.skip(found.stop);
      text += '>>>';
      continue;
    }
    if (text !== '') parts.push(text);
    text = '';
    parts.push(parsePlaceholder(stream, found.stop, parseExpression));
  }
  if (text !== '') parts.push(text);
  lexer.skip(close);
  stream.resume();
  return { kind: 'Command', position: stream.since(open.start), ...dedent(parts) };
}
