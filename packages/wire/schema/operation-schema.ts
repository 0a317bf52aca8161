import { NormalizedSchema } from '@smithy/core/schema';
import { shapeOf, type StructureShape } from './shape.ts';

/** An operation as the SDK's schemas have it. */
export interface OperationSchema {
  readonly name: string;
  /** Method, URI pattern and success status, where the protocol binds operations to paths. */
  readonly http: { readonly method: string; readonly uri: string; readonly status: number } | undefined;
  /** What the SDK puts before the service's host name: `storage-`. */
  readonly hostPrefix: string;
  readonly input: StructureShape;
  /** Undefined where the operation answers nothing at all. */
  readonly output: StructureShape | undefined;
}

const OPERATION = 9;
const EMPTY: StructureShape = { kind: 'structure', name: 'Unit', union: false, members: [] };

/** All operations of a client module's exported schemas, by name. */
export function operationSchemas(
  schemas: Readonly<Record<string, unknown>>,
): ReadonlyMap<string, OperationSchema> {
  const operations = new Map<string, OperationSchema>();
  for (const value of Object.values(schemas)) {
    if (!Array.isArray(value) || value[0] !== OPERATION) continue;
    const operation = operationSchema(value as unknown as OperationTuple);
    operations.set(operation.name, operation);
  }
  return operations;
}

type OperationTuple = readonly [number, string, string, Traits, SchemaThunk, SchemaThunk];
type Traits =
  number | { readonly http?: readonly [string, string, number]; readonly endpoint?: readonly [string] };
type SchemaThunk = Parameters<typeof NormalizedSchema.of>[0];

function operationSchema([, , name, traits, input, output]: OperationTuple): OperationSchema {
  const { http, endpoint } = typeof traits === 'object' ? traits : {};
  // Compiled when the operation is first called: IAM alone has 170, of which a server sees few.
  let compiled: { input: StructureShape; output: StructureShape | undefined } | undefined;
  const shapes = () => (compiled ??= { input: structure(input) ?? EMPTY, output: structure(output) });
  return {
    name,
    hostPrefix: endpoint?.[0] ?? '',
    http: http && { method: http[0], uri: http[1], status: http[2] },
    get input() {
      return shapes().input;
    },
    get output() {
      return shapes().output;
    },
  };
}

function structure(thunk: SchemaThunk): StructureShape | undefined {
  const schema = NormalizedSchema.of(thunk);
  if (schema.isUnitSchema()) return undefined;
  const shape = shapeOf(schema);
  if (shape.kind !== 'structure') throw new Error(`${schema.getName(true)} is not a structure`);
  return shape;
}
