import type { Meta, MetaValue } from './document-node.ts';
import { parsePlainString } from './string-parser.ts';
import type { TokenStream } from './token-stream.ts';

/** `{ key: value ... }` of a meta or parameter_meta section; the stream stands on the opening brace. */
export function parseMeta(stream: TokenStream): Meta {
  stream.expect('{');
  const entries: [string, MetaValue][] = [];
  while (!stream.accept('}')) {
    entries.push(parseEntry(stream));
    stream.accept(',');
  }
  return Object.fromEntries(entries);
}

function parseEntry(stream: TokenStream): [string, MetaValue] {
  const key = stream.token.kind === 'quote' ? parsePlainString(stream) : parseKey(stream);
  stream.expect(':');
  return [key, parseMetaValue(stream)];
}

/** Some authors annotate members: `sample.bam: "..."`. */
function parseKey(stream: TokenStream): string {
  let key = stream.expectWord('a key').text;
  while (stream.accept('.')) key += `.${stream.expectWord('a key').text}`;
  return key;
}

function parseMetaValue(stream: TokenStream): MetaValue {
  return stream.nested(() => {
    if (stream.token.kind === 'quote') return parsePlainString(stream);
    if (stream.at('{')) return parseMeta(stream);
    if (stream.accept('object')) return parseMeta(stream);
    if (stream.accept('[')) return stream.list(']', () => parseMetaValue(stream));
    if (stream.accept('true')) return true;
    if (stream.accept('false')) return false;
    if (stream.accept('null')) return null;
    return parseNumber(stream);
  });
}

function parseNumber(stream: TokenStream): number {
  const sign = stream.accept('-') ? -1 : (stream.accept('+'), 1);
  if (stream.token.kind !== 'integer' && stream.token.kind !== 'float')
    throw stream.unexpected('a metadata value');
  return sign * Number(stream.advance().text);
}
