import type { Field, Primitive } from '../table/field.ts';
import { BooleanLeaf, DoubleLeaf, FloatLeaf, IntLeaf, type Leaf, LongLeaf, TextLeaf } from './leaf.ts';

/** A value of a row as its column's type has it; maps keep their order. */
export type Value =
  | string
  | number
  | bigint
  | boolean
  | null
  | readonly Value[]
  | ReadonlyMap<string, string | null>
  | { readonly [field: string]: Value };

/** One column of a table, taken apart into primitive columns as Dremel does. */
export interface ParquetColumn {
  readonly leaves: readonly NamedLeaf[];
  /** Takes a value that stands at this repetition. */
  write(repetition: number, value: Value): void;
  /** Everything in it is absent from this definition on. */
  nothing(repetition: number, definition: number): void;
}

export interface NamedLeaf {
  /** As the file's schema spells it: `names`, `list`, `element`. */
  readonly path: readonly string[];
  readonly leaf: Leaf;
}

/** Where a column stands: how often it may repeat, and how much of its path is defined by then. */
interface Place {
  readonly path: readonly string[];
  readonly repetition: number;
  readonly definition: number;
}

const TOP: Place = { path: [], repetition: 0, definition: 0 };

export function parquetColumn(field: Field): ParquetColumn {
  return columnAt(field, TOP);
}

function columnAt(field: Field, above: Place): ParquetColumn {
  const { type, required, name } = field;
  const here = { ...above, path: [...above.path, name], definition: above.definition + (required ? 0 : 1) };
  switch (type.kind) {
    case 'primitive':
      return new PrimitiveColumn(here, above.definition, leafOf(type.primitive, here));
    case 'list':
      return new ListColumn(here, columnAt(type.element, repeated(here, 'list')));
    case 'map': {
      const entry = repeated(here, 'key_value');
      return new MapColumn(here, columnAt(type.key, entry), columnAt(type.value, entry));
    }
    case 'struct':
      return new StructColumn(
        here,
        type.fields.map((part) => [part.name, columnAt(part, here)] as const),
      );
  }
}

function repeated({ path, repetition, definition }: Place, name: string): Place {
  return { path: [...path, name], repetition: repetition + 1, definition: definition + 1 };
}

function leafOf(primitive: Primitive, { repetition, definition }: Place): Leaf {
  switch (primitive) {
    case 'string':
      return new TextLeaf(repetition, definition);
    case 'int':
      return new IntLeaf(repetition, definition);
    case 'bigint':
      return new LongLeaf(repetition, definition);
    case 'float':
      return new FloatLeaf(repetition, definition);
    case 'double':
      return new DoubleLeaf(repetition, definition);
    case 'boolean':
      return new BooleanLeaf(repetition, definition);
  }
}

class PrimitiveColumn implements ParquetColumn {
  readonly leaves: readonly NamedLeaf[];
  readonly #leaf: Leaf;
  readonly #absent: number;

  constructor({ path }: Place, absent: number, leaf: Leaf) {
    this.leaves = [{ path, leaf }];
    this.#leaf = leaf;
    this.#absent = absent;
  }

  write(repetition: number, value: Value): void {
    if (value === null) this.#leaf.nothing(repetition, this.#absent);
    else this.#leaf.value(repetition, value as string | number | bigint | boolean);
  }

  nothing(repetition: number, definition: number): void {
    this.#leaf.nothing(repetition, definition);
  }
}

class ListColumn implements ParquetColumn {
  readonly leaves: readonly NamedLeaf[];
  readonly #place: Place;
  readonly #element: ParquetColumn;

  constructor(place: Place, element: ParquetColumn) {
    this.leaves = element.leaves;
    this.#place = place;
    this.#element = element;
  }

  write(repetition: number, value: Value): void {
    const { definition, repetition: own } = this.#place;
    if (value === null) return this.#element.nothing(repetition, definition - 1);
    const items = value as readonly Value[];
    if (items.length === 0) return this.#element.nothing(repetition, definition);
    for (let index = 0; index < items.length; index++) {
      this.#element.write(index === 0 ? repetition : own + 1, items[index]!);
    }
  }

  nothing(repetition: number, definition: number): void {
    this.#element.nothing(repetition, definition);
  }
}

class MapColumn implements ParquetColumn {
  readonly leaves: readonly NamedLeaf[];
  readonly #place: Place;
  readonly #key: ParquetColumn;
  readonly #value: ParquetColumn;

  constructor(place: Place, key: ParquetColumn, value: ParquetColumn) {
    this.leaves = [...key.leaves, ...value.leaves];
    this.#place = place;
    this.#key = key;
    this.#value = value;
  }

  write(repetition: number, value: Value): void {
    const { definition, repetition: own } = this.#place;
    if (value === null) return this.nothing(repetition, definition - 1);
    const entries = value as ReadonlyMap<string, string | null>;
    if (entries.size === 0) return this.nothing(repetition, definition);
    let at = repetition;
    for (const [key, entry] of entries) {
      this.#key.write(at, key);
      this.#value.write(at, entry);
      at = own + 1;
    }
  }

  nothing(repetition: number, definition: number): void {
    this.#key.nothing(repetition, definition);
    this.#value.nothing(repetition, definition);
  }
}

class StructColumn implements ParquetColumn {
  readonly leaves: readonly NamedLeaf[];
  readonly #definition: number;
  readonly #parts: readonly (readonly [string, ParquetColumn])[];

  constructor({ definition }: Place, parts: readonly (readonly [string, ParquetColumn])[]) {
    this.leaves = parts.flatMap(([, part]) => part.leaves);
    this.#definition = definition;
    this.#parts = parts;
  }

  write(repetition: number, value: Value): void {
    if (value === null) return this.nothing(repetition, this.#definition - 1);
    const fields = value as Readonly<Record<string, Value>>;
    for (const [name, part] of this.#parts) part.write(repetition, fields[name] ?? null);
  }

  nothing(repetition: number, definition: number): void {
    for (const [, part] of this.#parts) part.nothing(repetition, definition);
  }
}
