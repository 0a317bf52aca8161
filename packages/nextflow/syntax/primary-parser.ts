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
import { TypeParser } from './type-parser.ts';

const RESERVED = new Set([
  ...['if', 'else', 'for', 'while', 'do', 'return', 'throw', 'try', 'catch', 'finally', 'switch', 'case'],
  ...['break', 'continue', 'class', 'import', 'def', 'instanceof', 'as', 'assert', 'extends'],
]);

/** What expressions are made of: literals, closures, arguments, lists and maps. */
export abstract class PrimaryParser extends TypeParser {
  protected abstract blockUpTo(close: '}'): Block;
  protected abstract expression(): Expression;
  protected abstract unary(): Expression;
  protected abstract path(primary: Expression): Expression;

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

  protected listItems(close: string): Expression[] {
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

  protected primary(): Expression {
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
      const size = this.listItems(']');
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
    const items = this.listItems(']');
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
    const name = this.path(this.isOperator('-') ? this.unary() : this.primary());
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
