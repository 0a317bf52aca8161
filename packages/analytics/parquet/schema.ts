import type { Field, Primitive } from '../table/field.ts';
import { CONVERTED, PHYSICAL, REPETITION } from './format.ts';
import { binary, i32, struct, type ThriftValue } from './thrift.ts';

const PHYSICAL_TYPE: Readonly<Record<Primitive, number>> = {
  string: PHYSICAL.BYTE_ARRAY,
  int: PHYSICAL.INT32,
  bigint: PHYSICAL.INT64,
  float: PHYSICAL.FLOAT,
  double: PHYSICAL.DOUBLE,
  boolean: PHYSICAL.BOOLEAN,
};

/** The file's schema as its footer has it: the tree in depth-first order, each field with its number. */
export function schemaElements(fields: readonly Field[]): readonly ThriftValue[] {
  return [struct({ 4: binary('table'), 5: i32(fields.length) }), ...fields.flatMap(elementsOf)];
}

function elementsOf(field: Field): readonly ThriftValue[] {
  const { type } = field;
  switch (type.kind) {
    case 'primitive': {
      const text = type.primitive === 'string' ? { 6: i32(CONVERTED.UTF8) } : {};
      return [struct({ 1: i32(PHYSICAL_TYPE[type.primitive]), ...head(field), ...text, 9: i32(field.id) })];
    }
    case 'list':
      return [group(field, 1, CONVERTED.LIST), repeatedGroup('list', 1), ...elementsOf(type.element)];
    case 'map':
      return [
        group(field, 1, CONVERTED.MAP),
        repeatedGroup('key_value', 2),
        ...elementsOf(type.key),
        ...elementsOf(type.value),
      ];
    case 'struct':
      return [group(field, type.fields.length), ...type.fields.flatMap(elementsOf)];
  }
}

function head({ name, required }: Field) {
  return { 3: i32(required ? REPETITION.REQUIRED : REPETITION.OPTIONAL), 4: binary(name) };
}

function group(field: Field, children: number, converted?: number): ThriftValue {
  const kind = converted === undefined ? {} : { 6: i32(converted) };
  return struct({ ...head(field), 5: i32(children), ...kind, 9: i32(field.id) });
}

function repeatedGroup(name: string, children: number): ThriftValue {
  return struct({ 3: i32(REPETITION.REPEATED), 4: binary(name), 5: i32(children) });
}
