import { errors } from '../errors.ts';
import { FUNCTIONS } from './functions.ts';
import { calculated, type Series, type Value } from './value.ts';

/** What an expression is calculated from. */
export interface MathInput {
  /** The value of another query, by its id; throws where there is none. */
  readonly named: (id: string) => Value;
  /** All metrics that the request asks for itself: `METRICS()`. */
  readonly metrics: () => readonly Series[];
  /** Timestamps of the request's range by a period of seconds. */
  readonly timestamps: (period: number) => readonly number[];
}

export type MathExpression = (input: MathInput) => Value;

interface Token {
  readonly text: string;
  readonly at: number;
}

const TOKEN =
  /\s*(\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|[A-Za-z_][A-Za-z0-9_]*|"[^"]*"|'[^']*'|&&|\|\||[=!<>]=|[-+*/^<>(),[\]])/y;
/** How deep expressions may nest. */
const DEEPEST = 64;

/** One of CloudWatch's metric math expressions: what is here of it. Throws where it cannot be read, with the place. */
export function parseMath(id: string, expression: string): MathExpression {
  return new MathParser(id, expression).parse();
}

class MathParser {
  readonly #id: string;
  readonly #tokens: readonly Token[];
  #next = 0;
  #depth = 0;

  constructor(id: string, expression: string) {
    this.#id = id;
    const tokens: Token[] = [];
    TOKEN.lastIndex = 0;
    for (let end = 0; end < expression.trimEnd().length; end = TOKEN.lastIndex) {
      const match = TOKEN.exec(expression);
      const rest = expression.slice(end).trimStart();
      const at = expression.length - rest.length;
      if (!match) throw this.#refused(`"${rest[0]}" at position ${at} cannot be read`);
      tokens.push({ text: match[1]!, at: TOKEN.lastIndex - match[1]!.length });
    }
    this.#tokens = tokens;
  }

  parse(): MathExpression {
    const whole = this.#level(0);
    const rest = this.#tokens[this.#next];
    if (rest) throw this.#refused(`"${rest.text}" at position ${rest.at} is not expected`);
    return whole;
  }

  /** Operators bind from the first list to the last. */
  #level(level: number): MathExpression {
    const signs = LEVELS[level];
    if (!signs) return this.#unary();
    let left = this.#level(level + 1);
    for (;;) {
      const sign = signs.find((one) => this.#takeWord(one));
      if (!sign) return left;
      const [first, second] = [left, this.#level(level + 1)];
      left = (input) => calculated(sign.toUpperCase(), first(input), second(input));
    }
  }

  #unary(): MathExpression {
    if (!this.#take('-')) return this.#operand();
    // A power binds closer than the sign before it.
    const inner = this.#nested(() => this.#level(LEVELS.length - 1));
    return (input) => calculated('-', 0, inner(input));
  }

  #operand(): MathExpression {
    if (this.#take('(')) {
      const inner = this.#nested(() => this.#level(0));
      this.#expect(')');
      return inner;
    }
    const token = this.#tokens[this.#next++];
    if (!token) throw this.#refused('it ends too early');
    if (/^\d/.test(token.text)) return () => Number(token.text);
    if (this.#take('[')) throw this.#refused('a place in an array is not supported here');
    if (/^[A-Z]/.test(token.text)) return this.#call(token);
    if (!/^[a-z]/.test(token.text))
      throw this.#refused(`"${token.text}" at position ${token.at} is not expected`);
    return (input) => input.named(token.text);
  }

  #call({ at, text }: Token): MathExpression {
    if (['REPEAT', 'LINEAR'].includes(text)) return () => text;
    const called = Object.hasOwn(FUNCTIONS, text) ? FUNCTIONS[text] : undefined;
    if (!called) throw this.#refused(`the function ${text} at position ${at} is not supported here`);
    this.#expect('(');
    const given: MathExpression[] = [];
    if (!this.#take(')')) {
      do given.push(this.#nested(() => this.#level(0)));
      while (this.#take(','));
      this.#expect(')');
    }
    if (!called.takes.includes(given.length))
      throw this.#refused(`${text} at position ${at} does not take ${given.length} arguments`);
    return (input) => {
      const result = called.of(
        given.map((one) => one(input)),
        input,
      );
      if (result === undefined) throw this.#refused(`${text} at position ${at} cannot be applied to that`);
      return result;
    };
  }

  #nested(parse: () => MathExpression): MathExpression {
    this.#depth += 1;
    if (this.#depth > DEEPEST) throw this.#refused('it nests too deep');
    const inner = parse();
    this.#depth -= 1;
    return inner;
  }

  #take(text: string): boolean {
    if (this.#tokens[this.#next]?.text !== text) return false;
    this.#next += 1;
    return true;
  }

  #takeWord(word: string): boolean {
    if (this.#tokens[this.#next]?.text.toUpperCase() !== word) return false;
    this.#next += 1;
    return true;
  }

  #expect(text: string): void {
    const found = this.#tokens[this.#next];
    if (this.#take(text)) return;
    throw this.#refused(
      found ? `${text} is expected at position ${found.at}` : `${text} is expected at the end`,
    );
  }

  #refused(reason: string): Error {
    return errors.badExpression({ id: this.#id, reason });
  }
}

const LEVELS = [
  ['||', 'OR'],
  ['&&', 'AND'],
  ['==', '!=', '<=', '>=', '<', '>'],
  ['+', '-'],
  ['*', '/'],
  ['^'],
] as const;
