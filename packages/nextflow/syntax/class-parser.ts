import type { Parameter } from './expression-node.ts';
import type {
  Block,
  ClassNode,
  EnumNode,
  FunctionNode,
  RecordNode,
  Statement,
  VariableStatement,
} from './statement-node.ts';
import { StatementParser } from './statement-parser.ts';

const MODIFIERS = new Set(['public', 'private', 'protected', 'static', 'final', 'abstract', 'synchronized']);

/** Functions, classes, enumerations and records. */
export class ClassParser extends StatementParser {
  protected declaration(): Statement | undefined {
    const { token } = this;
    if (token.kind !== 'name') return undefined;
    const mark = this.mark;
    const { start } = token;
    this.modifiers();
    if (this.peek().kind === 'name') {
      if (this.isName('class') || this.isName('interface') || this.isName('trait')) return this.#class(start);
      if (this.isName('enum')) return this.#enum(start);
      if (this.isName('record') && this.isOperator('{', this.peek(2))) return this.#record(start);
    }
    this.reset(mark);
    return this.attempt(() => this.functionHead()) ? this.#function(mark) : undefined;
  }

  protected modifiers(): string[] {
    const found: string[] = [];
    for (;;) {
      if (this.isOperator('@') && this.peek().kind === 'name') {
        this.take();
        found.push(`@${this.type().name}`);
        if (this.isOperator('(')) this.parenthesized();
        this.skipLines();
      } else if (this.token.kind === 'name' && MODIFIERS.has(this.token.text)) found.push(this.take().text);
      else return found;
    }
  }

  /** `def name(`, `static Type name(`; what stands between. */
  protected functionHead(): { readonly name: string; readonly isStatic: boolean } | undefined {
    const modifiers = this.modifiers();
    const isStatic = modifiers.includes('static');
    const untyped = this.takeName('def');
    const typed = this.attempt(() => {
      const type = this.type();
      const named = this.token.kind === 'name' || (untyped && this.token.kind === 'string');
      return named && (untyped || this.looksLikeType(type.name)) ? type : undefined;
    });
    if (!untyped && !typed && modifiers.length === 0) return undefined;
    if (this.token.kind !== 'name' && !(untyped && this.token.kind === 'string')) return undefined;
    const name = this.take().text;
    return this.isOperator('(') ? { name, isStatic } : undefined;
  }

  #function(mark: number): FunctionNode | undefined {
    const { start } = this.peek(mark - this.mark);
    this.reset(mark);
    const head = this.functionHead();
    if (!head) return undefined;
    const { start: parenthesis } = this.expectOperator('(');
    const parameters = this.parameters(')');
    this.expectOperator(')');
    if (this.takeOperator('->')) this.type();
    if (this.takeName('throws'))
      do this.type();
      while (this.takeOperator(','));
    const body = this.#body(parenthesis);
    return { kind: 'function', ...head, parameters, body, start, end: this.lastEnd };
  }

  #body(_at: number): Block {
    if (this.afterLines().text !== '{') throw this.unexpected('"{" and the body of the function');
    this.skipLines();
    this.take();
    return this.nested(() => this.blockUpTo('}'));
  }

  #class(start: number): ClassNode {
    this.take();
    const name = this.expectName('the name of the class');
    if (this.isOperator('<')) this.#typeParameters();
    const parent = this.takeName('extends') ? { parent: this.type() } : {};
    if (this.takeName('implements'))
      do this.type();
      while (this.takeOperator(','));
    this.skipLines();
    this.expectOperator('{');
    const fields: VariableStatement[] = [];
    const methods: FunctionNode[] = [];
    const initializers: Block[] = [];
    this.skipSeparators();
    while (!this.takeOperator('}')) {
      this.#member(name, fields, methods, initializers);
      this.endOfStatement('}');
    }
    return { kind: 'class', name, ...parent, fields, methods, initializers, start, end: this.lastEnd };
  }

  #typeParameters(): void {
    while (!this.takeOperator('>')) this.take();
  }

  #member(owner: string, fields: VariableStatement[], methods: FunctionNode[], initializers: Block[]): void {
    const mark = this.mark;
    this.modifiers();
    if (this.isName(owner) && this.isOperator('(', this.peek())) {
      methods.push(this.#initializer());
      return;
    }
    if (this.takeOperator('{')) {
      initializers.push(this.blockUpTo('}'));
      return;
    }
    this.reset(mark);
    const method = this.attempt(() => this.functionHead()) ? this.#function(mark) : undefined;
    if (method) {
      methods.push(method);
      return;
    }
    const modifiers = this.modifiers();
    const field = this.variable() ?? this.expressionStatement();
    if (field.kind === 'variable') fields.push({ ...field, modifiers: [...modifiers, ...field.modifiers] });
    else if (field.kind === 'block') fields.push(...(field.statements as VariableStatement[]));
    else if (modifiers.length > 0 && field.kind === 'expression')
      this.#untyped(field.expression, modifiers, fields);
    else throw this.fault('Expected a field or a method.', field.start, field.end);
  }

  /** `static final NAME = value`. */
  #untyped(
    expression: import('./expression-node.ts').Expression,
    modifiers: string[],
    fields: VariableStatement[],
  ): void {
    const { start, end } = expression;
    if (expression.kind === 'name')
      fields.push({ kind: 'variable', name: expression.name, modifiers, start, end });
    else if (expression.kind === 'assign' && expression.target.kind === 'name') {
      const { target, value } = expression;
      fields.push({ kind: 'variable', name: target.name, value, modifiers, start, end });
    } else throw this.fault('Expected a field or a method.', start, end);
  }

  #initializer(): FunctionNode {
    const { start } = this.take();
    this.expectOperator('(');
    const parameters = this.parameters(')');
    this.expectOperator(')');
    const body = this.#body(start);
    return { kind: 'function', name: '<init>', parameters, body, isStatic: false, start, end: this.lastEnd };
  }

  #enum(start: number): EnumNode {
    this.take();
    const name = this.expectName('the name of the enumeration');
    this.skipLines();
    this.expectOperator('{');
    const constants: string[] = [];
    this.skipSeparators();
    while (!this.takeOperator('}')) {
      constants.push(this.expectName('a constant'));
      this.skipLines();
      if (!this.takeOperator(',')) this.skipSeparators();
      this.skipLines();
    }
    return { kind: 'enum', name, constants, start, end: this.lastEnd };
  }

  #record(start: number): RecordNode {
    this.take();
    const name = this.expectName('the name of the record');
    this.expectOperator('{');
    const fields: Parameter[] = [];
    this.skipSeparators();
    while (!this.takeOperator('}')) {
      fields.push(this.nameAndType());
      this.takeOperator(',');
      this.skipSeparators();
    }
    return { kind: 'record', name, fields, start, end: this.lastEnd };
  }

  /** `name: Type`. */
  protected nameAndType(): Parameter {
    const { start } = this.token;
    const name = this.expectName('a name');
    const type = this.takeOperator(':') ? { type: this.type() } : {};
    return { name, ...type, start, end: this.lastEnd };
  }
}
