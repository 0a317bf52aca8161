import { Range } from './range.ts';
import { GroovyObject, type Value } from './value.ts';

/** Where names that are no local variables are looked up. Undefined: not there. */
export interface Scope {
  lookup(name: string): Value | undefined;
  /** False: not there, and nobody here takes new names. */
  assign(name: string, value: Value): boolean;
  /** Calls a function of that name; undefined: there is none. */
  call(name: string, args: readonly Value[]): Value | undefined;
  /** Names that can be suggested. */
  names(): Iterable<string>;
}

export type ClosureBody = (self: Closure, ...args: Value[]) => Value;
type Strategy = 'owner-first' | 'delegate-first' | 'owner-only' | 'delegate-only';

export interface ClosureFacts {
  /** How many parameters; -1: the implicit `it`. */
  readonly arity: number;
  /** The classes of the parameters, where they are written. */
  readonly types?: readonly (string | null)[];
  readonly names?: readonly string[];
  readonly start: number;
  readonly end: number;
  /** The last parameter takes all that is left. */
  readonly rest?: boolean;
  /** What it is written in. */
  readonly source?: { readonly text: string };
}

/** A closure: code, the scope it was written in, and a delegate that it may be given. */
export class Closure extends GroovyObject implements Scope {
  readonly className = 'Closure';
  readonly body: ClosureBody;
  readonly owner: Scope;
  readonly facts: ClosureFacts;
  delegate: Scope | undefined;
  delegateValue: Value = null;
  strategy: Strategy = 'owner-first';

  constructor(body: ClosureBody, owner: Scope, facts: ClosureFacts) {
    super();
    this.body = body;
    this.owner = owner;
    this.facts = facts;
  }

  /** How many arguments it wants: 1 for the implicit one. */
  get arity(): number {
    return this.facts.arity < 0 ? 1 : this.facts.arity;
  }

  invokeWith(...args: Value[]): Value {
    return this.apply(args);
  }

  /** One list for several parameters is spread over them. */
  apply(args: readonly Value[]): Value {
    const { arity, rest } = this.facts;
    if (rest) return this.body(this, ...args.slice(0, arity - 1), args.slice(arity - 1));
    if (args.length === 1 && arity > 1) {
      const [list] = args;
      if (Array.isArray(list)) return this.body(this, ...(list.length > arity ? list.slice(0, arity) : list));
      if (list instanceof Range) return this.body(this, ...list);
    }
    if (arity < 0 && args.length === 0) return this.body(this, null);
    return this.body(this, ...args);
  }

  /** The same code with another delegate. */
  withDelegate(delegate: Scope, strategy: Strategy, value: Value = null): Closure {
    const copy = new Closure(this.body, this.owner, this.facts);
    copy.delegate = delegate;
    copy.delegateValue = value;
    copy.strategy = strategy;
    return copy;
  }

  lookup(name: string): Value | undefined {
    return this.#first((scope) => scope.lookup(name));
  }

  assign(name: string, value: Value): boolean {
    return this.#scopes().some((scope) => scope.assign(name, value));
  }

  call(name: string, args: readonly Value[]): Value | undefined {
    return this.#first((scope) => scope.call(name, args));
  }

  *names(): Iterable<string> {
    for (const scope of this.#scopes()) yield* scope.names();
  }

  #first(ask: (scope: Scope) => Value | undefined): Value | undefined {
    if (!this.delegate) return ask(this.owner);
    for (const scope of this.#scopes()) {
      const found = ask(scope);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  #scopes(): Scope[] {
    if (!this.delegate || this.strategy === 'owner-only') return [this.owner];
    switch (this.strategy) {
      case 'owner-first':
        return [this.owner, this.delegate];
      case 'delegate-first':
        return [this.delegate, this.owner];
      case 'delegate-only':
        return [this.delegate];
    }
  }

  toString(): string {
    return `closure@${this.facts.start}`;
  }
}
