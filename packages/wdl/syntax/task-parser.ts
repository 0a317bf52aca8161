import { failure } from '../diagnostics/diagnostic.ts';
import { parseCommand } from './command-parser.ts';
import { parseDeclaration, parseDeclarations, parseOutputs } from './declaration-parser.ts';
import type { CommandNode, DeclarationNode, Meta, RuntimeEntry, TaskNode } from './document-node.ts';
import { parseExpression } from './expression-parser.ts';
import { parseMeta } from './meta-parser.ts';
import { Sections } from './sections.ts';
import type { TokenStream } from './token-stream.ts';

/** `task name { ... }`. */
export function parseTask(stream: TokenStream): TaskNode {
  stream.expect('task');
  const name = stream.expectName('a task name');
  const sections = new Sections(`Task ${name.text}`);
  let inputs: DeclarationNode[] = [];
  let outputs: DeclarationNode[] = [];
  let runtime: RuntimeEntry[] = [];
  let command: CommandNode | undefined;
  let [meta, parameterMeta]: [Meta, Meta] = [{}, {}];
  const declarations: DeclarationNode[] = [];
  stream.expect('{');
  while (!stream.accept('}')) {
    if (sections.accept(stream, 'input')) inputs = parseDeclarations(stream);
    else if (sections.accept(stream, 'output')) outputs = parseOutputs(stream);
    else if (sections.accept(stream, 'runtime')) runtime = parseRuntime(stream);
    else if (sections.accept(stream, 'meta')) meta = parseMeta(stream);
    else if (sections.accept(stream, 'parameter_meta')) parameterMeta = parseMeta(stream);
    else if (stream.at('command')) {
      stream.advance();
      if (command)
        throw failure('DuplicateSection', stream.here(), { owner: `Task ${name.text}`, section: 'command' });
      command = parseCommand(stream);
    } else declarations.push(parseDeclaration(stream));
  }
  const position = stream.of(name);
  if (!command) throw failure('CommandMissing', position, { task: name.text });
  return {
    kind: 'Task',
    position,
    name: name.text,
    inputs,
    declarations,
    command,
    runtime,
    outputs,
    meta,
    parameterMeta,
  };
}

function parseRuntime(stream: TokenStream): RuntimeEntry[] {
  stream.expect('{');
  const entries: RuntimeEntry[] = [];
  while (!stream.accept('}')) {
    const name = stream.expectWord('a runtime attribute');
    stream.expect(':');
    entries.push({ name: name.text, position: stream.of(name), value: parseExpression(stream) });
    stream.accept(',');
  }
  return entries;
}
