import { failure } from '../diagnostics/diagnostic.ts';
import { parseDeclaration } from './declaration-parser.ts';
import {
  type DeclarationNode,
  type DocumentNode,
  type ImportNode,
  type Meta,
  type StructNode,
  type TaskNode,
  type Version,
  VERSIONS,
  type WorkflowNode,
} from './document-node.ts';
import { parseMeta } from './meta-parser.ts';
import type { Position } from './position.ts';
import { Sections } from './sections.ts';
import { parsePlainString } from './string-parser.ts';
import { parseTask } from './task-parser.ts';
import { TokenStream } from './token-stream.ts';
import { parseWorkflow } from './workflow-parser.ts';

/**
 * The tree of one WDL file. `file` is its path inside the definition, for positions.
 * Throws a DiagnosticError at the first syntax error.
 */
export function parseDocument(file: string, text: string): DocumentNode {
  const stream = new TokenStream(file, text.replace(/^\uFEFF/, ''));
  const start = stream.start();
  stream.version = parseVersion(stream);
  const imports: ImportNode[] = [];
  const structs: StructNode[] = [];
  const tasks: TaskNode[] = [];
  let workflow: WorkflowNode | undefined;
  while (stream.token.kind !== 'end') {
    if (stream.at('import')) imports.push(parseImport(stream));
    else if (stream.at('struct')) structs.push(parseStruct(stream));
    else if (stream.at('task')) tasks.push(parseTask(stream));
    else if (stream.at('workflow')) {
      if (workflow) throw failure('SecondWorkflow', stream.here(), {});
      workflow = parseWorkflow(stream);
    } else throw stream.unexpected('import, struct, task or workflow');
  }
  const position = stream.since(start);
  return { kind: 'Document', position, file, version: stream.version, imports, structs, tasks, workflow };
}

function parseVersion(stream: TokenStream): Version {
  if (!stream.at('version')) throw failure('VersionMissing', stream.here(), {});
  const keyword = stream.token;
  const written = /^[ \t]*([^\s#]*)/.exec(stream.lexer.text.slice(keyword.end.offset))!;
  stream.lexer.seek(keyword.end);
  stream.lexer.skip(written[0]);
  const position: Position = stream.lexer.position(keyword.start);
  stream.resume();
  const version = written[1]!;
  const known = VERSIONS.find((candidate) => candidate === version);
  if (known === undefined) throw failure('VersionUnsupported', position, { version: version || '(none)' });
  return known;
}

function parseImport(stream: TokenStream): ImportNode {
  const start = stream.start();
  stream.expect('import');
  const uri = parsePlainString(stream);
  const position = stream.since(start);
  let namespace = uri
    .split(/[?#]/)[0]!
    .split('/')
    .at(-1)!
    .replace(/\.wdl$/, '');
  if (stream.accept('as')) namespace = stream.expectName('a namespace').text;
  const aliases: { from: string; to: string; position: Position }[] = [];
  while (stream.at('alias')) {
    const aliasStart = stream.start();
    stream.advance();
    const from = stream.expectName('a struct name').text;
    stream.expect('as');
    const to = stream.expectName('a struct name').text;
    aliases.push({ from, to, position: stream.since(aliasStart) });
  }
  return { kind: 'Import', position, uri, namespace, aliases };
}

function parseStruct(stream: TokenStream): StructNode {
  stream.expect('struct');
  const name = stream.expectName('a struct name');
  const sections = new Sections(`Struct ${name.text}`);
  const members: DeclarationNode[] = [];
  let [meta, parameterMeta]: [Meta, Meta] = [{}, {}];
  stream.expect('{');
  while (!stream.accept('}')) {
    if (stream.at('meta') || stream.at('parameter_meta')) stream.needs('1.2', 'Metadata of a struct');
    if (sections.accept(stream, 'meta')) meta = parseMeta(stream);
    else if (sections.accept(stream, 'parameter_meta')) parameterMeta = parseMeta(stream);
    else members.push(parseDeclaration(stream));
  }
  return { kind: 'Struct', position: stream.of(name), name: name.text, members, meta, parameterMeta };
}
