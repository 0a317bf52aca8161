import { type Field, type FieldType, partsOf } from '../table/field.ts';

/** A table's schema as Iceberg's specification writes it in JSON. */
export function icebergSchema(fields: readonly Field[]) {
  return { type: 'struct', 'schema-id': 0, fields: fields.map(fieldJson) };
}

/** The greatest number that a field has. */
export function lastColumnId(fields: readonly Field[]): number {
  return Math.max(0, ...fields.flatMap(({ id, type }) => [id, lastColumnId(partsOf(type))]));
}

function fieldJson({ id, name, required, type }: Field) {
  return { id, name, required, type: typeJson(type) };
}

function typeJson(type: FieldType): unknown {
  switch (type.kind) {
    case 'primitive':
      return type.primitive === 'bigint' ? 'long' : type.primitive;
    case 'list': {
      const { id, required, type: element } = type.element;
      return { type: 'list', 'element-id': id, element: typeJson(element), 'element-required': required };
    }
    case 'map': {
      const { key, value } = type;
      const [keyType, valueType] = [typeJson(key.type), typeJson(value.type)];
      return {
        type: 'map',
        'key-id': key.id,
        key: keyType,
        'value-id': value.id,
        value: valueType,
        'value-required': value.required,
      };
    }
    case 'struct':
      return { type: 'struct', fields: type.fields.map(fieldJson) };
  }
}
