import type {
  Arguments,
  ClosureNode,
  Expression,
  MapNode,
  NamedArgument,
  Parameter,
  SpreadNode,
} from './expression-node.ts';
import type { Block } from './statement-node.ts';
import type { StringToken, Token } from './token.ts';
import { PRIMITIVES, TypeParser } from './type-parser.ts';

/** Binary operators by how tightly they bind; `as`, `instanceof` and `in` stand with the comparisons. */
const LEVELS: Readonly<Record<string, number>> = {
  '||': 1,
  '&&': 2,
  '|': 3,
  '^': 4,
  '&': 5,
  '=~': 6,
  '==~': 6,
  '==': 7,
  '!=': 7,
  '===': 7,
  '!==': 7,
  '<=>': 7,
  '<': 8,
  '<=': 8,
  '>': 8,
  '>=': 8,
  in: 8,
  '!in': 8,
  instanceof: 8,
  '!instanceof': 8,
  as: 8,
  '<<': 9,
  '>>': 9,
  '>>>': 9,
  '..': 9,
  '..<': 9,
  '<..': 9,
  '+': 10,
  '-': 10,
  '*': 11,
  '/': 11,
  '%': 11,
  '**': 13,
};
/** What may stand at the beginning of the next line and still continue an expression. */
const CONTINUES_LINE = new Set([
  ...['||', '&&', '|', '^', '&', '=~', '==~', '==', '!=', '===', '!==', '<=>', '<', '<=', '>', '>='],
  ...['*', '/', '%', '?', '?:', '=', ':', '<<', '>>', '..', '..<'],
]);
const ASSIGNMENTS = new Set([...['=', '+=', '-=', '*=', '/=', '%=', '**=', '<<=', '&=', '|=', '^=', '?=']]);
const RESERVED = new Set([
  ...['if', 'else', 'for', 'while', 'do', 'return', 'throw', 'try', 'catch', 'finally', 'switch', 'case'],
  ...['break', 'continue', 'class', 'import', 'def', 'instanceof', 'as', 'assert', 'extends'],
]);

/** Groovy's expressions. */
export abstract class ExpressionParser extends TypeParser {
  protected abstract blockUpTo(close: '}'): Block;

  protected expression(): Expression {
    return this.nested(() => this.#assignment());
  }

  #assignment(): Expression {
    const left = this.#conditional();
    const operator = this.#continuing();
    if (operator === undefined || !ASSIGNMENTS.has(operator.text)) return left;
    this.skipLines();
    this.take();
    this.skipLines();
    const value = this.expression();
    const place = { start: left.start, end: value.end };
    if (operator.text === '=' && left.kind === 'list' && left.items.length > 0) {
      return { kind: 'multiple-assign', targets: left.items, value, ...place };
    }
    if (left.kind !== 'name' && left.kind !== 'property' && left.kind !== 'index') {
      throw this.fault('Nothing can be assigned to this.', left.start, left.end);
    }
    return { kind: 'assign', operator: operator.text, target: left, value, ...place };
  }

