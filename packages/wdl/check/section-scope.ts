import type { Expression } from '../syntax/expression-node.ts';
import type { Position } from '../syntax/position.ts';
import type { NameScope, Resolution } from './expression-checker.ts';
import { ANY, type ArrayType, arrayOf, type Type, withOptional } from './type.ts';

/** A name declared in a workflow: a declaration, a call, an input or output. */
export interface Entry {
  readonly name: string;
  readonly position: Position;
  readonly resolution: Resolution;
  readonly scope: SectionScope;
  used: boolean;
}

/** What makes a section: a scatter with its variable, or a condition; neither for the workflow's body. */
export interface SectionHead {
  readonly kind: 'scatter' | 'conditional';
  readonly expression: Expression;
  readonly position: Position;
  readonly variable?: { readonly name: string; readonly position: Position };
}

/**
 * The names of one section of a workflow. A name is seen from within its section as it is declared, and from outside
 * through every section between: as an Array through a scatter, as an optional through a conditional.
 */
export class SectionScope implements NameScope {
  readonly parent: SectionScope | undefined;
  readonly head: SectionHead | undefined;
  readonly own = new Map<string, Entry>();
  readonly children: SectionScope[] = [];
  /** Infers the collection's type without reporting. */
  readonly #collectionType: (head: SectionHead, parent: SectionScope) => Type;
  #collection: Type | 'open' | undefined;

  constructor(collectionType: SectionScope['infer'], parent?: SectionScope, head?: SectionHead) {
    this.#collectionType = collectionType;
    this.parent = parent;
    this.head = head;
    parent?.children.push(this);
  }

  get infer(): (head: SectionHead, parent: SectionScope) => Type {
    return this.#collectionType;
  }

  /** This section and those around it. */
  *#outwards(): Iterable<SectionScope> {
    yield this;
    if (this.parent) yield* this.parent.#outwards();
  }

  /** The entry that a name means here; the scatter variable has none. */
  find(name: string): Entry | undefined {
    for (const scope of this.#outwards()) {
      if (scope.head?.variable?.name === name) return undefined;
      const found = scope.findInside(name);
      if (found) return found;
    }
    return undefined;
  }

  findInside(name: string): Entry | undefined {
    const own = this.own.get(name);
    if (own) return own;
    for (const child of this.children) {
      const found = child.findInside(name);
      if (found) return found;
    }
    return undefined;
  }

  resolve(name: string): Resolution | undefined {
    for (const scope of this.#outwards()) {
      if (scope.head?.variable?.name === name) return { kind: 'value', type: scope.#variableType() };
      const found = scope.findInside(name);
      if (found) {
        found.used = true;
        return wrapped(found, scope);
      }
    }
    return undefined;
  }

  *names(): Iterable<string> {
    for (const scope of this.#outwards()) {
      if (scope.head?.variable) yield scope.head.variable.name;
      yield* scope.#namesInside();
    }
  }

  *#namesInside(): Iterable<string> {
    yield* this.own.keys();
    for (const child of this.children) yield* child.#namesInside();
  }

  #variableType(): Type {
    const collection = this.#array();
    return collection?.item ?? ANY;
  }

  #array(): ArrayType | undefined {
    // A collection that depends on itself is reported as a cycle; here it only must not recurse.
    if (this.#collection === 'open') return undefined;
    if (this.#collection === undefined) {
      this.#collection = 'open';
      this.#collection = this.#collectionType(this.head!, this.parent!);
    }
    return this.#collection.kind === 'Array' ? this.#collection : undefined;
  }

  /** What a type declared in this section is seen as just outside of it. */
  outside(type: Type): Type {
    if (this.head?.kind === 'scatter') return arrayOf(type, this.#array()?.nonEmpty ?? false);
    return withOptional(type, true);
  }
}

function wrapped(entry: Entry, seenFrom: SectionScope): Resolution {
  const through: SectionScope[] = [];
  for (let scope = entry.scope; scope !== seenFrom; scope = scope.parent!) through.push(scope);
  const wrap = (type: Type) => through.reduce((inner, scope) => scope.outside(inner), type);
  const { resolution } = entry;
  if (resolution.kind === 'value') return { kind: 'value', type: wrap(resolution.type) };
  const output = (name: string) => {
    const type = resolution.output(name);
    return type && wrap(type);
  };
  return { ...resolution, output };
}
