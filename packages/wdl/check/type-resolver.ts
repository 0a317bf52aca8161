import { hasFeaturesOf, type Version } from '../syntax/document-node.ts';
import type { TypeNode } from '../syntax/type-node.ts';
import type { Report } from './report.ts';
import { ANY, isPrimitive, type PrimitiveName, type StructType, type Type, typeText } from './type.ts';

const PRIMITIVES: readonly string[] = ['Boolean', 'Int', 'Float', 'String', 'File'] satisfies PrimitiveName[];
const COMPOUND: Record<string, number> = { Array: 1, Map: 2, Pair: 2 };

export interface TypeContext {
  readonly version: Version;
  readonly report: Report;
  /** Some import could not be loaded: it may have had the struct. */
  readonly incomplete: boolean;
  struct(name: string): StructType | undefined;
}

/** The type that a written one means; Any, with a diagnostic, where it means none. */
export function resolveType(node: TypeNode, context: TypeContext): Type {
  const { name, parameters, optional, nonEmpty, position } = node;
  if (nonEmpty && name !== 'Array') context.report.add('NonEmptyQuantifier', position, {});
  const expected = COMPOUND[name] ?? 0;
  if (parameters.length !== expected) {
    context.report.add('TypeParameters', position, { name, count: expected });
    return ANY;
  }
  const [first, second] = parameters.map((parameter) => resolveType(parameter, context));
  if (name === 'Array') return { kind: 'Array', item: first!, nonEmpty, optional };
  if (name === 'Pair') return { kind: 'Pair', left: first!, right: second!, optional };
  if (name === 'Map') return resolveMap(first!, second!, node, context);
  if (name === 'Object') return { kind: 'Object', members: undefined, optional };
  if (PRIMITIVES.includes(name)) return { kind: name as PrimitiveName, optional };
  if (name === 'Directory') return resolveDirectory(node, context);
  const struct = context.struct(name);
  if (struct) return { ...struct, optional };
  if (!context.incomplete) context.report.add('UnknownType', position, { name });
  return { ...ANY, optional };
}

function resolveMap(key: Type, value: Type, node: TypeNode, context: TypeContext): Type {
  if (!isPrimitive(key) && key.kind !== 'Any') {
    context.report.add('MapKey', node.parameters[0]!.position, { type: typeText(key) });
  }
  return { kind: 'Map', key, value, optional: node.optional };
}

function resolveDirectory(node: TypeNode, context: TypeContext): Type {
  if (!hasFeaturesOf(context.version, '1.2')) {
    context.report.add('NeedsVersion', node.position, { feature: 'Directory', version: '1.2' });
  }
  return { kind: 'Directory', optional: node.optional };
}