  /** The operator here, or on the next line where it can stand there. */
  #continuing(): Token | undefined {
    const { token } = this;
    if (token.kind === 'operator') return token;
    if (token.kind === 'name') return token;
    if (token.kind !== 'newline') return undefined;
    const next = this.afterLines();
    if (next.kind === 'operator' && CONTINUES_LINE.has(next.text) && next.text !== ':') return next;
    return next.kind === 'name' && ['instanceof', 'as', 'in'].includes(next.text) ? next : undefined;
  }

  #conditional(): Expression {
    const condition = this.#binary(1);
    const operator = this.#continuing();
    if (operator?.kind !== 'operator' || (operator.text !== '?' && operator.text !== '?:')) return condition;
    this.skipLines();
    this.take();
    this.skipLines();
    if (operator.text === '?:') {
      const negative = this.nested(() => this.#conditional());
      return {
        kind: 'ternary',
        condition,
        positive: undefined,
        negative,
        start: condition.start,
        end: negative.end,
      };
    }
    const positive = this.expression();
    this.skipLines();
    this.expectOperator(':');
    this.skipLines();
    const negative = this.nested(() => this.#conditionalOrAssignment());
    return { kind: 'ternary', condition, positive, negative, start: condition.start, end: negative.end };
  }

  #conditionalOrAssignment(): Expression {
    return this.#assignment();
  }

  #binary(lowest: number): Expression {
    let left = this.#unary();
    for (;;) {
      const operator = this.#binaryOperator();
      const level = operator === undefined ? undefined : LEVELS[operator];
      if (operator === undefined || level === undefined || level < lowest) return left;
      left = this.nested(() => this.#withRight(left, operator, level));
    }
  }

  /** The text of the binary operator that stands here; `>` and `>` that touch are one. */
  #binaryOperator(): string | undefined {
    const token = this.#continuing();
    if (token === undefined) return undefined;
    if (token.kind === 'name') {
      return token.text === 'in' || token.text === 'instanceof' || token.text === 'as'
        ? token.text
        : undefined;
    }
    const ahead = (count: number) => this.#tokenFrom(token, count);
    if (token.text === '!') {
      const next = ahead(1);
      const word = next?.kind === 'name' && next.start === token.end ? next.text : '';
      return word === 'in' || word === 'instanceof' ? `!${word}` : undefined;
    }
    if (token.text !== '>') return token.text;
    let [text, last] = ['>', token];
    for (let count = 1; count < 3; count += 1) {
      const next = ahead(count);
      if (next?.kind !== 'operator' || next.text !== '>' || next.start !== last.end) break;
      [text, last] = [`${text}>`, next];
    }
    return text;
  }

  #tokenFrom(token: Token, count: number): Token | undefined {
    let ahead = 0;
    while (this.peek(ahead) !== token) ahead += 1;
    return this.peek(ahead + count);
  }

  #withRight(left: Expression, operator: string, level: number): Expression {
    this.skipLines();
    const words =
      operator.startsWith('!') && operator.length > 2 ? 2 : /^>+$/.test(operator) ? operator.length : 1;
    for (let count = 0; count < words; count += 1) this.take();
    this.skipLines();
    const { start } = left;
    if (operator === 'as') {
      const type = this.type();
      return { kind: 'cast', value: left, type, start, end: type.end };
    }
    if (operator === 'instanceof' || operator === '!instanceof') {
      const type = this.type();
      return { kind: 'instanceof', value: left, type, negated: operator[0] === '!', start, end: type.end };
    }
    const right = operator === '**' ? this.#unary() : this.#binary(level + 1);
    const { end } = right;
    if (operator === '..' || operator === '..<' || operator === '<..') {
      const [openStart, openEnd] = [operator === '<..', operator === '..<'];
      return { kind: 'range', from: left, to: right, openStart, openEnd, start, end };
    }
    return { kind: 'binary', operator, left, right, start, end };
  }

  #unary(): Expression {
    const { token } = this;
    if (token.kind === 'operator') {
      if (['!', '-', '+', '~', '++', '--'].includes(token.text))
        return this.nested(() => this.#prefixed(token));
      if (token.text === '(') {
        const cast = this.#cast();
        if (cast) return cast;
      }
    }
    const operand = this.#postfix();
    return operand;
  }

  #prefixed(token: Token): Expression {
    this.take();
    this.skipLines();
    const operator = token.text as '!' | '-' | '+' | '~' | '++' | '--';
    // The sign binds less tightly than a power: -2 ** 2 is -4.
    const operand = operator === '-' || operator === '+' ? this.#binary(13) : this.#unary();
    return { kind: 'unary', operator, operand, start: token.start, end: operand.end };
  }

  /** `(Type) value`. */
  #cast(): Expression | undefined {
    const next = this.peek();
    if (next.kind !== 'name') return undefined;
    const { start } = this.token;
    const type = this.attempt(() => {
      this.take();
      const read = this.type();
      if (!this.looksLikeType(read.name) || !this.takeOperator(')')) return undefined;
      return this.#beginsOperand(read.name) ? read : undefined;
    });
    if (!type) return undefined;
    const value = this.nested(() => this.#unary());
    return { kind: 'cast', value, type, start, end: value.end };
  }

  #beginsOperand(type: string): boolean {
    const { token } = this;
    if (token.kind === 'string' || token.kind === 'number') return true;
    if (token.kind === 'name') return !['in', 'instanceof', 'as'].includes(token.text);
    if (token.kind !== 'operator') return false;
    if (token.text === '-') return PRIMITIVES.has(type);
    return token.text === '(' || token.text === '{' || (token.text === '[' && token.spaced);
  }

  #postfix(): Expression {
    const operand = this.path(this.#primary());
    if (this.isOperator('++') || this.isOperator('--')) {
      const operator = this.take().text as '++' | '--';
      return { kind: 'postfix', operator, operand, start: operand.start, end: this.lastEnd };
    }
    return operand;
  }

  /** What follows a primary: properties, calls, indexes, closures. */
  protected path(primary: Expression): Expression {
    let left = primary;
    for (;;) {
      const next = this.#pathElement(left);
      if (!next) return left;
      left = next;
    }
  }

  #pathElement(left: Expression): Expression | undefined {
    const { start } = left;
    const operator = this.token.kind === 'newline' ? this.afterLines() : this.token;
    if (operator.kind !== 'operator') return undefined;
    if (['.', '?.', '*.', '.@', '.&', '::'].includes(operator.text)) {
      this.skipLines();
      return this.#member(left, operator.text);
    }
    if (this.token.kind === 'newline') return undefined;
    switch (operator.text) {
      case '(': {
        const given = this.parenthesized();
        const withClosures = this.#trailingClosures(given);
        return { kind: 'call', callee: left, arguments: withClosures, start, end: this.lastEnd };
      }
      case '[':
      case '?[': {
        if (operator.spaced && this.#beginsMapArgument(left)) return undefined;
        this.take();
        const indexes = this.#listItems(']');
        return {
          kind: 'index',
          object: left,
          indexes,
          safe: operator.text === '?[',
          start,
          end: this.lastEnd,
        };
      }
      case '{': {
        if (!this.takesClosure(left)) return undefined;
        const given = this.#trailingClosures({ positional: [], named: [] });
        return { kind: 'call', callee: left, arguments: given, start, end: this.lastEnd };
      }
      default:
        return undefined;
    }
  }

  /** `directive [a: 1]` is a call; `list [1]` an index. */
  #beginsMapArgument(left: Expression): boolean {
    if (left.kind !== 'name') return false;
    const [first, second] = [this.peek(1), this.peek(2)];
    return (
      ((first.kind === 'name' || first.kind === 'string') && this.isOperator(':', second)) ||
      this.isOperator(':', first)
    );
  }

  protected takesClosure(left: Expression): boolean {
    return left.kind === 'name' || left.kind === 'property';
  }

  #trailingClosures({ positional, named }: Arguments): Arguments {
    const closures: Expression[] = [];
    while (this.isOperator('{')) closures.push(this.closure());
    return closures.length === 0
      ? { positional, named }
      : { positional: [...positional, ...closures], named };
  }

  #member(object: Expression, operator: string): Expression {
    this.take();
    this.skipLines();
    const { start } = object;
    const { token } = this;
    if (operator === '.&' || operator === '::') {
      const name = this.expectName('the name of a method');
      return { kind: 'method-pointer', object, name, start, end: this.lastEnd };
    }
    const [safe, spread] = [operator === '?.', operator === '*.'];
    const name = this.#memberName(token);
    const field = operator === '.@' ? { field: true } : {};
    return { kind: 'property', object, name, safe, spread, ...field, start, end: this.lastEnd };
  }

  #memberName(token: Token): string | Expression {
    if (token.kind === 'name') return this.take().text;
    if (token.kind === 'string') {
      const read = this.string();
      return read.kind === 'literal' ? String(read.value) : read;
    }
    if (this.isOperator('(')) {
      this.take();
      const name = this.expression();
      this.expectOperator(')');
      return name;
    }
    throw this.unexpected('the name of a property or method');
  }

  /** `(a, b: c, *d)`. */
  protected parenthesized(): Arguments {
    this.expectOperator('(');
    const given = this.argumentsUpTo(')');
    this.expectOperator(')');
    return given;
  }

  protected argumentsUpTo(close: string): Arguments {
    const positional: Expression[] = [];
    const named: NamedArgument[] = [];
    while (!this.isOperator(close)) {
      this.argument(positional, named);
      if (!this.takeOperator(',')) break;
      this.skipLines();
    }
    return { positional, named };
  }

  protected argument(positional: Expression[], named: NamedArgument[]): void {
    const name = this.#label();
    if (name) named.push(name);
    else if (this.isOperator('*') && this.isOperator(':', this.peek())) {
      const spread = this.#spread();
      const empty: MapNode = { kind: 'map', entries: [spread], start: spread.start, end: spread.end };
      positional.unshift(empty);
    } else positional.push(this.#item());
  }

  /** `name: value`. */
  #label(): NamedArgument | undefined {
    const { token } = this;
    const colon = this.peek();
    const simple =
      (token.kind === 'name' || token.kind === 'string' || token.kind === 'number') &&
      this.isOperator(':', colon);
    if (!simple && !this.isOperator('(')) return undefined;
    if (!simple) return this.#computedLabel();
    const name = this.#labelName(token);
    this.take();
    this.skipLines();
    const value = this.expression();
    return { name, value, start: token.start, end: value.end };
  }

  /** `(expression): value`. */
  #computedLabel(): NamedArgument | undefined {
    if (!this.#keyAhead()) return undefined;
    const { start } = this.take();
    const name = this.expression();
    this.expectOperator(')');
    this.expectOperator(':');
    this.skipLines();
    const value = this.expression();
    return { name, value, start, end: value.end };
  }

  /** Whether a colon comes before the item ends. It is looked for, not tried: trying twice at every level never ends. */
  #keyAhead(): boolean {
    let depth = 0;
    for (let ahead = 0; ; ahead += 1) {
      const token = this.peek(ahead);
      if (token.kind === 'end') return false;
      if (token.kind !== 'operator') continue;
      if (['(', '[', '{', '?['].includes(token.text)) depth += 1;
      else if ([')', ']', '}'].includes(token.text)) depth -= 1;
      if (depth < 0) return false;
      if (depth > 0) continue;
      if (token.text === ':') return true;
      if (token.text === ',' || token.text === '?') return false;
    }
  }

  #labelName(token: Token): Expression {
    if (token.kind === 'string') return this.string();
    this.take();
    const { start, end, text } = token;
    if (token.kind === 'number') return { kind: 'number', text, start, end };
    return { kind: 'literal', value: text, start, end };
  }

  #item(): Expression {
    if (this.isOperator('*')) return this.#spread();
    return this.expression();
  }

  #spread(): SpreadNode {
    const { start } = this.expectOperator('*');
    this.takeOperator(':');
    const value = this.expression();
    return { kind: 'spread', value, start, end: value.end };
  }

  #listItems(close: string): Expression[] {
    const items: Expression[] = [];
    this.skipLines();
    while (!this.isOperator(close)) {
      items.push(this.#item());
      this.skipLines();
      if (!this.takeOperator(',')) break;
      this.skipLines();
    }
    this.expectOperator(close);
    return items;
  }

  #primary(): Expression {
    const { token } = this;
    const { start, end } = token;
    if (token.kind === 'string') return this.string();
    if (token.kind === 'number') {
      this.take();
      return { kind: 'number', text: token.text, start, end };
    }
    if (token.kind === 'name') return this.#word(token);
    if (this.isOperator('(')) return this.#grouped();
    if (this.isOperator('[')) return this.#listOrMap();
    if (this.isOperator('{')) return this.closure();
    throw this.unexpected('an expression');
  }

  #word(token: Token): Expression {
    const { start, end, text } = token;
    if (text === 'new') return this.#creation();
    if (RESERVED.has(text)) throw this.unexpected('an expression');
    this.take();
    if (text === 'true' || text === 'false') return { kind: 'literal', value: text === 'true', start, end };
    if (text === 'null') return { kind: 'literal', value: null, start, end };
    return { kind: 'name', name: text, start, end };
  }

  #creation(): Expression {
    const { start } = this.take();
    const type = this.type();
    const given = this.isOperator('(') ? this.parenthesized() : { positional: [], named: [] };
    if (this.isOperator('[')) {
      this.take();
      const size = this.#listItems(']');
      return {
        kind: 'new',
        type: { ...type, array: true },
        arguments: { positional: size, named: [] },
        start,
        end: this.lastEnd,
      };
    }
    return { kind: 'new', type, arguments: given, start, end: this.lastEnd };
  }

  /** `(value)`, or the targets of `(a, b) = list`. */
  #grouped(): Expression {
    const { start } = this.take();
    this.skipLines();
    const first = this.expression();
    const items = [first];
    while (this.takeOperator(',')) items.push(this.expression());
    this.skipLines();
    this.expectOperator(')');
    if (items.length === 1) return first;
    if (!this.isOperator('=')) throw this.unexpected('"=" after a list of variables');
    return { kind: 'list', items, start, end: this.lastEnd };
  }

  #listOrMap(): Expression {
    const { start } = this.take();
    this.skipLines();
    if (this.isOperator(':')) {
      this.take();
      this.expectOperator(']');
      return { kind: 'map', entries: [], start, end: this.lastEnd };
    }
    const map = this.#mapEntries(start);
    if (map) return map;
    const items = this.#listItems(']');
    return { kind: 'list', items, start, end: this.lastEnd };
  }

  #mapEntries(start: number): MapNode | undefined {
    const first = this.#mapEntry();
    if (!first) return undefined;
    const entries = [first];
    while (this.takeOperator(',')) {
      if (this.isOperator(']')) break;
      const entry = this.#mapEntry();
      if (!entry) throw this.unexpected('an entry of the map, "key: value"');
      entries.push(entry);
    }
    this.expectOperator(']');
    return { kind: 'map', entries, start, end: this.lastEnd };
  }

  #mapEntry(): NamedArgument | SpreadNode | undefined {
    if (this.isOperator('*')) return this.isOperator(':', this.peek()) ? this.#spread() : undefined;
    return this.#label() ?? this.#expressionKey();
  }

  /** `[-1: 'a']`, `[a.b: 1]`, `[null: 1]`. */
  #expressionKey(): NamedArgument | undefined {
    if (this.token.kind === 'string' || !['name', 'operator', 'number'].includes(this.token.kind))
      return undefined;
    if (this.token.kind === 'operator' && this.token.text !== '-') return undefined;
    if (!this.#keyAhead()) return undefined;
    const name = this.path(this.isOperator('-') ? this.#unary() : this.#primary());
    this.expectOperator(':');
    const value = this.expression();
    return { name, value, start: name.start, end: value.end };
  }

  protected string(): Expression {
    const token = this.take() as StringToken;
    const { start, end, parts } = token;
    if (!parts) return { kind: 'literal', value: token.text, start, end };
    const texts: string[] = [];
    const values: Expression[] = [];
    for (const part of parts) {
      if ('text' in part) texts.push(part.text);
      else values.push(this.within(part.tokens, () => this.#placeholder()));
    }
    return { kind: 'interpolation', texts, values, start, end };
  }

  #placeholder(): Expression {
    this.skipSeparators();
    const { start } = this.token;
    if (this.token.kind === 'end') return { kind: 'literal', value: null, start, end: start };
    // `${-> value}` is a closure that is called whenever the text is needed.
    if (this.isOperator('->')) return this.#closureBody(start, []);
    const value = this.expression();
    this.skipSeparators();
    const end: Token = this.token;
    if (end.kind !== 'end') throw this.unexpected('"}"');
    return value;
  }

  protected closure(): ClosureNode {
    const { start } = this.expectOperator('{');
    const parameters = this.#closureParameters();
    return this.#closure(start, parameters);
  }

  #closure(start: number, parameters: readonly Parameter[] | undefined): ClosureNode {
    const body = this.nested(() => this.blockUpTo('}'));
    return { kind: 'closure', parameters, body, start, end: this.lastEnd };
  }

  #closureBody(start: number, parameters: readonly Parameter[]): ClosureNode {
    this.take();
    const value = this.expression();
    const statement = { kind: 'expression', expression: value, start: value.start, end: value.end } as const;
    const body: Block = { kind: 'block', statements: [statement], start: value.start, end: value.end };
    return { kind: 'closure', parameters, body, start, end: value.end };
  }

  #closureParameters(): readonly Parameter[] | undefined {
    if (!this.#arrowAhead()) return undefined;
    this.skipLines();
    const parameters = this.parameters('->');
    this.skipLines();
    this.expectOperator('->');
    return parameters;
  }

  /** Whether an arrow ends what could be the parameters. */
  #arrowAhead(): boolean {
    let depth = 0;
    for (let ahead = 0; ; ahead += 1) {
      const token = this.peek(ahead);
      if (token.kind === 'end') return false;
      if (token.kind === 'newline' && !this.#betweenParameters(ahead)) return false;
      if (token.kind !== 'operator') continue;
      if (depth === 0 && token.text === '->') return true;
      if (token.text === ';') return false;
      if (['(', '[', '{', '?['].includes(token.text)) depth += 1;
      else if ([')', ']', '}'].includes(token.text) && (depth -= 1) < 0) return false;
    }
  }

  /** A line may end after the brace, after a comma, and before the arrow. */
  #betweenParameters(ahead: number): boolean {
    let [before, after] = [ahead - 1, ahead + 1];
    while (before >= 0 && this.peek(before).kind === 'newline') before -= 1;
    while (this.peek(after).kind === 'newline') after += 1;
    return (
      before < 0 || this.isOperator(',', this.peek(before)) || ['->', ','].includes(this.peek(after).text)
    );
  }

  /** `a, String b, c = 1, d: Integer`. */
  protected parameters(close: string): Parameter[] {
    const parameters: Parameter[] = [];
    this.skipLines();
    while (!this.isOperator(close)) {
      parameters.push(this.#parameter());
      this.skipLines();
      if (!this.takeOperator(',')) break;
      this.skipLines();
    }
    return parameters;
  }

  #parameter(): Parameter {
    const { start } = this.token;
    while (this.takeName('def') || this.takeName('final') || this.takeName('var'));
    const type = this.attempt(() => {
      const read = this.type();
      return this.token.kind === 'name' || this.isOperator('...') ? read : undefined;
    });
    const rest = this.takeOperator('...');
    const name = this.expectName('the name of a parameter');
    const after = this.takeOperator(':') ? this.type() : undefined;
    const initial = this.takeOperator('=') ? (this.skipLines(), this.expression()) : undefined;
    const declared = type ?? after;
    return {
      name,
      ...(declared ? { type: declared } : {}),
      ...(initial ? { initial } : {}),
      ...(rest ? { rest } : {}),
      ...{ start, end: this.lastEnd },
    };
  }
}
