import { failure } from '../diagnostics/diagnostic.ts';
import type { DeclarationNode } from './document-node.ts';
import { parseExpression } from './expression-parser.ts';
import type { TokenStream } from './token-stream.ts';
import { parseType } from './type-parser.ts';

/** `Type name` or `Type name = expression`; `env` before it only where a task declares. */
export function parseDeclaration(stream: TokenStream, mayBeEnvironment = false): DeclarationNode {
  const environment = mayBeEnvironment && stream.has('1.2') && stream.accept('env');
  const type = parseType(stream);
  const name = stream.expectName('a name');
  const value = stream.accept('=') ? parseExpression(stream) : undefined;
  return { kind: 'Declaration', position: stream.of(name), type, name: name.text, value, environment };
}

/** Declarations in braces; the stream stands on the opening one. */
export function parseDeclarations(stream: TokenStream, mayBeEnvironment = false): DeclarationNode[] {
  stream.expect('{');
  const declarations: DeclarationNode[] = [];
  while (!stream.accept('}')) declarations.push(parseDeclaration(stream, mayBeEnvironment));
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
