import { failure } from '../diagnostics/diagnostic.ts';
import { suggestion } from '../diagnostics/suggestion.ts';
import type { RuntimeEntry } from './document-node.ts';
import type { Expression, ObjectMember } from './expression-node.ts';
import { parseExpression } from './expression-parser.ts';
import type { TokenStream } from './token-stream.ts';

/** "Arbitrary key/value pairs are not allowed in the requirements section" (specification 1.2). */
const REQUIREMENTS: ReadonlySet<string> = new Set(
  (
    'container docker cpu memory gpu fpga disks max_retries maxRetries return_codes returnCodes ' +
    // The service's own: it has had them in runtime since 1.0, and no other place to ask for an accelerator.
    'acceleratorCount acceleratorType'
  ).split(' '),
);

/** `{ name: expression ... }` of a runtime section; the stream stands on the opening brace. */
export function parseRuntime(stream: TokenStream): RuntimeEntry[] {
  return parseEntries(stream, parseExpression);
}

export function parseRequirements(stream: TokenStream): RuntimeEntry[] {
  const entries = parseRuntime(stream);
  for (const { name, position } of entries) {
    if (REQUIREMENTS.has(name)) continue;
    throw failure('UnknownRequirement', position, { name, suggestion: suggestion(name, REQUIREMENTS) });
  }
  return entries;
}

/** A task's hints: expressions, and the scoped types `hints`, `input` and `output`, which are like objects. */
export function parseHints(stream: TokenStream): RuntimeEntry[] {
  return parseEntries(stream, parseHint);
}

function parseEntries(stream: TokenStream, value: (stream: TokenStream) => Expression): RuntimeEntry[] {
  stream.expect('{');
  const entries: RuntimeEntry[] = [];
  while (!stream.accept('}')) {
    const name = stream.expectWord('an attribute');
    stream.expect(':');
    entries.push({ name: name.text, position: stream.of(name), value: value(stream) });
    stream.accept(',');
  }
  return entries;
}

function parseHint(stream: TokenStream): Expression {
  return ['hints', 'input', 'output'].some((word) => stream.at(word))
    ? parseScoped(stream)
    : parseExpression(stream);
}

function parseScoped(stream: TokenStream): Expression {
  return stream.nested(() => {
    const start = stream.start();
    stream.advance();
    stream.expect('{');
    const members: ObjectMember[] = [];
    while (!stream.accept('}')) {
      members.push(parseScopedMember(stream));
      stream.accept(',');
    }
    return { kind: 'ObjectLiteral', position: stream.since(start), struct: undefined, members };
  });
}

/** Keys of `input` and `output` may lead to members of structs: `person.cv: hints { ... }`. */
function parseScopedMember(stream: TokenStream): ObjectMember {
  const position = stream.here();
  let name = stream.expectWord('a name').text;
  while (stream.accept('.')) name += `.${stream.expectWord('a name').text}`;
  stream.expect(':');
  return { name, position, value: parseHint(stream) };
}
