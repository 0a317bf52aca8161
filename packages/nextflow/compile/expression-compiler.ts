import { ScriptFault } from '../diagnostics/fault.ts';
import type {
  Arguments,
  CallNode,
  ClosureNode,
  Expression,
  MapNode,
  Node,
  PropertyNode,
  TypeNode,
} from '../syntax/expression-node.ts';
import type { Source } from '../syntax/source.ts';
import type { Block } from '../syntax/statement-node.ts';
import { type GroovyNumber, parseNumber } from '../values/number.ts';
import { Locals } from './locals.ts';

/** Values that the code refers to by number: decimals, facts of closures, types. */
export type Constants = unknown[];

const PACKAGES = new Set(['java', 'javax', 'groovy', 'nextflow', 'org', 'com', 'groovyx']);
const COMPARISONS: Readonly<Record<string, string>> = {
  ...{ '==': 'eq', '!=': 'ne', '<': 'lt', '<=': 'le', '>': 'gt', '>=': 'ge', '<=>': 'compare' },
  ...{ '===': 'same', '!==': 'differs', '=~': 'find', '==~': 'matches', in: 'isIn', '!in': 'isNotIn' },
};
const LABELLED = new Set(['branch', 'multiMap', 'branchCriteria', 'multiMapCriteria']);

/**
 * Groovy's expressions to JavaScript. The code calls the machine, `$`, for all that has Groovy's meaning; `$c` is the
 * scope in which names that are no local variables are looked up. Names of scripts go into the code only as quoted
 * strings and as numbered variables.
 */
export abstract class ExpressionCompiler {
  readonly source: Source;
  readonly constants: Constants = [];

  constructor(source: Source) {
    this.source = source;
  }

  protected abstract functionBody(block: Block, locals: Locals): string;
  protected abstract labelledBody(
    kind: string,
    block: Block,
    locals: Locals,
  ): { code: string; labels: string[] };

  protected constant(value: unknown): string {
    this.constants.push(value);
    return `$k[${this.constants.length - 1}]`;
  }

  /** Where in the source: start and length in one number. */
  protected place({ start, end }: Node): number {
    return start * 65_536 + Math.min(Math.max(end - start, 1), 65_535);
  }

  expression(node: Expression, locals: Locals): string {
    const e = (inner: Expression) => this.expression(inner, locals);
    const at = this.place(node);
    switch (node.kind) {
      case 'literal':
        return JSON.stringify(node.value);
      case 'number':
        return this.#number(parseNumber(node.text));
      case 'interpolation':
        return this.#interpolation(node.texts, node.values, locals);
      case 'name':
        return this.#name(node.name, at, locals);
      case 'property':
        return this.#property(node, locals);
      case 'method-pointer':
        return `$.pointer(${e(node.object)}, ${JSON.stringify(node.name)}, ${at})`;
      case 'index':
        return `$.${node.safe ? 'getAtSafe' : 'getAt'}(${e(node.object)}, ${this.#index(node.indexes, locals)}, ${at})`;
      case 'call':
        return this.#call(node, locals);
      case 'new':
        return `$.create($c, ${JSON.stringify(node.type.name)}, ${this.args(node.arguments, locals)}, ${at}, ${node.type.array})`;
      case 'closure':
        return this.closure(node, locals);
      case 'list':
        return `[${this.#items(node.items, locals)}]`;
      case 'map':
        return this.#map(node, locals);
      case 'spread':
        throw this.fault('A spread belongs into a list, a map or the arguments of a call.', node);
      case 'unary':
        return this.#unary(node.operator, node.operand, at, locals);
      case 'postfix':
        return this.#postfix(node.operand, node.operator, at, locals);
      case 'binary':
        return this.#binary(node.operator, node.left, node.right, at, locals);
      case 'range':
        return `$.range(${e(node.from)}, ${e(node.to)}, ${node.openStart}, ${node.openEnd}, ${at})`;
      case 'ternary':
        if (!node.positive) return `$.or(${e(node.condition)}, () => ${e(node.negative)})`;
        return `($.t(${e(node.condition)}) ? ${e(node.positive)} : ${e(node.negative)})`;
      case 'cast':
        return `$.as($c, ${e(node.value)}, ${this.type(node.type)}, ${at})`;
      case 'instanceof':
        return `${node.negated ? '!' : ''}$.is($c, ${e(node.value)}, ${JSON.stringify(node.type.name)})`;
      case 'assign':
        return this.#assign(node.operator, node.target, node.value, at, locals);
      case 'multiple-assign': {
        const targets = node.targets.map((target, index) =>
          this.#store(target, `l[${index}] ?? null`, at, locals),
        );
        return `$.destructure(${e(node.value)}, (l) => { ${targets.join('; ')}; })`;
      }
    }
  }

  protected type(type: TypeNode): string {
    return this.constant({ name: type.name, array: type.array });
  }

