import type {
  ScriptNode,
  OutputNode,
  ParamsNode,
  WorkflowNode,
  WorkflowEmit,
} from '../syntax/script-node.ts';
import type { Source } from '../syntax/source.ts';
import type { Block, Statement } from '../syntax/statement-node.ts';
import { type Constants } from './expression-compiler.ts';
import { Locals } from './locals.ts';
import { ProcessCompiler } from './process-compiler.ts';

/** JavaScript that is run with `$`, `$c` and `$k`. */
export interface Code {
  readonly source: Source;
  readonly text: string;
  readonly constants: Constants;
}

export function compileScript(source: Source, script: ScriptNode): Code {
  const compiler = new ScriptCompiler(source);
  return { source, text: compiler.script(script), constants: compiler.constants };
}

/** A configuration, or any block of statements, as code. */
export function compileBlock(source: Source, block: Block): Code {
  const compiler = new ScriptCompiler(source);
  return { source, text: compiler.block(block), constants: compiler.constants };
}

class ScriptCompiler extends ProcessCompiler {
  script(node: ScriptNode): string {
    const locals = new Locals();
    // Top-level variables may be used by functions that are declared before them.
    const variables = node.items.flatMap((item) => (item.kind === 'variable' ? [item] : []));
    const fields = variables.map(({ name }) => `let ${locals.declare(name)} = null;`);
    const first = node.items.filter(
      (item) =>
        item.kind === 'function' ||
        item.kind === 'class' ||
        item.kind === 'enum' ||
        item.kind === 'record' ||
        item.kind === 'import',
    );
    const rest = node.items.filter((item) => !(first as readonly unknown[]).includes(item));
    const early = first.map((item) =>
      item.kind === 'function' ? this.functionCode(item, locals) : this.statement(item as Statement, locals),
    );
    const late = rest.map((item, index) => this.#item(item, locals, index === rest.length - 1));
    return [...fields, ...early, ...late].join('\n');
  }

  block(node: Block): string {
    const locals = new Locals();
    const functions = node.statements.filter((each) => each.kind === 'function');
    const early = functions.map((each) => this.functionCode(each, locals));
    const rest = node.statements.filter((each) => each.kind !== 'function');
    return [...early, this.statements(rest, locals, { tail: true })].join('\n');
  }

  #item(item: ScriptNode['items'][number], locals: Locals, last: boolean): string {
    switch (item.kind) {
      case 'process':
        return this.process(item, locals);
      case 'workflow':
        return this.#workflow(item, locals);
      case 'output':
        return this.#output(item, locals);
      case 'params':
        return this.#params(item, locals);
      case 'variable': {
        const value = item.value ? this.expression(item.value, locals) : 'null';
        const cast = item.type ? `$.as($c, ${value}, ${this.type(item.type)}, ${this.place(item)})` : value;
        return `${locals.find(item.name)} = ${cast};`;
      }
      default:
        return this.statement(item, locals, { tail: last && item.kind === 'expression' });
    }
  }

  #workflow(node: WorkflowNode, locals: Locals): string {
    const inner = new Locals(locals);
    const closure = (statements: string) => `($c) => { ${statements} }`;
    const handler = (block: Block | undefined) =>
      block
        ? this.closure(
            { kind: 'closure', parameters: [], body: block, start: block.start, end: block.end },
            locals,
          )
        : 'null';
    const emit = ({ name, value, start, end }: WorkflowEmit) =>
      `{ name: ${JSON.stringify(name ?? null)}, place: ${this.place({ start, end })}, value: ${value ? this.expression(value, inner) : `$.name($c, ${JSON.stringify(name)}, ${this.place({ start, end })})`} }`;
    // The outputs see the variables of main, so they are code of one function.
    const main = this.statements(node.main.statements, inner, { tail: false });
    const results = `return { emits: [${node.emits.map(emit).join(', ')}], publishes: [${node.publishes.map(emit).join(', ')}] };`;
    return `$.defineWorkflow($c, {
      name: ${JSON.stringify(node.name ?? null)},
      place: ${this.place({ start: node.start, end: node.start + 8 })},
      takes: ${JSON.stringify(node.takes.map(({ name }) => name))},
      emits: ${JSON.stringify(node.emits.map(({ name }) => name ?? null))},
      body: ${closure(`${main} ${results}`)},
      onComplete: ${handler(node.onComplete)},
      onError: ${handler(node.onError)},
    });`;
  }

  #output(node: OutputNode, locals: Locals): string {
    const declarations = node.declarations.map(
      ({ body, name, start, end }) =>
        `{ name: ${JSON.stringify(name)}, place: ${this.place({ start, end })}, body: ${this.closure({ kind: 'closure', parameters: [], body, start, end }, locals)} }`,
    );
    return `$.defineOutputs($c, [${declarations.join(', ')}]);`;
  }

  #params(node: ParamsNode, locals: Locals): string {
    const parameters = node.parameters.map((each) => {
      const value = each.initial ? this.thunk(each.initial, locals) : 'null';
      const type = each.type
        ? JSON.stringify({ name: each.type.name, optional: each.type.optional })
        : 'null';
      return `{ name: ${JSON.stringify(each.name)}, type: ${type}, value: ${value}, place: ${this.place(each)} }`;
    });
    return `$.declareParams($c, [${parameters.join(', ')}]);`;
  }
}
