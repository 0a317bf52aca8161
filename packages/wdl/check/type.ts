/** A type after names have been resolved. `optional` is the `?` quantifier. */
export type Type =
  PrimitiveType | ArrayType | MapType | PairType | StructType | ObjectType | NoneType | AnyType;

export type PrimitiveName = 'Boolean' | 'Int' | 'Float' | 'String' | 'File' | 'Directory';

export interface PrimitiveType {
  readonly kind: PrimitiveName;
  readonly optional: boolean;
}
export interface ArrayType {
  readonly kind: 'Array';
  readonly item: Type;
  readonly nonEmpty: boolean;
  readonly optional: boolean;
}
export interface MapType {
  readonly kind: 'Map';
  readonly key: Type;
  readonly value: Type;
  readonly optional: boolean;
}
export interface PairType {
  readonly kind: 'Pair';
  readonly left: Type;
  readonly right: Type;
  readonly optional: boolean;
}
export interface StructType {
  readonly kind: 'Struct';
  readonly name: string;
  readonly members: ReadonlyMap<string, Type>;
  readonly optional: boolean;
}
export interface ObjectType {
  readonly kind: 'Object';
  /** Known where the type is that of a literal. */
  readonly members: ReadonlyMap<string, Type> | undefined;
  readonly optional: boolean;
}
/** Of the literal `None`. */
export interface NoneType {
  readonly kind: 'None';
  readonly optional: true;
}
/** The specification's hidden Union: what read_json() gives, the items of `[]`, and whatever an error left unknown. */
export interface AnyType {
  readonly kind: 'Any';
  readonly optional: boolean;
}

const primitive = (kind: PrimitiveName): PrimitiveType => ({ kind, optional: false });

export const BOOLEAN = primitive('Boolean');
export const INT = primitive('Int');
export const FLOAT = primitive('Float');
export const STRING = primitive('String');
export const FILE = primitive('File');
export const ANY: AnyType = { kind: 'Any', optional: false };
export const NONE: NoneType = { kind: 'None', optional: true };
export const OBJECT: ObjectType = { kind: 'Object', members: undefined, optional: false };

export const arrayOf = (item: Type, nonEmpty = false): ArrayType => ({
  kind: 'Array',
  item,
  nonEmpty,
  optional: false,
});
export const mapOf = (key: Type, value: Type): MapType => ({ kind: 'Map', key, value, optional: false });
export const pairOf = (left: Type, right: Type): PairType => ({ kind: 'Pair', left, right, optional: false });

/** The type with or without `?`. */
export function withOptional<T extends Type>(type: T, optional: boolean): T {
  if (type.optional === optional || type.kind === 'None') return type;
  return { ...type, optional };
}

export function isPrimitive(type: Type): type is PrimitiveType {
  return ['Boolean', 'Int', 'Float', 'String', 'File', 'Directory'].includes(type.kind);
}

/** Whether a file is written somewhere in the type; members of structs are not looked at. */
export function holdsFiles(type: Type): boolean {
  return /\b(File|Directory)\b/.test(typeText(type));
}

export function isNumeric(type: Type): boolean {
  return type.kind === 'Int' || type.kind === 'Float';
}

/** The type as an author writes it. */
export function typeText(type: Type): string {
  return bareText(type) + (type.optional && type.kind !== 'None' ? '?' : '');
}

function bareText(type: Type): string {
  switch (type.kind) {
    case 'Array':
      return `Array[${typeText(type.item)}]${type.nonEmpty ? '+' : ''}`;
    case 'Map':
      return `Map[${typeText(type.key)}, ${typeText(type.value)}]`;
    case 'Pair':
      return `Pair[${typeText(type.left)}, ${typeText(type.right)}]`;
    case 'Struct':
      return type.name;
    default:
      return type.kind;
  }
}

/** Whether both are the same type, names of structs aside. */
export function sameType(a: Type, b: Type): boolean {
  if (a.kind !== b.kind || a.optional !== b.optional) return false;
  switch (a.kind) {
    case 'Array':
      return b.kind === 'Array' && a.nonEmpty === b.nonEmpty && sameType(a.item, b.item);
    case 'Map':
      return b.kind === 'Map' && sameType(a.key, b.key) && sameType(a.value, b.value);
    case 'Pair':
      return b.kind === 'Pair' && sameType(a.left, b.left) && sameType(a.right, b.right);
    case 'Struct':
      return b.kind === 'Struct' && sameMembers(a.members, b.members);
    default:
      return true;
  }
}

function sameMembers(a: ReadonlyMap<string, Type>, b: ReadonlyMap<string, Type>): boolean {
  if (a.size !== b.size) return false;
  return [...a].every(([name, type]) => {
    const other = b.get(name);
    return other !== undefined && sameType(type, other);
  });
}