  #number(value: GroovyNumber): string {
    if (typeof value === 'number') return String(value);
    if (typeof value === 'bigint') return `${value}n`;
    return this.constant(value);
  }

  #interpolation(texts: readonly string[], values: readonly Expression[], locals: Locals): string {
    if (values.some(({ kind }) => kind === 'closure')) {
      const made = values.map((value) => this.expression(value, locals));
      return `$.lazy(${JSON.stringify(texts)}, [${made.join(', ')}])`;
    }
    const parts = [JSON.stringify(texts[0])];
    for (const [index, value] of values.entries()) {
      parts.push(`$.text(${this.expression(value, locals)})`);
      if (texts[index + 1]) parts.push(JSON.stringify(texts[index + 1]));
    }
    return `(${parts.join(' + ')})`;
  }

  #name(name: string, at: number, locals: Locals): string {
    if (name === 'this') return '$.self($c)';
    const local = locals.find(name);
    if (local) return local;
    return `$.name($c, ${JSON.stringify(name)}, ${at})`;
  }

  #property(node: PropertyNode, locals: Locals): string {
    const path = classPath(node);
    if (path && locals.find(path.split('.')[0]!) === undefined)
      return `$.classNamed(${JSON.stringify(path)}, ${this.place(node)})`;
    const name =
      typeof node.name === 'string'
        ? JSON.stringify(node.name)
        : `$.text(${this.expression(node.name, locals)})`;
    const method = node.spread ? 'getEach' : node.safe ? 'getSafe' : node.field ? 'getField' : 'get';
    return `$.${method}(${this.expression(node.object, locals)}, ${name}, ${this.place(node)})`;
  }

  #index(indexes: readonly Expression[], locals: Locals): string {
    return indexes.length === 1 && indexes[0]!.kind !== 'spread'
      ? this.expression(indexes[0]!, locals)
      : `[${this.#items(indexes, locals)}]`;
  }

  #items(items: readonly Expression[], locals: Locals): string {
    return items
      .map((item) =>
        item.kind === 'spread'
          ? `...$.spread(${this.expression(item.value, locals)})`
          : this.expression(item, locals),
      )
      .join(', ');
  }

  #map(node: Pick<MapNode, 'entries'>, locals: Locals): string {
    const entries = node.entries.map((entry) =>
      'kind' in entry
        ? `...$.entries(${this.expression(entry.value, locals)})`
        : `[${this.expression(entry.name, locals)}, ${this.expression(entry.value, locals)}]`,
    );
    return `$.map([${entries.join(', ')}])`;
  }

  /** Named arguments are a map that comes first. */
  args({ positional, named }: Arguments, locals: Locals): string {
    const first = named.length > 0 ? [this.#map({ entries: named }, locals)] : [];
    const rest = positional.length > 0 ? [this.#items(positional, locals)] : [];
    return `[${[...first, ...rest].join(', ')}]`;
  }

  #call(node: CallNode, locals: Locals): string {
    const { callee } = node;
    const at = this.place(node);
    const name =
      callee.kind === 'name'
        ? callee.name
        : callee.kind === 'property' && typeof callee.name === 'string'
          ? callee.name
          : '';
    const given = LABELLED.has(name)
      ? this.#labelledArgs(name, node.arguments, locals)
      : this.args(node.arguments, locals);
    if (callee.kind === 'name') {
      const local = locals.find(callee.name);
      if (local) return `$.callValue(${local}, ${given}, ${at})`;
      if (callee.name === 'super') return `$.superConstructor($c, ${given}, ${at})`;
      return `$.callName($c, ${JSON.stringify(callee.name)}, ${given}, ${this.place(callee)})`;
    }
    if (callee.kind !== 'property') return `$.callValue(${this.expression(callee, locals)}, ${given}, ${at})`;
    return this.#callMember(callee, given, at, locals);
  }

  #callMember(callee: PropertyNode, given: string, at: number, locals: Locals): string {
    const name =
      typeof callee.name === 'string'
        ? JSON.stringify(callee.name)
        : `$.text(${this.expression(callee.name, locals)})`;
    if (callee.object.kind === 'name' && callee.object.name === 'super')
      return `$.callSuper($c, ${name}, ${given}, ${at})`;
    const method = callee.spread ? 'callEach' : callee.safe ? 'callSafe' : 'call';
    return `$.${method}(${this.expression(callee.object, locals)}, ${name}, ${given}, ${at})`;
  }

  #labelledArgs(name: string, given: Arguments, locals: Locals): string {
    const positional = given.positional.map((argument) =>
      argument.kind === 'closure' ? this.closure(argument, locals, name) : this.expression(argument, locals),
    );
    const named = given.named.length > 0 ? [this.#map({ entries: given.named }, locals)] : [];
    return `[${[...named, ...positional].join(', ')}]`;
  }

  /** A closure; of `branch` and `multiMap`, one whose labels are its outcomes. */
  closure(node: ClosureNode, locals: Locals, labelled?: string): string {
    const inner = new Locals(locals);
    const parameters = node.parameters ?? [{ name: 'it', start: node.start, end: node.start }];
    const names = parameters.map(({ name }) => inner.declare(name));
    const defaults = parameters.flatMap(({ initial, type }, index) => {
      const name = names[index]!;
      const filled = `if (${name} === undefined) ${name} = ${initial ? this.expression(initial, inner) : 'null'};`;
      const cast =
        type && this.castsParameter(type)
          ? ` else ${name} = $.as($c, ${name}, ${this.type(type)}, ${this.place(node)});`
          : '';
      return [filled + cast];
    });
    const body = labelled
      ? this.labelledBody(labelled, node.body, inner)
      : { code: this.functionBody(node.body, inner), labels: [] };
    const facts = this.constant({
      arity: node.parameters ? node.parameters.length : -1,
      types: parameters.map(({ type }) => type?.name ?? null),
      names: parameters.map(({ name }) => name),
      start: node.start,
      end: node.end,
      ...(parameters.at(-1)?.rest ? { rest: true } : {}),
      ...(labelled ? { labels: body.labels } : {}),
      source: this.source,
    });
    return `$.fn(${['$c', facts].join(', ')}, ($c, ${names.join(', ')}) => { ${defaults.join(' ')} ${body.code} })`;
  }

  protected castsParameter(type: TypeNode): boolean {
    return (
      [
        'int',
        'Integer',
        'long',
        'Long',
        'double',
        'Double',
        'float',
        'Float',
        'String',
        'BigDecimal',
      ].includes(type.name) && !type.array
    );
  }

  #unary(operator: string, operand: Expression, at: number, locals: Locals): string {
    const value = () => this.expression(operand, locals);
    switch (operator) {
      case '!':
        return `!$.t(${value()})`;
      case '-':
        if (operand.kind === 'number') return `$.negate(${value()}, ${at})`;
        return `$.negate(${value()}, ${at})`;
      case '+':
        return value();
      case '~':
        return `$.pattern(${value()}, ${at})`;
      default:
        return this.#store(
          operand,
          `$.${operator === '++' ? 'next' : 'previous'}(${value()}, ${at})`,
          at,
          locals,
        );
    }
  }

  #postfix(operand: Expression, operator: string, at: number, locals: Locals): string {
    const value = this.expression(operand, locals);
    return `$.first(${value}, ${this.#store(operand, `$.${operator === '++' ? 'next' : 'previous'}(${value}, ${at})`, at, locals)})`;
  }

  #binary(operator: string, left: Expression, right: Expression, at: number, locals: Locals): string {
    const [a, b] = [this.expression(left, locals), this.expression(right, locals)];
    if (operator === '&&' || operator === '||') return `($.t(${a}) ${operator} $.t(${b}))`;
    const comparison = COMPARISONS[operator];
    if (comparison) return `$.${comparison}(${a}, ${b}, ${at})`;
    return this.#operate(operator, a, b, at);
  }

  #operate(operator: string, a: string, b: string, at: number): string {
    const named = { '+': 'add', '-': 'subtract', '*': 'multiply' }[operator];
    if (named) return `$.${named}(${a}, ${b}, ${at})`;
    const group = ['/', '%', '**'].includes(operator) ? 'calculate' : 'bitwise';
    return `$.${group}(${JSON.stringify(operator)}, ${a}, ${b}, ${at})`;
  }

  #assign(operator: string, target: Expression, value: Expression, at: number, locals: Locals): string {
    const code = this.expression(value, locals);
    if (operator === '=') return this.#store(target, code, at, locals);
    const old = this.expression(target, locals);
    if (operator === '?=') return this.#store(target, `$.or(${old}, () => ${code})`, at, locals);
    return this.#store(target, this.#operate(operator.slice(0, -1), old, code, at), at, locals);
  }

  #store(target: Expression, code: string, at: number, locals: Locals): string {
    if (target.kind === 'name') {
      const local = locals.find(target.name);
      if (local) return `(${local} = ${code})`;
      return `$.assign($c, ${JSON.stringify(target.name)}, ${code}, ${this.place(target)})`;
    }
    if (target.kind === 'property') {
      const name =
        typeof target.name === 'string'
          ? JSON.stringify(target.name)
          : `$.text(${this.expression(target.name, locals)})`;
      return `$.set(${this.expression(target.object, locals)}, ${name}, ${code}, ${this.place(target)}, ${target.safe}, ${target.field === true})`;
    }
    if (target.kind === 'index') {
      return `$.putAt(${this.expression(target.object, locals)}, ${this.#index(target.indexes, locals)}, ${code}, ${at})`;
    }
    throw this.fault('Nothing can be assigned to this.', target);
  }

  protected fault(message: string, { start, end }: Node): ScriptFault {
    return new ScriptFault(message, { source: this.source, start, end });
  }
}

/** `java.nio.file.Files` where that is what stands there. */
function classPath(node: PropertyNode): string | undefined {
  const words: string[] = [];
  let at: Expression = node;
  while (at.kind === 'property') {
    if (typeof at.name !== 'string' || at.safe || at.spread) return undefined;
    words.unshift(at.name);
    at = at.object;
  }
  if (at.kind !== 'name' || !PACKAGES.has(at.name)) return undefined;
  words.unshift(at.name);
  const capital = words.findIndex((word) => /^\p{Lu}/u.test(word));
  return capital === words.length - 1 && capital > 0 ? words.join('.') : undefined;
}
