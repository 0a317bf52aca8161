import type { TypeNode } from './expression-node.ts';
import { TokenStream } from './token-stream.ts';

export const PRIMITIVES = new Set([
  ...['boolean', 'byte', 'char', 'double', 'float', 'int', 'long', 'short', 'void'],
]);

/** Types, as declarations and casts name them. */
export class TypeParser extends TokenStream {
  protected type(): TypeNode {
    const { start } = this.token;
    const words = [this.expectName('a type')];
    while (this.isOperator('.') && this.peek().kind === 'name') {
      this.take();
      words.push(this.take().text);
    }
    const parameters = this.#parameters();
    const optional = !this.token.spaced && this.takeOperator('?');
    let array = false;
    while (this.isOperator('[') && this.isOperator(']', this.peek())) {
      this.take();
      this.take();
      array = true;
    }
    return { name: words.join('.'), parameters, array, optional, start, end: this.lastEnd };
  }

  #parameters(): TypeNode[] {
    if (!this.takeOperator('<')) return [];
    const parameters: TypeNode[] = [];
    while (!this.isOperator('>')) {
      if (this.takeOperator('?')) {
        if (this.takeName('extends') || this.takeName('super')) this.type();
      } else parameters.push(this.type());
      if (!this.takeOperator(',')) break;
    }
    this.expectOperator('>');
    return parameters;
  }

  /** Whether what stands here reads like a type: primitive, or its last word begins with a capital. */
  protected looksLikeType(name: string): boolean {
    return PRIMITIVES.has(name) || /^\p{Lu}/u.test(name.slice(name.lastIndexOf('.') + 1));
  }
}
