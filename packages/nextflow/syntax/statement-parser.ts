import type { CallNode, Expression, NamedArgument, TypeNode } from './expression-node.ts';
import { ExpressionParser } from './expression-parser.ts';
import type {
  Block,
  CatchClause,
  ImportStatement,
  IncludeNode,
  Statement,
  SwitchCase,
  VariableStatement,
} from './statement-node.ts';
import { PRIMITIVES } from './type-parser.ts';

const NO_ARGUMENT = new Set(['in', 'instanceof', 'as', 'else', 'if', 'while', 'for', 'catch', 'finally']);
const MODIFIERS = new Set([
  'final',
  'static',
  'public',
  'private',
  'protected',
  'abstract',
  'synchronized',
  'transient',
  'volatile',
]);
const NEVER_LABELS = new Set(['default', 'case']);

/** Groovy's statements. */
export abstract class StatementParser extends ExpressionParser {
  /** Declarations of functions and classes, where they may stand. */
  protected abstract declaration(): Statement | undefined;

  protected blockUpTo(close: '}'): Block {
    const { start } = this.token;
    const statements: Statement[] = [];
    this.skipSeparators();
    while (!this.isOperator(close)) {
      if (this.token.kind === 'end') throw this.unexpected(`"${close}"`);
      statements.push(this.statement());
      this.endOfStatement(close);
    }
    this.take();
    return { kind: 'block', statements, start, end: this.lastEnd };
  }

  protected endOfStatement(close?: string): void {
    if (close !== undefined && this.isOperator(close)) return;
    const { token } = this;
    if (token.kind !== 'newline' && token.kind !== 'end' && !this.isOperator(';')) {
      throw this.unexpected('the end of the statement');
    }
    this.skipSeparators();
  }

  protected statement(): Statement {
    return this.nested(() => this.#statement());
  }

  #statement(): Statement {
    const { token } = this;
    if (token.kind === 'name') {
      if (this.isOperator(':', this.peek()) && !NEVER_LABELS.has(token.text)) return this.#labelled();
      const keyword = this.#keyword(token.text);
      if (keyword) return keyword;
    }
    if (this.isOperator('@')) this.#annotations();
    const declared = this.declaration() ?? this.variable();
    return declared ?? this.expressionStatement();
  }

