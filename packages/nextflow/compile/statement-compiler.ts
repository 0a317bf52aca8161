import type { Expression } from '../syntax/expression-node.ts';
import type {
  Block,
  ClassNode,
  ForInStatement,
  ForStatement,
  FunctionNode,
  IfStatement,
  IncludeNode,
  Statement,
  SwitchStatement,
  TryStatement,
} from '../syntax/statement-node.ts';
import { ExpressionCompiler } from './expression-compiler.ts';
import { Locals } from './locals.ts';

interface Flow {
  /** The statement is the last of its function: its value is the result. */
  readonly tail: boolean;
  /** Where `break` leads to, where that is not the innermost loop. */
  readonly breaksTo?: string;
}

const INSIDE: Flow = { tail: false };

/** Groovy's statements to JavaScript. */
export class StatementCompiler extends ExpressionCompiler {
  protected functionBody(block: Block, locals: Locals): string {
    return `${this.statements(block.statements, locals, { tail: true })} return null;`;
  }

  statements(statements: readonly Statement[], locals: Locals, flow: Flow): string {
    const functions = statements.filter((each) => each.kind === 'function');
    for (const each of functions) locals.declare(each.name);
    const code = statements.map((statement, index) => {
      const tail = flow.tail && index === statements.length - 1;
      return this.statement(statement, locals, { ...flow, tail });
    });
    return code.join('\n');
  }

  statement(node: Statement, locals: Locals, flow: Flow = INSIDE): string {
    switch (node.kind) {
      case 'block':
        // The variables of `def a, b` are those of the block around.
        if (node.start === -1) return this.statements(node.statements, locals, INSIDE);
        return `{ ${this.statements(node.statements, new Locals(locals), flow)} }`;
      case 'expression':
        return `${flow.tail ? 'return ' : ''}${this.expression(node.expression, locals)};`;
      case 'variable': {
        const value = node.value ? this.expression(node.value, locals) : 'null';
        const cast = node.type ? `$.as($c, ${value}, ${this.type(node.type)}, ${this.place(node)})` : value;
        return `let ${locals.declare(node.name)} = ${cast};${flow.tail ? ` return ${locals.find(node.name)};` : ''}`;
      }
      case 'multiple-variable': {
        const list = locals.temporary();
        const value = this.expression(node.value, locals);
        const names = node.names.map(
          ({ name }, index) => `let ${locals.declare(name)} = ${list}[${index}] ?? null;`,
        );
        return `const ${list} = $.spread(${value}); ${names.join(' ')}`;
      }
      case 'if':
        return this.#if(node, locals, flow);
      case 'for-in':
        return this.#forIn(node, locals);
      case 'for':
        return this.#for(node, locals);
      case 'while': {
        const body = this.statement(node.body, new Locals(locals));
        const condition = `$.t(${this.expression(node.condition, locals)})`;
        return node.bodyFirst ? `do { ${body} } while (${condition});` : `while (${condition}) { ${body} }`;
      }
      case 'return':
        return `return ${node.value ? this.expression(node.value, locals) : 'null'};`;
      case 'throw':
        return `throw $.thrown(${this.expression(node.value, locals)}, ${this.place(node)});`;
      case 'break':
        return flow.breaksTo ? `break ${flow.breaksTo};` : 'break;';
      case 'continue':
        return 'continue;';
      case 'try':
        return this.#try(node, locals, flow);
      case 'assert': {
        const message = node.message ? this.expression(node.message, locals) : 'null';
        const written = this.source.text.slice(node.condition.start, node.condition.end);
        return `$.assert(${this.expression(node.condition, locals)}, () => ${message}, ${JSON.stringify(written)}, ${this.place(node)});`;
      }
      case 'switch':
        return this.#switch(node, locals, flow);
      case 'include':
        return this.#include(node, locals);
      case 'labelled':
        return this.statement(node.statement, locals, flow);
      case 'function': {
        const name = locals.find(node.name) ?? locals.declare(node.name);
        return `const ${name} = $.method($c, ${this.#method(node, locals)});`;
      }
      case 'class':
        return this.classCode(node, locals);
      case 'enum':
        return `$.defineEnum($c, ${JSON.stringify(node.name)}, ${JSON.stringify(node.constants)});`;
      case 'record':
        return `$.defineRecord($c, ${JSON.stringify(node.name)}, ${JSON.stringify(node.fields.map(({ name }) => name))});`;
      case 'import':
        return `$.importClass($c, ${JSON.stringify(node.path)}, ${JSON.stringify(node.alias)}, ${node.isStatic}, ${this.place(node)});`;
    }
  }

