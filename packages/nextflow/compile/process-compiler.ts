import type { Arguments, CallNode, Expression } from '../syntax/expression-node.ts';
import type { ProcessNode, QualifierNode, TypedInput, TypedOutput } from '../syntax/script-node.ts';
import type { Block, Statement } from '../syntax/statement-node.ts';
import { Locals } from './locals.ts';
import { StatementCompiler } from './statement-compiler.ts';

/** Names that an input declares rather than reads. */
const DECLARES = new Set(['val', 'path', 'file', 'env', 'each', 'stdin']);

/** Processes to code that makes a definition: what is known is data, what must be evaluated is a closure. */
export class ProcessCompiler extends StatementCompiler {
  process(node: ProcessNode, locals: Locals): string {
    const code = (block: Block | undefined) =>
      block ? this.#block(block.statements, locals, block) : 'null';
    const body = node.body && this.source.text.slice(node.body.start, node.body.end);
    return `$.defineProcess($c, {
      name: ${JSON.stringify(node.name)},
      place: ${this.place(node)},
      source: ${JSON.stringify(body ?? '')},
      bodyKind: ${JSON.stringify(node.bodyKind)},
      directives: [${node.directives.map((each) => this.#directive(each, locals)).join(',\n')}],
      inputs: [${node.inputs.map((each) => this.#input(each, locals)).join(',\n')}],
      stage: [${node.stage.map((each) => this.#directive(each, locals)).join(',\n')}],
      outputs: [${node.outputs.map((each) => this.#output(each, locals)).join(',\n')}],
      topics: [${node.topics.map((each) => this.#topic(each, locals)).join(',\n')}],
      when: ${code(node.when)},
      body: ${code(node.body)},
      stub: ${code(node.stub)},
    });`;
  }

