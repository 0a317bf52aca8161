import type { Parameter } from './expression-node.ts';
import { ProcessParser } from './process-parser.ts';
import type {
  Declaration,
  OutputDeclaration,
  OutputNode,
  ParamsNode,
  ScriptNode,
  WorkflowEmit,
  WorkflowNode,
} from './script-node.ts';
import { Source } from './source.ts';
import type { Block, Statement } from './statement-node.ts';

/** A script or module, parsed. */
export function parseScript(source: Source): ScriptNode {
  return new ScriptParser(source).script();
}

class ScriptParser extends ProcessParser {
  script(): ScriptNode {
    const items: (Declaration | Statement)[] = [];
    this.skipSeparators();
    if (this.takeName('package')) {
      this.type();
      this.skipSeparators();
    }
    while (this.token.kind !== 'end') {
      items.push(this.#item());
      this.endOfStatement();
    }
    return { kind: 'script', items, start: 0, end: this.source.text.length };
  }

  #item(): Declaration | Statement {
    const { token } = this;
    const next = this.peek();
    const opens =
      this.isOperator('{', next) ||
      (next.kind === 'newline' && this.isOperator('{', this.afterLines(this.mark + 1)));
    if (token.kind === 'name') {
      switch (token.text) {
        case 'process':
          if (next.kind === 'name' || next.kind === 'string') return this.process();
          break;
        case 'workflow':
          if (opens || next.kind === 'name') return this.#workflow();
          break;
        case 'output':
          if (opens) return this.#output();
          break;
        case 'params':
          if (opens) return this.#params();
          break;
        case 'agent':
          if (next.kind === 'name') {
            throw this.fault('Agents are not supported.', token.start, next.end);
          }
      }
    }
    return this.statement();
  }

  #workflow(): WorkflowNode {
    const { start } = this.take();
    const name = this.token.kind === 'name' ? this.take().text : undefined;
    this.skipLines();
    this.expectOperator('{');
    const takes: Parameter[] = [];
    const emits: WorkflowEmit[] = [];
    const publishes: WorkflowEmit[] = [];
    const main: Statement[] = [];
    const handlers: { onComplete?: Block; onError?: Block } = {};
    const from = this.token.start;
    let section = 'main';
    this.skipSeparators();
    while (!this.isOperator('}')) {
      if (this.token.kind === 'end') throw this.unexpected('"}"');
      const opened = this.#section();
      if (opened === 'onComplete' || opened === 'onError') {
        handlers[opened] = this.#sectionBlock();
        continue;
      }
      if (opened) section = opened;
      else if (section === 'take') takes.push(this.#take());
      else if (section === 'emit') emits.push(this.#emit());
      else if (section === 'publish') publishes.push(this.#emit());
      else main.push(this.statement());
      if (opened) this.skipSeparators();
      else this.endOfStatement('}');
    }
    const body: Block = { kind: 'block', statements: main, start: from, end: this.token.end };
    this.take();
    return {
      kind: 'workflow',
      name,
      takes,
      main: body,
      emits,
      publishes,
      ...handlers,
      start,
      end: this.lastEnd,
    };
  }

  #section(): string | undefined {
    const { token } = this;
    const sections = ['take', 'main', 'emit', 'publish', 'onComplete', 'onError', 'output', 'get'];
    if (token.kind !== 'name' || !sections.includes(token.text) || !this.isOperator(':', this.peek()))
      return undefined;
    this.take();
    this.take();
    this.skipSeparators();
    return token.text === 'get' ? 'take' : token.text === 'output' ? 'emit' : token.text;
  }

  #sectionBlock(): Block {
    const { start } = this.token;
    const statements: Statement[] = [];
    while (!this.isOperator('}') && !this.#sectionAhead()) {
      statements.push(this.statement());
      this.endOfStatement('}');
    }
    return { kind: 'block', statements, start, end: this.lastEnd };
  }

  #sectionAhead(): boolean {
    const mark = this.mark;
    const found = this.#section() !== undefined;
    this.reset(mark);
    return found;
  }

  #take(): Parameter {
    return this.nameAndType();
  }

  /** `name`, `name = value`, `name: Type = value`, or a value. */
  #emit(): WorkflowEmit {
    const { start } = this.token;
    const simple = this.token.kind === 'name' && ['=', ':', '>>'].includes(this.peek().text);
    if (!simple) {
      const value = this.commandExpression();
      const named = value.kind === 'name' ? { name: value.name } : {};
      if (value.kind === 'assign' && value.target.kind === 'name') {
        return { name: value.target.name, value: value.value, start, end: value.end };
      }
      return { ...named, value, start, end: value.end };
    }
    const { name } = this.nameAndType();
    if (!this.takeOperator('=')) {
      return { name, value: { kind: 'name', name, start, end: this.lastEnd }, start, end: this.lastEnd };
    }
    this.skipLines();
    const value = this.commandExpression();
    return { name, value, start, end: value.end };
  }

  #output(): OutputNode {
    const { start } = this.take();
    this.skipLines();
    this.expectOperator('{');
    const declarations: OutputDeclaration[] = [];
    this.skipSeparators();
    while (!this.takeOperator('}')) {
      const from = this.token.start;
      const name = this.token.kind === 'string' ? this.take().text : this.expectName('the name of an output');
      if (this.takeOperator(':')) this.type();
      this.skipLines();
      this.expectOperator('{');
      const body = this.blockUpTo('}');
      declarations.push({ name, body, start: from, end: this.lastEnd });
      this.endOfStatement('}');
    }
    return { kind: 'output', declarations, start, end: this.lastEnd };
  }

  #params(): ParamsNode {
    const { start } = this.take();
    this.skipLines();
    this.expectOperator('{');
    const parameters: Parameter[] = [];
    this.skipSeparators();
    while (!this.takeOperator('}')) {
      const declared = this.nameAndType();
      const initial = this.takeOperator('=') ? (this.skipLines(), { initial: this.expression() }) : {};
      parameters.push({ ...declared, ...initial, end: this.lastEnd });
      this.endOfStatement('}');
    }
    return { kind: 'params', parameters, start, end: this.lastEnd };
  }
}
