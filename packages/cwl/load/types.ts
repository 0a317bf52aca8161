import { DocumentError, type Position } from '../faults.ts';
import { isObject, type Value, type ValueObject } from '../value.ts';
import { fragmentOf } from './documents.ts';
import { entries, localName, place } from './fields.ts';
import type { CwlType, Field, PrimitiveName } from './model.ts';
import { readParameterFacts } from './parameter-facts.ts';

const PRIMITIVES: readonly PrimitiveName[] = [
  ...(['null', 'boolean', 'int', 'long', 'float', 'double', 'string', 'File', 'Directory', 'Any'] as const),
];

/** Types that contain themselves have no values. */
const DEPTH = 40;

/** Reads types; knows those of SchemaDefRequirement and those named in place. */
export class TypeReader {
  readonly #named: Map<string, ValueObject>;

  constructor(outer?: TypeReader) {
    this.#named = new Map(outer ? outer.#named : []);
  }

  /** The `types` of a SchemaDefRequirement. */
  define(types: Value | undefined, near: Position): void {
    for (const type of Array.isArray(types) ? types : []) {
      if (!isObject(type))
        throw new DocumentError(near, 'Each type of SchemaDefRequirement must be an object.');
      this.#remember(type);
    }
  }

  read(value: Value | undefined, near: Position, depth = 0): CwlType {
    if (depth > DEPTH) throw new DocumentError(near, 'The type contains itself.');
    if (Array.isArray(value)) {
      return {
        kind: 'union',
        types: value.map((one, index) => this.read(one, place(value, index, near), depth + 1)),
      };
    }
    if (typeof value === 'string') return this.#byName(value, near, depth);
    if (isObject(value)) return this.#structured(value, near, depth);
    throw new DocumentError(near, 'A type is missing.');
  }

  #byName(text: string, near: Position, depth: number): CwlType {
    if (text.endsWith('?'))
      return { kind: 'union', types: [{ kind: 'null' }, this.#byName(text.slice(0, -1), near, depth)] };
    if (text.endsWith('[]')) return { kind: 'array', items: this.#byName(text.slice(0, -2), near, depth) };
    const primitive = PRIMITIVES.find((name) => name === text);
    if (primitive) return { kind: primitive };
    const fragment = fragmentOf(text);
    const named = this.#named.get(fragment) ?? this.#named.get(fragment.slice(fragment.lastIndexOf('/') + 1));
    if (named) return this.#structured(named, near, depth + 1);
    throw new DocumentError(near, `There is no type ${text}. Define it in a SchemaDefRequirement.`);
  }

  #structured(value: ValueObject, near: Position, depth: number): CwlType {
    const position = place(value, 'type', near);
    const binding = isObject(value['inputBinding']) ? { binding: value['inputBinding'] } : {};
    this.#remember(value);
    switch (value['type']) {
      case 'array':
        return { kind: 'array', items: this.read(value['items'], position, depth + 1), ...binding };
      case 'enum':
        return { kind: 'enum', symbols: symbolsOf(value, position), ...binding };
      case 'record': {
        const fields = entries(value['fields'], 'name', 'type', position);
        const name = value['name'] === undefined ? {} : { name: localName(value['name'], position) };
        return {
          kind: 'record',
          ...name,
          fields: fields.map((field) => this.#field(field, position, depth)),
          ...binding,
        };
      }
      default:
        return this.read(value['type'], position, depth + 1);
    }
  }

  #field(field: ValueObject, near: Position, depth: number): Field {
    const position = place(field, 'name', near);
    const facts = readParameterFacts(field, position);
    return {
      ...facts,
      name: localName(field['name'], position),
      type: this.read(field['type'], position, depth + 1),
      ...(isObject(field['outputBinding']) ? { outputBinding: field['outputBinding'] } : {}),
    };
  }

  #remember(type: ValueObject): void {
    if (typeof type['name'] !== 'string') return;
    const fragment = fragmentOf(type['name']);
    this.#named.set(fragment, type);
    this.#named.set(fragment.slice(fragment.lastIndexOf('/') + 1), type);
  }
}

function symbolsOf(value: ValueObject, position: Position): string[] {
  const { symbols } = value;
  if (!Array.isArray(symbols)) throw new DocumentError(position, 'An enum needs "symbols".');
  return symbols.map((symbol) => localName(symbol, position));
}

/** As CWL writes it: `File[]?`. */
export function typeText(type: CwlType): string {
  switch (type.kind) {
    case 'array':
      return type.items.kind === 'union' ? `array<${typeText(type.items)}>` : `${typeText(type.items)}[]`;
    case 'enum':
      return `enum(${type.symbols.join('|')})`;
    case 'record':
      return `record(${type.fields.map(({ name, type: of }) => `${name}: ${typeText(of)}`).join(', ')})`;
    case 'union': {
      const rest = type.types.filter(({ kind }) => kind !== 'null');
      const optional = rest.length < type.types.length ? '?' : '';
      return rest.length === 1
        ? `${typeText(rest[0]!)}${optional}`
        : `(${rest.map(typeText).join('|')})${optional}`;
    }
    default:
      return type.kind;
  }
}

export function isOptional(type: CwlType): boolean {
  return (
    type.kind === 'null' || type.kind === 'Any' || (type.kind === 'union' && type.types.some(isOptional))
  );
}
