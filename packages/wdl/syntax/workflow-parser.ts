import { parseDeclaration, parseDeclarations, parseOutputs } from './declaration-parser.ts';
import type {
  BodyNode,
  CallInput,
  CallNode,
  ConditionalNode,
  DeclarationNode,
  Meta,
  ScatterNode,
  WorkflowNode,
} from './document-node.ts';
import { parseExpression } from './expression-parser.ts';
import { parseMeta } from './meta-parser.ts';
import { Sections } from './sections.ts';
import type { TokenStream } from './token-stream.ts';

/** `workflow name { ... }`. */
export function parseWorkflow(stream: TokenStream): WorkflowNode {
  stream.expect('workflow');
  const name = stream.expectName('a workflow name');
  const sections = new Sections(`Workflow ${name.text}`);
  let inputs: DeclarationNode[] = [];
  let outputs: DeclarationNode[] = [];
  let [meta, parameterMeta, hints]: [Meta, Meta, Meta] = [{}, {}, {}];
  const body: BodyNode[] = [];
  stream.expect('{');
  while (!stream.accept('}')) {
    if (sections.accept(stream, 'input')) inputs = parseDeclarations(stream);
    else if (sections.accept(stream, 'output')) outputs = parseOutputs(stream);
    else if (sections.accept(stream, 'meta')) meta = parseMeta(stream);
    else if (sections.accept(stream, 'parameter_meta')) parameterMeta = parseMeta(stream);
    else if (stream.has('1.2') && sections.accept(stream, 'hints')) hints = parseMeta(stream);
    else body.push(parseBodyNode(stream));
  }
  return {
    kind: 'Workflow',
    position: stream.of(name),
    name: name.text,
    inputs,
    body,
    outputs,
    hints,
    meta,
    parameterMeta,
  };
}

function parseBodyNode(stream: TokenStream): BodyNode {
  if (stream.at('call')) return parseCall(stream);
  if (stream.at('scatter')) return parseScatter(stream);
  if (stream.at('if')) return parseConditional(stream);
  return parseDeclaration(stream);
}

function parseBody(stream: TokenStream): BodyNode[] {
  return stream.nested(() => {
    stream.expect('{');
    const body: BodyNode[] = [];
    while (!stream.accept('}')) body.push(parseBodyNode(stream));
    return body;
  });
}

function parseScatter(stream: TokenStream): ScatterNode {
  const start = stream.start();
  stream.expect('scatter');
  stream.expect('(');
  const variable = stream.expectName('a name');
  stream.expect('in');
  const collection = parseExpression(stream);
  stream.expect(')');
  const position = stream.since(start);
  const body = parseBody(stream);
  return {
    kind: 'Scatter',
    position,
    variable: variable.text,
    variablePosition: stream.of(variable),
    collection,
    body,
  };
}

function parseConditional(stream: TokenStream): ConditionalNode {
  const start = stream.start();
  stream.expect('if');
  stream.expect('(');
  const condition = parseExpression(stream);
  stream.expect(')');
  return { kind: 'Conditional', position: stream.since(start), condition, body: parseBody(stream) };
}

function parseCall(stream: TokenStream): CallNode {
  const start = stream.start();
  stream.expect('call');
  const target = [stream.expectWord('a task or workflow name').text];
  while (stream.accept('.')) target.push(stream.expectWord('a task or workflow name').text);
  let name = target.at(-1)!;
  if (stream.accept('as')) name = stream.expectName('a call name').text;
  const after = parseAfter(stream);
  const position = stream.since(start);
  const inputs = stream.accept('{') ? parseCallInputs(stream) : [];
  return { kind: 'Call', position, target, name, after, inputs };
}

function parseAfter(stream: TokenStream): CallNode['after'] {
  const after: { name: string; position: CallNode['position'] }[] = [];
  while (stream.at('after')) {
    stream.needs('1.1', 'The after clause');
    stream.advance();
    const name = stream.expectWord('a call name');
    after.push({ name: name.text, position: stream.of(name) });
  }
  return after;
}

/** `input: a = 1, b = 2` up to the closing brace; a trailing comma, as in the guide's example, is allowed. */
function parseCallInputs(stream: TokenStream): CallInput[] {
  if (stream.accept('}')) return [];
  // The examples of specification 1.1 leave `input:` out, which its grammar does not mention.
  if (!stream.has('1.1') || stream.at('input')) {
    stream.expect('input');
    stream.expect(':');
  }
  return stream.list('}', () => parseCallInput(stream));
}

function parseCallInput(stream: TokenStream): CallInput {
  const name = stream.expectWord('an input name');
  const position = stream.of(name);
  if (stream.accept('=')) return { name: name.text, position, value: parseExpression(stream) };
  stream.needs('1.1', 'A call input without a value', position);
  return { name: name.text, position, value: { kind: 'Identifier', position, name: name.text } };
}
