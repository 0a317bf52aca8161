import type { Column } from './columns.ts';
import type { ColumnType } from './type.ts';

/** A column, or a part of one, with the number that open tables know it by whatever it is called. */
export interface Field {
  readonly id: number;
  readonly name: string;
  /** Keys of maps are always there. */
  readonly required: boolean;
  readonly type: FieldType;
}

export type Primitive = Extract<ColumnType, string>;

export type FieldType =
  | { readonly kind: 'primitive'; readonly primitive: Primitive }
  | { readonly kind: 'list'; readonly element: Field }
  | { readonly kind: 'map'; readonly key: Field; readonly value: Field }
  | { readonly kind: 'struct'; readonly fields: readonly Field[] };

/** The fields that a type is made of. */
export function partsOf(type: FieldType): readonly Field[] {
  switch (type.kind) {
    case 'primitive':
      return [];
    case 'list':
      return [type.element];
    case 'map':
      return [type.key, type.value];
    case 'struct':
      return type.fields;
  }
}

/** Numbers the columns from 1 in their order, then what is inside them: the same columns always get the same numbers. */
export function fieldsOf(columns: readonly Column[]): readonly Field[] {
  let last = columns.length;
  const inner = (name: string, type: ColumnType, required = false): Field =>
    numbered(++last, name, type, required);
  const numbered = (id: number, name: string, type: ColumnType, required: boolean): Field => ({
    id,
    name,
    required,
    type: fieldType(type),
  });
  const fieldType = (type: ColumnType): FieldType => {
    if (typeof type === 'string') return { kind: 'primitive', primitive: type };
    if ('array' in type) return { kind: 'list', element: inner('element', type.array) };
    if ('map' in type)
      return { kind: 'map', key: inner('key', type.map[0], true), value: inner('value', type.map[1]) };
    return { kind: 'struct', fields: Object.entries(type.struct).map(([name, part]) => inner(name, part)) };
  };
  return columns.map(({ name, type }, index) => numbered(index + 1, name, type, false));
}