  /** Statements as a closure without parameters. */
  #block(
    statements: readonly Statement[],
    locals: Locals,
    { start, end }: { start: number; end: number },
  ): string {
    return this.closure(
      { kind: 'closure', parameters: [], body: { kind: 'block', statements, start, end }, start, end },
      locals,
    );
  }

  protected thunk(value: Expression, locals: Locals): string {
    const { start, end } = value;
    return this.#block([{ kind: 'expression', expression: value, start, end }], locals, value);
  }

  /** `name arguments`; the arguments are evaluated anew for each task. */
  #directive(node: Statement, locals: Locals): string {
    const call = node.kind === 'expression' ? asCall(node.expression) : undefined;
    if (!call || call.callee.kind !== 'name') {
      throw this.fault('Expected a directive, a name and its value: "cpus 2".', node);
    }
    const args = argumentList(call.arguments, call.start, call.end);
    return `{ name: ${JSON.stringify(call.callee.name)}, place: ${this.place(call)}, args: ${this.thunk(args, locals)} }`;
  }

  #input(node: QualifierNode | TypedInput, locals: Locals): string {
    if (node.kind === 'qualifier') return this.#qualifier(node.expression, locals, true);
    const parts = node.parameters.map(
      ({ name, type }) =>
        `{ kind: 'typed', name: ${JSON.stringify(name)}, type: ${JSON.stringify(type ? typeText(type) : null)}, optional: ${type?.optional ?? false}, options: {}, items: [], value: null, place: ${this.place(node)} }`,
    );
    if (node.shape === 'value') return parts[0]!;
    return `{ kind: ${JSON.stringify(node.shape)}, name: null, options: {}, items: [${parts.join(', ')}], value: null, place: ${this.place(node)} }`;
  }

  #output(node: QualifierNode | TypedOutput, locals: Locals): string {
    if (node.kind === 'qualifier') return this.#qualifier(node.expression, locals, false);
    return `{ kind: 'typed', name: ${JSON.stringify(node.name ?? null)}, type: ${JSON.stringify(node.type ? typeText(node.type) : null)}, optional: ${node.type?.optional ?? false}, options: {}, items: [], value: ${this.thunk(node.value, locals)}, place: ${this.place(node)} }`;
  }

  /** `value >> 'topic'`. */
  #topic(node: Statement, locals: Locals): string {
    if (
      node.kind !== 'expression' ||
      node.expression.kind !== 'binary' ||
      node.expression.operator !== '>>'
    ) {
      throw this.fault(`A topic has a value and a name: value >> 'name'.`, node);
    }
    const { left, right } = node.expression;
    return `{ value: ${this.thunk(left, locals)}, name: ${this.thunk(right, locals)}, place: ${this.place(node)} }`;
  }

  /** `path(reads, stageAs: 'x')`, `tuple val(id), path('*.bam'), emit: bam`. */
  #qualifier(expression: Expression, locals: Locals, isInput: boolean): string {
    const call = asCall(expression);
    if (call?.callee.kind === 'property' && ['from', 'into'].includes(String(call.callee.name))) {
      throw this.fault(
        `"${String(call.callee.name)}" belongs to DSL1, which is not supported. Rewrite the script for DSL2: call the process with its channels in a workflow block.`,
        expression,
      );
    }
    if (!call || call.callee.kind !== 'name') {
      throw this.fault('Expected a qualifier, such as val, path, tuple or env.', expression);
    }
    const kind = call.callee.name === 'set' ? 'tuple' : call.callee.name;
    if (!['val', 'path', 'file', 'env', 'stdin', 'stdout', 'tuple', 'each', 'eval'].includes(kind)) {
      const word = isInput ? 'input' : 'output';
      throw this.fault(
        `"${kind}" is not a qualifier of an ${word}. Use val, path, env, ${isInput ? 'stdin, each' : 'stdout, eval'} or tuple.`,
        call.callee,
      );
    }
    const { named, positional } = call.arguments;
    const options = named.map(({ name, value }) => {
      const key = name.kind === 'literal' ? JSON.stringify(String(name.value)) : JSON.stringify('');
      // `emit: bam` and `topic: versions` are names, not variables.
      const isName = value.kind === 'name' && ['"emit"', '"topic"', '"into"'].includes(key);
      // Computed, since "__proto__" written plainly would be the object's prototype.
      return `[${key}]: ${isName ? this.thunk({ ...value, kind: 'literal', value: value.name }, locals) : this.thunk(value, locals)}`;
    });
    const items = kind === 'tuple' ? positional.map((each) => this.#item(each, locals, isInput)) : [];
    const [first] = positional;
    const nested = kind === 'each' && first?.kind === 'call' ? [this.#qualifier(first, locals, isInput)] : [];
    const declares = isInput && DECLARES.has(kind) && first?.kind === 'name';
    const envName = kind === 'env' && first?.kind === 'name';
    const name = declares || envName ? JSON.stringify((first as { name: string }).name) : 'null';
    const value =
      first && kind !== 'tuple' && !declares && !envName && nested.length === 0
        ? this.thunk(first, locals)
        : 'null';
    const variable = !isInput && first?.kind === 'name' ? JSON.stringify(first.name) : 'null';
    return `{ kind: ${JSON.stringify(kind)}, name: ${name}, variable: ${variable}, options: { ${options.join(', ')} }, items: [${[...items, ...nested].join(', ')}], value: ${value}, place: ${this.place(expression)} }`;
  }

  /** In a tuple, a name alone is a value, a text a file. */
  #item(item: Expression, locals: Locals, isInput: boolean): string {
    const call = asCall(item);
    if (
      call &&
      call.callee.kind === 'name' &&
      !(item.kind === 'name' && !['stdin', 'stdout'].includes(item.name))
    ) {
      return this.#qualifier(item, locals, isInput);
    }
    const place = this.place(item);
    if (item.kind === 'name') {
      const value = isInput ? 'null' : this.thunk(item, locals);
      return `{ kind: 'val', name: ${JSON.stringify(item.name)}, options: {}, items: [], value: ${value}, place: ${place} }`;
    }
    return `{ kind: 'path', name: null, options: {}, items: [], value: ${this.thunk(item, locals)}, place: ${place} }`;
  }
}

/** A call, or a name that stands for one without arguments. */
function asCall(expression: Expression): CallNode | undefined {
  if (expression.kind === 'call') return expression;
  if (expression.kind !== 'name') return undefined;
  const { start, end } = expression;
  return { kind: 'call', callee: expression, arguments: { positional: [], named: [] }, start, end };
}

/** The arguments as a list, named ones first as a map. */
function argumentList({ named, positional }: Arguments, start: number, end: number): Expression {
  const map: Expression[] = named.length > 0 ? [{ kind: 'map', entries: named, start, end }] : [];
  return { kind: 'list', items: [...map, ...positional], start, end };
}

export function typeText(type: { name: string; parameters: readonly { name: string }[] }): string {
  const parameters = type.parameters.map((each) => typeText(each as typeof type)).join(', ');
  return parameters === '' ? type.name : `${type.name}<${parameters}>`;
}
