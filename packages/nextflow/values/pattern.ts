import { escapeRegExp } from '../files/escape.ts';
import { fault } from './errors.ts';
import { GroovyObject, type Value } from './value.ts';

const CLASSES: Readonly<Record<string, string>> = {
  ...{ Alpha: 'a-zA-Z', Digit: '0-9', Alnum: 'a-zA-Z0-9', Upper: 'A-Z', Lower: 'a-z', Space: '\\s' },
  ...{ Punct: '!-\\/:-@\\[-`{-~', XDigit: '0-9a-fA-F', Blank: ' \\t', ASCII: '\\x00-\\x7F', Word: '\\w' },
};
const END = '(?![\\s\\S])';

/** A regular expression of Java's dialect: java.util.regex.Pattern. */
export class Pattern extends GroovyObject {
  readonly className = 'Pattern';
  readonly written: string;
  readonly #source: string;
  readonly #flags: string;
  #whole: RegExp | undefined;

  constructor(written: string, flags = '') {
    super();
    this.written = written;
    [this.#source, this.#flags] = translate(written, flags);
  }

  static of(value: Value): Pattern {
    return value instanceof Pattern ? value : patternOf(String(value));
  }

  /** A new expression that finds, with a place of its own. */
  finder(): RegExp {
    return make(this.#source, `${this.#flags}g`, this.written);
  }

  matches(text: string): RegExpExecArray | null {
    this.#whole ??= make(`^(?:${this.#source})${END}`, this.#flags.replace('m', ''), this.written);
    return this.#whole.exec(text);
  }

  finds(text: string): boolean {
    return this.finder().test(text);
  }

  override invoke(name: string, args: readonly Value[]): Value | undefined {
    switch (name) {
      case 'matcher':
        return new Matcher(this, String(args[0]));
      case 'pattern':
        return this.written;
      case 'split':
        return String(args[0]).split(this.finder());
      case 'isCase':
        return this.matches(String(args[0])) !== null;
      case 'asPredicate':
        return this;
      default:
        return undefined;
    }
  }

  override equals(other: Value): boolean {
    return other instanceof Pattern && other.written === this.written;
  }

  override key(): Value {
    return ['pattern', this.written];
  }

  toString(): string {
    return this.written;
  }
}

const cache = new Map<string, Pattern>();

/** Patterns are made again and again from the same text, inside of closures. */
function patternOf(written: string): Pattern {
  let made = cache.get(written);
  if (!made) {
    if (cache.size > 1_000) cache.clear();
    cache.set(written, (made = new Pattern(written)));
  }
  return made;
}

function make(source: string, flags: string, written: string): RegExp {
  try {
    return new RegExp(source, flags);
  } catch (error) {
    throw fault(
      `The regular expression ${written} is wrong: ${(error as Error).message}.`,
      'PatternSyntaxException',
    );
  }
}

/** From Java's dialect to JavaScript's. */
function translate(written: string, given: string): [string, string] {
  let flags = given;
  let source = '';
  let inClass = 0;
  for (let at = 0; at < written.length; at += 1) {
    const char = written[at]!;
    if (char === '\\') {
      const [text, length] = escape(written, at, inClass > 0);
      if (text.includes('\\p{') && !flags.includes('u')) flags += 'u';
      source += text;
      at += length - 1;
    } else if (inClass > 0) {
      if (char === '[') source += '\\[';
      else source += char;
      if (char === ']' && written[at - 1] !== '[') inClass -= 1;
    } else if (char === '[') {
      inClass += 1;
      source += char;
    } else if (char === '(' && written[at + 1] === '?') {
      const inline = /^\(\?([imsxu]+)\)/.exec(written.slice(at));
      if (inline) {
        for (const flag of inline[1]!) if ('ims'.includes(flag) && !flags.includes(flag)) flags += flag;
        at += inline[0].length - 1;
      } else if (written[at + 2] === '>') {
        throw fault(`Atomic groups are not supported: ${written}.`, 'PatternSyntaxException');
      } else source += char;
    } else if (char === '$' && !flags.includes('m')) source += `(?=\\n?${END})`;
    else if (char === '+' && /[*+?}]/.test(written[at - 1] ?? '') && written[at - 2] !== '\\') {
      throw fault(`Possessive quantifiers are not supported: ${written}.`, 'PatternSyntaxException');
    } else source += char;
  }
  return [source, flags];
}

/** One escape sequence: what it becomes, and how long it was. */
function escape(written: string, at: number, inClass: boolean): [string, number] {
  const next = written[at + 1] ?? '';
  const named = /^\\([pP])\{(?:Is|java)?(\w+)\}/.exec(written.slice(at));
  if (named) {
    const members = CLASSES[named[2]!];
    if (members === undefined) return [`\\${named[1]}{${named[2]}}`, named[0].length];
    const negated = named[1] === 'P';
    return [inClass && !negated ? members : `[${negated ? '^' : ''}${members}]`, named[0].length];
  }
  if (next === 'Q') {
    const end = written.indexOf('\\E', at + 2);
    const quoted = written.slice(at + 2, end === -1 ? undefined : end);
    return [escapeRegExp(quoted), quoted.length + (end === -1 ? 2 : 4)];
  }
  const special = {
    h: inClass ? ' \\t\\xA0' : '[ \\t\\xA0]',
    R: '(?:\\r\\n|[\\n\\r])',
    Z: `(?=\\n?${END})`,
    z: END,
    A: '(?<![\\s\\S])',
  }[next];
  if (special !== undefined) return [special, 2];
  // An escaped character without a meaning is that character.
  if (/[_@#%&~`'"<>=:;, !]/.test(next)) return [next === '-' ? '\\-' : next, 2];
  return [`\\${next}`, 2];
}

/** The matches of a pattern in a text: java.util.regex.Matcher, which Groovy lets be indexed. */
export class Matcher extends GroovyObject {
  readonly className = 'Matcher';
  readonly pattern: Pattern;
  readonly #text: string;
  readonly #finder: RegExp;
  #current: RegExpExecArray | null | undefined;
  #all: readonly RegExpExecArray[] | undefined;

  constructor(pattern: Pattern, text: string) {
    super();
    this.pattern = pattern;
    this.#text = text;
    this.#finder = pattern.finder();
  }

  all(): readonly RegExpExecArray[] {
    return (this.#all ??= [...this.#text.matchAll(this.pattern.finder())]);
  }

  /** The match of that number: its text, or a list of it and its groups. */
  at(index: number): Value {
    const all = this.all();
    const match = all[index < 0 ? all.length + index : index];
    if (!match)
      throw fault(
        `There is no match number ${index} of ${this.pattern.written}.`,
        'IndexOutOfBoundsException',
      );
    return matchValue(match);
  }

  items(): Value[] {
    return this.all().map(matchValue);
  }

  override property(name: string): Value | undefined {
    return name === 'count'
      ? this.all().length
      : name === 'groupCount'
        ? this.invoke('groupCount', [])
        : undefined;
  }

  override invoke(name: string, args: readonly Value[]): Value | undefined {
    switch (name) {
      case 'matches':
        this.#current = this.pattern.matches(this.#text);
        return this.#current !== null;
      case 'find':
        this.#current = this.#finder.exec(this.#text);
        return this.#current !== null;
      case 'lookingAt':
        this.#current = this.pattern.finder().exec(this.#text);
        return this.#current?.index === 0;
      case 'group':
        return this.#group(args[0] ?? 0);
      case 'start':
        return this.#match().index;
      case 'end':
        return this.#match().index + this.#match()[0].length;
      case 'groupCount':
        return new RegExp(`${this.pattern.finder().source}|`).exec('')!.length - 1;
      case 'hasGroup':
        return Number(this.invoke('groupCount', [])) > 0;
      case 'getCount':
      case 'size':
        return this.all().length;
      case 'replaceAll':
        return replaceJava(this.#text, this.pattern, String(args[0]), true);
      case 'replaceFirst':
        return replaceJava(this.#text, this.pattern, String(args[0]), false);
      case 'reset':
        this.#finder.lastIndex = 0;
        return this;
      default:
        return undefined;
    }
  }

  #match(): RegExpExecArray {
    if (!this.#current)
      throw fault('No match found: call find() or matches() first.', 'IllegalStateException');
    return this.#current;
  }

  #group(which: Value): Value {
    const match = this.#match();
    return (typeof which === 'number' ? match[which] : match.groups?.[String(which)]) ?? null;
  }

  override truth(): boolean {
    return this.all().length > 0;
  }

  toString(): string {
    return `java.util.regex.Matcher[pattern=${this.pattern.written}]`;
  }
}

function matchValue(match: RegExpExecArray): Value {
  return match.length === 1 ? match[0] : Array.from(match, (group) => group ?? null);
}

/** `$1` and `${name}` in the replacement, `\$` for the sign itself. */
export function replaceJava(text: string, pattern: Pattern, replacement: string, all: boolean): string {
  let done = false;
  return text.replace(pattern.finder(), (...found) => {
    if (done) return found[0] as string;
    done = !all;
    const groups = (typeof found.at(-1) === 'object' ? found.at(-1) : Object.create(null)) as Record<
      string,
      string | undefined
    >;
    return replacement.replace(
      /\\(.)|\$(\d)|\$\{(\w+)\}/g,
      (_, escaped: string, digit: string, name: string) => {
        if (escaped !== undefined) return escaped;
        return (digit === undefined ? groups[name] : (found[Number(digit)] as string | undefined)) ?? '';
      },
    );
  });
}
