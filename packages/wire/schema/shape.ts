import { NormalizedSchema } from '@smithy/core/schema';

export type TimestampFormat = 'date-time' | 'http-date' | 'epoch-seconds';

/** What the codecs and the validator need to know of one schema of the SDK. */
export type Shape = SimpleShape | TimestampShape | ListShape | MapShape | StructureShape | EventStreamShape;

export interface SimpleShape {
  readonly kind: 'string' | 'number' | 'boolean' | 'blob' | 'stream' | 'document';
}
export interface TimestampShape {
  readonly kind: 'timestamp';
  /** Undefined: the default of the place where it stands. */
  readonly format: TimestampFormat | undefined;
}
/** Messages one after the other, each one member of the union. */
export interface EventStreamShape {
  readonly kind: 'eventStream';
  readonly events: StructureShape;
}
export interface ListShape {
  readonly kind: 'list';
  readonly element: Member;
}
export interface MapShape {
  readonly kind: 'map';
  readonly value: Member;
}
export interface StructureShape {
  readonly kind: 'structure';
  readonly name: string;
  readonly union: boolean;
  readonly members: readonly Member[];
}

/** Bindings, names and marks of a place: `httpQuery`, `jsonName`, `sensitive`. */
export type Traits = ReturnType<NormalizedSchema['getMergedTraits']>;

/** A place in a structure, list or map. */
export interface Member {
  readonly name: string;
  readonly traits: Traits;
  readonly required: boolean;
  /** Made when first looked at: shapes may contain themselves. */
  readonly shape: Shape;
}

const SIMPLE: Readonly<Record<number, SimpleShape>> = {
  0: { kind: 'string' },
  1: { kind: 'number' },
  2: { kind: 'boolean' },
  15: { kind: 'document' },
  17: { kind: 'number' },
  19: { kind: 'number' },
  21: { kind: 'blob' },
  42: { kind: 'stream' },
};
const TIMESTAMPS: Readonly<Record<number, TimestampShape>> = {
  4: { kind: 'timestamp', format: undefined },
  5: { kind: 'timestamp', format: 'date-time' },
  6: { kind: 'timestamp', format: 'http-date' },
  7: { kind: 'timestamp', format: 'epoch-seconds' },
};

const structures = new WeakMap<object, StructureShape>();

export function shapeOf(schema: NormalizedSchema): Shape {
  const raw = schema.getSchema();
  if (schema.isStreaming() && schema.isUnionSchema())
    return { kind: 'eventStream', events: structureOf(schema, raw as unknown as StructureTuple) };
  if (schema.isStreaming()) return SIMPLE[42]!;
  if (schema.isStructSchema()) return structureOf(schema, raw as unknown as StructureTuple);
  if (schema.isListSchema()) return { kind: 'list', element: memberOf('member', schema.getValueSchema()) };
  if (schema.isMapSchema()) return { kind: 'map', value: memberOf('value', schema.getValueSchema()) };
  const simple = typeof raw === 'number' ? (SIMPLE[raw] ?? TIMESTAMPS[raw]) : undefined;
  if (!simple) throw new Error(`The schema ${schema.getName(true)} is of a kind that is not known`);
  return simple;
}

/** `[kind, namespace, name, traits, member names, member schemas, how many of them are required]`; those come first. */
type StructureTuple = readonly [number, string, string, unknown, readonly string[], unknown, number?];

function structureOf(schema: NormalizedSchema, tuple: StructureTuple): StructureShape {
  const known = structures.get(tuple);
  if (known) return known;
  const required = tuple[6] ?? 0;
  let members: readonly Member[] | undefined;
  const shape: StructureShape = {
    kind: 'structure',
    name: tuple[2],
    union: schema.isUnionSchema(),
    get members() {
      return (members ??= Array.from(schema.structIterator(), ([name, member], index) =>
        memberOf(name, member, index < required),
      ));
    },
  };
  structures.set(tuple, shape);
  return shape;
}

function memberOf(name: string, schema: NormalizedSchema, required = false): Member {
  let shape: Shape | undefined;
  return {
    name,
    traits: schema.getMergedTraits(),
    required,
    get shape() {
      return (shape ??= shapeOf(schema));
    },
  };
}