  #include(node: IncludeNode, locals: Locals): string {
    const names = node.names.map(({ name, alias }) => ({ name, alias }));
    const params = node.addParams ?? node.params;
    const given = params ? this.args(params, locals) : '[]';
    return `$.include($c, ${JSON.stringify(names)}, ${this.expression(node.path, locals)}, ${given}, ${node.params !== undefined}, ${this.place(node)});`;
  }

  #if(node: IfStatement, locals: Locals, flow: Flow): string {
    const positive = this.statement(node.positive, new Locals(locals), flow);
    const code = `if ($.t(${this.expression(node.condition, locals)})) { ${positive} }`;
    if (!node.negative) return code;
    return `${code} else { ${this.statement(node.negative, new Locals(locals), flow)} }`;
  }

  #forIn(node: ForInStatement, locals: Locals): string {
    const collection = this.expression(node.collection, locals);
    const inner = new Locals(locals);
    const variable = inner.declare(node.variable);
    const body = this.statement(node.body, inner);
    return `for (let ${variable} of $.iterate(${collection}, ${this.place(node.collection)})) { ${body} }`;
  }

  #for(node: ForStatement, locals: Locals): string {
    const inner = new Locals(locals);
    const initial = this.statements(node.initial, inner, INSIDE);
    const condition = node.condition ? `$.t(${this.expression(node.condition, inner)})` : 'true';
    const update = node.update.map((each) => this.expression(each, inner)).join(', ');
    return `{ ${initial} for (; ${condition}; ${update}) { ${this.statement(node.body, new Locals(inner))} } }`;
  }

  #try(node: TryStatement, locals: Locals, flow: Flow): string {
    let code = `try { ${this.statement(node.body, new Locals(locals), flow)} }`;
    if (node.catches.length > 0) {
      const [error, caught] = [locals.temporary(), locals.temporary()];
      const clauses = node.catches.map((clause) => {
        const inner = new Locals(locals);
        const name = inner.declare(clause.name);
        const types = JSON.stringify(clause.types.map((type) => type.name));
        return `if ($.catches($c, ${caught}, ${types})) { let ${name} = ${caught}.value; ${this.statement(clause.body, inner, flow)} }`;
      });
      code += ` catch (${error}) { const ${caught} = $.caught(${error}); ${clauses.join(' else ')} else throw ${error}; }`;
    }
    if (node.last) code += ` finally { ${this.statement(node.last, new Locals(locals))} }`;
    else if (node.catches.length === 0) code += ' finally {}';
    return code;
  }

  #switch(node: SwitchStatement, locals: Locals, flow: Flow): string {
    const [label, value, matched] = [locals.temporary(), locals.temporary(), locals.temporary()];
    const cases = node.cases.map(({ body, test }) => {
      const code = this.#caseBody(body, new Locals(locals), { tail: flow.tail, breaksTo: label });
      const fits =
        test === undefined
          ? 'true'
          : `$.isCase(${value}, ${this.expression(test, locals)}, ${this.place(test)})`;
      return `if (${matched} || ${fits}) { ${matched} = true; ${code} }`;
    });
    return `${label}: { const ${value} = ${this.expression(node.value, locals)}; let ${matched} = false; ${cases.join(' ')} }`;
  }

  /** The last expression before a `break` is the value, where the switch is the last statement. */
  #caseBody(body: readonly Statement[], locals: Locals, flow: Flow): string {
    const ends = body.at(-1)?.kind === 'break';
    if (!flow.tail || !ends)
      return this.statements(body, locals, { ...flow, tail: flow.tail && body.length > 0 && ends });
    return this.statements(body.slice(0, -1), locals, flow) + ' return null;';
  }

  /** The code of `{ name, arity, body }` of a function. */
  #method(node: FunctionNode, locals: Locals): string {
    const inner = new Locals(locals);
    const names = node.parameters.map(({ name }) => inner.declare(name));
    const defaults = node.parameters.map(({ initial, type }, index) => {
      const name = names[index]!;
      const filled = `if (${name} === undefined) ${name} = ${initial ? this.expression(initial, inner) : 'null'};`;
      const cast =
        type && this.castsParameter(type)
          ? ` else ${name} = $.as($c, ${name}, ${this.type(type)}, ${this.place(node)});`
          : '';
      return filled + cast;
    });
    const required = node.parameters.filter(({ initial, rest }) => !initial && !rest).length;
    const rest = node.parameters.at(-1)?.rest === true;
    const parameters = names.map((name, index) => (rest && index === names.length - 1 ? `...${name}` : name));
    const types = JSON.stringify(node.parameters.map(({ type }) => type?.name ?? null));
    const arity = rest ? 1_000 : node.parameters.length;
    return (
      `{ name: ${JSON.stringify(node.name)}, arity: ${arity}, required: ${required}, isStatic: ${node.isStatic}, types: ${types}, ` +
      `body: ($c${parameters.length > 0 ? ', ' : ''}${parameters.join(', ')}) => { ${defaults.join(' ')} ${this.functionBody(node.body, inner)} } }`
    );
  }

  /** A function of the script, which may be called before the line that declares it. */
  protected functionCode(node: FunctionNode, locals: Locals): string {
    return `$.defineFunction($c, ${this.#method(node, locals)});`;
  }

  protected classCode(node: ClassNode, locals: Locals): string {
    const own = node.fields.filter(({ modifiers }) => !modifiers.includes('static'));
    const shared = node.fields.filter(({ modifiers }) => modifiers.includes('static'));
    const values = (fields: typeof node.fields) =>
      fields
        .map(
          (field) => `[${JSON.stringify(field.name)}, ${this.#fieldValue(field.value, field.type, locals)}]`,
        )
        .join(', ');
    const methods = node.methods.map((method) => this.#method(method, locals));
    return (
      `$.defineClass($c, { name: ${JSON.stringify(node.name)}, parent: ${JSON.stringify(node.parent?.name ?? null)}, ` +
      `fields: ${JSON.stringify(own.map(({ name }) => name))}, initialize: ($c) => [${values(own)}], ` +
      `statics: ($c) => [${values(shared)}], methods: [${methods.join(', ')}] });`
    );
  }

  #fieldValue(value: Expression | undefined, type: { name: string } | undefined, locals: Locals): string {
    if (value) return this.expression(value, locals);
    return type?.name === 'boolean' ? 'false' : ['int', 'long'].includes(type?.name ?? '') ? '0' : 'null';
  }

  /** `branch` picks the first label whose condition holds; `multiMap` has a value for each label. */
  protected labelledBody(kind: string, block: Block, locals: Locals): { code: string; labels: string[] } {
    const before: Statement[] = [];
    const groups: { labels: string[]; statements: Statement[] }[] = [];
    for (const statement of block.statements) {
      if (statement.kind !== 'labelled') {
        (groups.at(-1)?.statements ?? before).push(statement);
        continue;
      }
      const labels = [statement.label];
      let inner = statement.statement;
      while (inner.kind === 'labelled') {
        labels.push(inner.label);
        inner = inner.statement;
      }
      groups.push({ labels, statements: [inner] });
    }
    if (groups.length === 0) throw this.fault(`"${kind}" needs at least one "label: expression".`, block);
    const head = this.statements(before, locals, INSIDE);
    const isBranch = kind.startsWith('branch');
    const code = groups.map((group) => (isBranch ? this.#branch(group, locals) : this.#part(group, locals)));
    const labels = groups.flatMap((group) => group.labels);
    if (isBranch) return { code: `${head} ${code.join('\n')} return null;`, labels };
    return { code: `const out = $.map([]); ${head} ${code.join('\n')} return out;`, labels };
  }

  #branch({ labels, statements }: { labels: string[]; statements: Statement[] }, locals: Locals): string {
    const [test, ...rest] = statements;
    if (test?.kind !== 'expression') throw this.fault('A branch begins with its condition.', test!);
    const body =
      rest.length > 0
        ? `(() => { ${this.statements(rest, new Locals(locals), { tail: true })} return null; })()`
        : 'undefined';
    return `if ($.t(${this.expression(test.expression, locals)})) return $.choice(${JSON.stringify(labels[0])}, ${body});`;
  }

  #part({ labels, statements }: { labels: string[]; statements: Statement[] }, locals: Locals): string {
    const value = `(() => { ${this.statements(statements, new Locals(locals), { tail: true })} return null; })()`;
    return `{ const part = ${value}; ${labels.map((label) => `out.set(${JSON.stringify(label)}, part);`).join(' ')} }`;
  }
}
