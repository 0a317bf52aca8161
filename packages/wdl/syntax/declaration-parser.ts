import { failure } from '../diagnostics/diagnostic.ts';
import type { DeclarationNode } from './document-node.ts';
import { parseExpression } from './expression-parser.ts';
import type { TokenStream } from './token-stream.ts';
import { parseType } from './type-parser.ts';

/** `Type name` or `Type name = expression`. */
export function parseDeclaration(stream: TokenStream): DeclarationNode {
  const type = parseType(stream);
  const name = stream.expectName('a name');
  const value = stream.accept('=') ? parseExpression(stream) : undefined;
  return { kind: 'Declaration', position: stream.of(name), type, name: name.text, value };
}

/** Declarations in braces; the stream stands on the opening one. */
export function parseDeclarations(stream: TokenStream): DeclarationNode[] {
  stream.expect('{');
  const declarations: DeclarationNode[] = [];
  while (!stream.accept('}')) declarations.push(parseDeclaration(stream));
  return declarations;
}

/** An output section: like declarations, each with a value. */
export function parseOutputs(stream: TokenStream): DeclarationNode[] {
  const outputs = parseDeclarations(stream);
  for (const { name, value, position } of outputs) {
    if (value === undefined) throw failure('OutputWithoutValue', position, { name });
  }
  return outputs;
}