  #annotations(): void {
    while (this.takeOperator('@')) {
      this.type();
      if (this.isOperator('(')) this.parenthesized();
      this.skipLines();
    }
  }

  #labelled(): Statement {
    const { start } = this.token;
    const label = this.take().text;
    this.take();
    this.skipLines();
    const statement = this.statement();
    return { kind: 'labelled', label, statement, start, end: statement.end };
  }

  #keyword(word: string): Statement | undefined {
    switch (word) {
      case 'if':
        return this.#if();
      case 'for':
        return this.#for();
      case 'while':
        return this.#while();
      case 'do':
        return this.#doWhile();
      case 'return':
        return this.#return();
      case 'throw': {
        const { start } = this.take();
        const value = this.expression();
        return { kind: 'throw', value, start, end: value.end };
      }
      case 'try':
        return this.#try();
      case 'assert':
        return this.#assert();
      case 'switch':
        return this.#switch();
      case 'break':
      case 'continue': {
        const { start } = this.take();
        const label = this.token.kind === 'name' ? { label: this.take().text } : {};
        return { kind: word, ...label, start, end: this.lastEnd };
      }
      case 'import':
        return this.#import();
      case 'include': {
        const next = this.peek();
        return next.kind !== 'operator' || next.text === '{' || next.text === '('
          ? this.#include()
          : undefined;
      }
      default:
        return undefined;
    }
  }

  protected statementOrBlock(): Statement {
    this.skipLines();
    if (this.takeOperator('{')) return this.nested(() => this.blockUpTo('}'));
    if (this.takeOperator(';'))
      return { kind: 'block', statements: [], start: this.lastEnd, end: this.lastEnd };
    return this.statement();
  }

  #include(): IncludeNode {
    const { start } = this.take();
    const names: { name: string; alias: string; start: number; end: number }[] = [];
    const braces = this.takeOperator('{');
    this.skipSeparators();
    do {
      if (braces && this.isOperator('}')) break;
      const { start: from } = this.token;
      const name = this.expectName('the name to include');
      const alias = this.takeName('as') ? this.expectName('a name') : name;
      names.push({ name, alias, start: from, end: this.lastEnd });
      if (braces) {
        this.takeOperator(',');
        this.skipSeparators();
      }
    } while (braces && this.token.kind === 'name');
    if (braces) this.expectOperator('}');
    if (!this.takeName('from')) throw this.unexpected('"from" and the path of the module');
    const path = this.expression();
    return { kind: 'include', names, path, ...this.#includeParams(), start, end: this.lastEnd };
  }

  #includeParams(): Partial<Pick<IncludeNode, 'params' | 'addParams'>> {
    const mark = this.mark;
    this.skipLines();
    if ((this.isName('addParams') || this.isName('params')) && this.isOperator('(', this.peek())) {
      const word = this.take().text as 'addParams' | 'params';
      return { [word]: this.parenthesized() };
    }
    this.reset(mark);
    return {};
  }

  #if(): Statement {
    const { start } = this.take();
    const condition = this.#condition();
    const positive = this.statementOrBlock();
    const mark = this.mark;
    this.skipSeparators();
    if (!this.takeName('else')) {
      this.reset(mark);
      return { kind: 'if', condition, positive, start, end: this.lastEnd };
    }
    const negative = this.statementOrBlock();
    return { kind: 'if', condition, positive, negative, start, end: this.lastEnd };
  }

  #condition(): Expression {
    this.expectOperator('(');
    this.skipLines();
    const condition = this.expression();
    this.skipLines();
    this.expectOperator(')');
    return condition;
  }

  #for(): Statement {
    const { start } = this.take();
    this.expectOperator('(');
    const names = this.attempt(() => this.#loopVariables());
    if (names) {
      const collection = this.expression();
      this.expectOperator(')');
      const body = this.statementOrBlock();
      return { kind: 'for-in', ...names, collection, body, start, end: this.lastEnd };
    }
    const initial = this.isOperator(';') ? [] : [this.variable() ?? this.expressionStatement()];
    this.expectOperator(';');
    const condition = this.isOperator(';') ? {} : { condition: this.expression() };
    this.expectOperator(';');
    const update: Expression[] = [];
    while (!this.isOperator(')')) {
      update.push(this.expression());
      if (!this.takeOperator(',')) break;
    }
    this.expectOperator(')');
    const body = this.statementOrBlock();
    return { kind: 'for', initial, ...condition, update, body, start, end: this.lastEnd };
  }

  #loopVariables(): { variable: string } | undefined {
    while (this.takeName('def') || this.takeName('final') || this.takeName('var'));
    const typed = this.peek().kind === 'name' && !this.isName('in', this.peek());
    if (typed || this.isOperator('<', this.peek()) || this.isOperator('.', this.peek())) this.type();
    const variable = this.expectName('a variable');
    if (!this.takeName('in') && !this.takeOperator(':')) return undefined;
    return { variable };
  }

  #while(): Statement {
    const { start } = this.take();
    const condition = this.#condition();
    const body = this.statementOrBlock();
    return { kind: 'while', condition, body, bodyFirst: false, start, end: this.lastEnd };
  }

  #doWhile(): Statement {
    const { start } = this.take();
    const body = this.statementOrBlock();
    this.skipSeparators();
    if (!this.takeName('while')) throw this.unexpected('"while"');
    return { kind: 'while', condition: this.#condition(), body, bodyFirst: true, start, end: this.lastEnd };
  }

  #return(): Statement {
    const { start } = this.take();
    const { token } = this;
    const empty = token.kind === 'newline' || token.kind === 'end' || ['}', ';'].includes(token.text);
    const value = empty && token.kind !== 'string' ? {} : { value: this.expression() };
    return { kind: 'return', ...value, start, end: this.lastEnd };
  }

  #try(): Statement {
    const { start } = this.take();
    const body = this.statementOrBlock();
    const catches: CatchClause[] = [];
    let last: Statement | undefined;
    for (;;) {
      const mark = this.mark;
      this.skipSeparators();
      if (this.isName('catch')) catches.push(this.#catch());
      else if (this.takeName('finally')) last = this.statementOrBlock();
      else {
        this.reset(mark);
        return { kind: 'try', body, catches, ...(last ? { last } : {}), start, end: this.lastEnd };
      }
    }
  }

  #catch(): CatchClause {
    const { start } = this.take();
    this.expectOperator('(');
    this.takeName('final');
    const types: TypeNode[] = [];
    let name: string;
    if (this.peek().kind === 'name' || ['|', '.'].includes(this.peek().text)) {
      do types.push(this.type());
      while (this.takeOperator('|'));
      name = this.expectName('a variable');
    } else {
      name = this.expectName('a variable');
      if (this.takeOperator(':')) {
        do types.push(this.type());
        while (this.takeOperator('|'));
      }
    }
    this.expectOperator(')');
    const body = this.statementOrBlock();
    return { types: types.filter(({ name: type }) => type !== 'def'), name, body, start, end: this.lastEnd };
  }

  #assert(): Statement {
    const { start } = this.take();
    const condition = this.expression();
    const colon =
      this.isOperator(':') || (this.token.kind === 'newline' && this.isOperator(':', this.afterLines()));
    if (!colon && !this.isOperator(',')) return { kind: 'assert', condition, start, end: condition.end };
    this.skipLines();
    this.take();
    this.skipLines();
    const message = this.expression();
    return { kind: 'assert', condition, message, start, end: message.end };
  }

  #switch(): Statement {
    const { start } = this.take();
    const value = this.#condition();
    this.skipLines();
    this.expectOperator('{');
    const cases: SwitchCase[] = [];
    this.skipSeparators();
    while (!this.takeOperator('}')) cases.push(this.#case());
    return { kind: 'switch', value, cases, start, end: this.lastEnd };
  }

  #case(): SwitchCase {
    const { start } = this.token;
    let test: Expression | undefined;
    if (this.takeName('case')) test = this.expression();
    else if (!this.takeName('default')) throw this.unexpected('"case" or "default"');
    this.expectOperator(':');
    this.skipSeparators();
    const body: Statement[] = [];
    while (!this.isName('case') && !this.isName('default') && !this.isOperator('}')) {
      body.push(this.statement());
      this.endOfStatement('}');
    }
    return { test, body, start, end: this.lastEnd };
  }

  #import(): ImportStatement {
    const { start } = this.take();
    const isStatic = this.takeName('static');
    let path = this.expectName('the name of a class');
    while (this.takeOperator('.')) path += `.${this.takeOperator('*') ? '*' : this.expectName('a name')}`;
    const alias = this.takeName('as') ? this.expectName('a name') : path.slice(path.lastIndexOf('.') + 1);
    return { kind: 'import', path, alias, isStatic, start, end: this.lastEnd };
  }

  /** `def x = 1`, `String y`, `def (a, b) = list`; undefined where no declaration stands here. */
  protected variable(): Statement | undefined {
    const { start, kind } = this.token;
    if (kind !== 'name') return undefined;
    const modifiers: string[] = [];
    const mark = this.mark;
    while (this.token.kind === 'name' && MODIFIERS.has(this.token.text) && this.peek().kind === 'name') {
      modifiers.push(this.take().text);
    }
    if (
      (this.isName('def') || this.isName('var')) &&
      (this.peek().kind === 'name' || this.isOperator('(', this.peek()))
    ) {
      this.take();
      return this.#definition(start, modifiers);
    }
    const type = this.attempt(() => this.#declaredType());
    if (type) return this.#named(start, modifiers, type);
    if (modifiers.length > 0 && this.token.kind === 'name') return this.#named(start, modifiers);
    this.reset(mark);
    return undefined;
  }

  #declaredType(): TypeNode | undefined {
    const type = this.type();
    if (this.token.kind !== 'name' || !this.looksLikeType(type.name)) return undefined;
    if (['in', 'instanceof', 'as'].includes(this.token.text)) return undefined;
    const after = this.peek();
    const ends =
      after.kind === 'newline' || after.kind === 'end' || ['=', ';', ',', '}', ')'].includes(after.text);
    return ends && after.kind !== 'string' ? type : undefined;
  }

  #definition(start: number, modifiers: readonly string[]): Statement {
    if (this.isOperator('(')) return this.#multiple(start);
    const type = this.attempt(() => {
      const read = this.type();
      return this.token.kind === 'name' && !this.isName('in') ? read : undefined;
    });
    return this.#named(start, modifiers, type);
  }

  #named(start: number, modifiers: readonly string[], type?: TypeNode): Statement {
    const first = this.#declared(start, modifiers, type);
    if (!this.isOperator(',')) return first;
    const statements: Statement[] = [first];
    while (this.takeOperator(',')) {
      this.skipLines();
      statements.push(this.#declared(this.token.start, modifiers, type));
    }
    return { kind: 'block', statements, start: -1, end: this.lastEnd };
  }

  #declared(start: number, modifiers: readonly string[], type?: TypeNode): VariableStatement {
    const name = this.expectName('the name of a variable');
    const after = this.takeOperator(':') ? this.type() : undefined;
    const declared = type ?? after;
    const typed = declared ? { type: declared } : {};
    const assigns =
      this.isOperator('=') || (this.token.kind === 'newline' && this.isOperator('=', this.afterLines()));
    if (!assigns) return { kind: 'variable', name, ...typed, modifiers, start, end: this.lastEnd };
    this.skipLines();
    this.take();
    this.skipLines();
    const value = this.expression();
    return { kind: 'variable', name, ...typed, value, modifiers, start, end: value.end };
  }

  #multiple(start: number): Statement {
    this.expectOperator('(');
    const names: { name: string; type?: TypeNode }[] = [];
    do {
      const type = this.peek().kind === 'name' ? this.type() : undefined;
      const name = this.expectName('the name of a variable');
      const after = this.takeOperator(':') ? this.type() : type;
      names.push(after ? { name, type: after } : { name });
    } while (this.takeOperator(','));
    this.expectOperator(')');
    this.expectOperator('=');
    this.skipLines();
    const value = this.expression();
    return { kind: 'multiple-variable', names, value, start, end: value.end };
  }

  /** An expression, or a call without parentheses: `println x`, `cpus 2`, `publishDir 'x', mode: 'copy'`. */
  protected expressionStatement(): Statement {
    const expression = this.commandExpression();
    return { kind: 'expression', expression, start: expression.start, end: expression.end };
  }

  protected commandExpression(): Expression {
    let expression = this.#continued(this.expression());
    while (this.#isCommand(expression)) {
      const call = this.#command(expression);
      // `a b c d` is a(b).c(d)
      expression = this.path(call);
      if (this.token.kind === 'name' && !NO_ARGUMENT.has(this.token.text)) {
        const { start, end, text } = this.take();
        expression = {
          kind: 'property',
          object: expression,
          name: text,
          safe: false,
          spread: false,
          start,
          end,
        };
      }
    }
    return expression;
  }

  /** `path('x'), emit: y` is one call, as `path ('x'), emit: y` is. */
  #continued(call: Expression): Expression {
    if (call.kind !== 'call' || !this.isOperator(',')) return call;
    const positional = [...call.arguments.positional];
    const named = [...call.arguments.named];
    while (this.takeOperator(',')) {
      this.skipLines();
      this.argument(positional, named);
    }
    return { ...call, arguments: { positional, named }, end: this.lastEnd };
  }

  #isCommand(callee: Expression): boolean {
    if (callee.kind !== 'name' && callee.kind !== 'property') return false;
    const { token } = this;
    if (token.kind === 'string' || token.kind === 'number') return true;
    if (token.kind === 'name')
      return !NO_ARGUMENT.has(token.text) && !PRIMITIVES.has(callee.kind === 'name' ? callee.name : '');
    if (token.kind !== 'operator' || !token.spaced) return false;
    return ['[', '{', '!', '~', '(', '-'].includes(token.text) || this.#spreadMap();
  }

  #spreadMap(): boolean {
    return this.isOperator('*') && this.isOperator(':', this.peek());
  }

  #command(callee: Expression): CallNode {
    const positional: Expression[] = [];
    const named: NamedArgument[] = [];
    for (;;) {
      this.argument(positional, named);
      const comma = this.isOperator(',');
      if (!comma) break;
      this.take();
      this.skipLines();
    }
    return { kind: 'call', callee, arguments: { positional, named }, start: callee.start, end: this.lastEnd };
  }
}
