import type { Arguments, Expression } from './expression-node.ts';
import { PrimaryParser } from './primary-parser.ts';
import type { Token } from './token.ts';
import { PRIMITIVES } from './type-parser.ts';

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

/** Groovy's expressions. */
export abstract class ExpressionParser extends PrimaryParser {
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
    let left = this.unary();
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
    const right = operator === '**' ? this.unary() : this.#binary(level + 1);
    const { end } = right;
    if (operator === '..' || operator === '..<' || operator === '<..') {
      const [openStart, openEnd] = [operator === '<..', operator === '..<'];
      return { kind: 'range', from: left, to: right, openStart, openEnd, start, end };
    }
    return { kind: 'binary', operator, left, right, start, end };
  }

  protected unary(): Expression {
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
    const operand = operator === '-' || operator === '+' ? this.#binary(13) : this.unary();
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
    const value = this.nested(() => this.unary());
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
    const operand = this.path(this.primary());
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
        const indexes = this.listItems(']');
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
}
