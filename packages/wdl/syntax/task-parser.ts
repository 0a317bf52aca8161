import { failure } from '../diagnostics/diagnostic.ts';
import { parseCommand } from './command-parser.ts';
import { parseDeclaration, parseDeclarations, parseOutputs } from './declaration-parser.ts';
import type { CommandNode, TaskNode } from './document-node.ts';
import { parseMeta } from './meta-parser.ts';
import { parseHints, parseRequirements, parseRuntime } from './runtime-parser.ts';
import { Sections } from './sections.ts';
import type { TokenStream } from './token-stream.ts';

type Parts = {
  -readonly [K in keyof TaskNode]: TaskNode[K] extends readonly (infer T)[] ? T[] : TaskNode[K];
};

/** `task name { ... }`. */
export function parseTask(stream: TokenStream): TaskNode {
  stream.expect('task');
  const name = stream.expectName('a task name');
  const sections = new Sections(`Task ${name.text}`);
  const task: Omit<Parts, 'command'> & { command: CommandNode | undefined } = {
    ...{ kind: 'Task', position: stream.of(name), name: name.text, command: undefined },
    ...{ inputs: [], declarations: [], outputs: [], meta: {}, parameterMeta: {} },
    ...{ runtime: [], runtimeSection: undefined, hints: [] },
  };
  stream.expect('{');
  while (!stream.accept('}')) {
    if (sections.accept(stream, 'input')) task.inputs = parseDeclarations(stream, true);
    else if (sections.accept(stream, 'output')) task.outputs = parseOutputs(stream);
    else if (sections.accept(stream, 'meta')) task.meta = parseMeta(stream);
    else if (sections.accept(stream, 'parameter_meta')) task.parameterMeta = parseMeta(stream);
    else if (sections.accept(stream, 'command')) task.command = parseCommand(stream);
    else if (!parseResources(stream, sections, task)) task.declarations.push(parseDeclaration(stream, true));
  }
  const { command } = task;
  if (!command) throw failure('CommandMissing', task.position, { task: name.text });
  return { ...task, command };
}

/** True where the stream stood on a section about what the task needs. */
function parseResources(stream: TokenStream, sections: Sections, task: Omit<Parts, 'command'>): boolean {
  if (sections.accept(stream, 'runtime')) {
    task.runtime = parseRuntime(stream);
    task.runtimeSection = 'runtime';
  } else if (stream.has('1.2') && sections.accept(stream, 'requirements')) {
    task.runtime = parseRequirements(stream);
    task.runtimeSection = 'requirements';
  } else if (stream.has('1.2') && sections.accept(stream, 'hints')) task.hints = parseHints(stream);
  else return false;
  if (sections.has('runtime') && (sections.has('requirements') || sections.has('hints'))) {
    const other = sections.has('requirements') ? 'requirements' : 'hints';
    throw failure('RuntimeAndRequirements', task.position, { task: task.name, section: other });
  }
  return true;
}
