import { ClassParser } from './class-parser.ts';
import type { Expression } from './expression-node.ts';
import { Lexer } from './lexer.ts';
import type { Source } from './source.ts';
import type { Token } from './token.ts';

/** A template file (`$name`, `${...}`), or the text of a shell block (`!{...}`), as a text with placeholders. */
export function parseTemplate(source: Source, marker: '$' | '!'): Expression {
  return new TemplateParser(source, marker).template();
}

class TemplateParser extends ClassParser {
  readonly #marker: '$' | '!';

  constructor(source: Source, marker: '$' | '!') {
    super(source, [{ kind: 'end', text: '', start: 0, end: 0, spaced: false }]);
    this.#marker = marker;
  }

  template(): Expression {
    const { text } = this.source;
    const texts = [''];
    const values: Expression[] = [];
    const name = /[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*/y;
    for (let at = 0; at < text.length;) {
      if (text[at] === '\\' && text[at + 1] === this.#marker) {
        texts.push(`${texts.pop()}${this.#marker}`);
        at += 2;
        continue;
      }
      const braces = text[at] === this.#marker && text[at + 1] === '{';
      name.lastIndex = at + 1;
      const path = this.#marker === '$' && text[at] === '$' && !braces ? name.exec(text)?.[0] : undefined;
      if (!braces && path === undefined) {
        texts.push(`${texts.pop()}${text[at]}`);
        at += 1;
        continue;
      }
      const lexer = new Lexer(this.source, braces ? at + 2 : at + 1, true);
      const tokens: readonly Token[] = braces ? lexer.tokens() : [];
      values.push(braces ? this.within(tokens, () => this.expression()) : this.#path(path!, at + 1));
      texts.push('');
      at = braces ? lexer.at + 1 : at + 1 + path!.length;
    }
    return { kind: 'interpolation', texts, values, start: 0, end: text.length };
  }

  #path(path: string, start: number): Expression {
    const [first = '', ...rest] = path.split('.');
    const end = start + path.length;
    return rest.reduce<Expression>(
      (object, name) => ({ kind: 'property', object, name, safe: false, spread: false, start, end }),
      { kind: 'name', name: first, start, end },
    );
  }
}
