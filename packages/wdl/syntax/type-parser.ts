import type { TokenStream } from './token-stream.ts';
import type { TypeNode } from './type-node.ts';

/** `Name`, `Name[...]`, each with `+` and `?`. */
export function parseType(stream: TokenStream): TypeNode {
  return stream.nested(() => {
    const start = stream.start();
    const name = stream.expectWord('a type').text;
    const parameters = stream.accept('[') ? stream.list(']', () => parseType(stream)) : [];
    let [optional, nonEmpty] = [false, false];
    while (stream.at('?') || stream.at('+')) {
      if (stream.advance().text === '?') optional = true;
      else nonEmpty = true;
    }
    return { kind: 'Type', position: stream.since(start), name, parameters, optional, nonEmpty };
  });
}
