/** A value at run time. Immutable. */
export type Value =
  | NoneValue
  | BooleanValue
  | IntValue
  | FloatValue
  | TextValue
  | ArrayValue
  | MapValue
  | PairValue
  | ObjectValue;

export interface NoneValue {
  readonly kind: 'None';
}
export interface BooleanValue {
  readonly kind: 'Boolean';
  readonly value: boolean;
}
/** Signed, 64 bits. */
export interface IntValue {
  readonly kind: 'Int';
  readonly value: bigint;
}
export interface FloatValue {
  readonly kind: 'Float';
  readonly value: number;
}
/** A File or Directory holds its path or URI. */
export interface TextValue {
  readonly kind: 'String' | 'File' | 'Directory';
  readonly value: string;
}
export interface ArrayValue {
  readonly kind: 'Array';
  readonly items: readonly Value[];
}
export interface MapValue {
  readonly kind: 'Map';
  /** By the key's text, in the order of insertion. */
  readonly entries: ReadonlyMap<string, readonly [key: Value, value: Value]>;
}
export interface PairValue {
  readonly kind: 'Pair';
  readonly left: Value;
  readonly right: Value;
}
/** An Object or a struct; also the outputs of a call. */
export interface ObjectValue {
  readonly kind: 'Object';
  readonly members: ReadonlyMap<string, Value>;
}

export const NOTHING: NoneValue = { kind: 'None' };
const TRUE: BooleanValue = { kind: 'Boolean', value: true };
const FALSE: BooleanValue = { kind: 'Boolean', value: false };

export const boolean = (value: boolean): BooleanValue => (value ? TRUE : FALSE);
export const int = (value: bigint | number): IntValue => ({ kind: 'Int', value: BigInt(value) });
export const float = (value: number): FloatValue => ({ kind: 'Float', value });
export const string = (value: string): TextValue => ({ kind: 'String', value });
export const file = (value: string): TextValue => ({ kind: 'File', value });
export const array = (items: readonly Value[]): ArrayValue => ({ kind: 'Array', items });
export const pair = (left: Value, right: Value): PairValue => ({ kind: 'Pair', left, right });
export const object = (members: Iterable<readonly [string, Value]>): ObjectValue => ({
  kind: 'Object',
  members: new Map(members),
});

/** A map of these entries; of two with the same key the later one stays. */
export function map(entries: Iterable<readonly [Value, Value]>): MapValue {
  const byText = new Map<string, readonly [Value, Value]>();
  for (const entry of entries) byText.set(keyText(entry[0]), entry);
  return { kind: 'Map', entries: byText };
}

/** What identifies a key within its map. */
export function keyText(key: Value): string {
  return key.kind === 'None' ? '\0' : text(key);
}

/** A primitive as a placeholder shows it (specification, "Expression Placeholder Coercion"); None is empty. */
export function text(value: Value): string {
  switch (value.kind) {
    case 'None':
      return '';
    case 'Boolean':
    case 'Int':
      return String(value.value);
    case 'Float':
      return floatText(value.value);
    case 'String':
    case 'File':
    case 'Directory':
      return value.value;
    default:
      throw new EvaluationError(`${value.kind} cannot be put into a string.`);
  }
}

/** `[-]ddd.dddddd`, also for numbers that JavaScript would write with an exponent. */
function floatText(value: number): string {
  if (Math.abs(value) < 1e21) return value.toFixed(6);
  return `${BigInt(value)}.000000`;
}

/** A fault of the workflow that shows when it is evaluated; the evaluator adds where. */
export class EvaluationError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'EvaluationError';
  }
}

/** Whether two values are equal as `==` has it: numbers by value, arrays and maps in order. */
export function equal(a: Value, b: Value): boolean {
  if (a.kind === 'None' || b.kind === 'None') return a.kind === b.kind;
  if (a.kind === 'Array' && b.kind === 'Array') {
    return a.items.length === b.items.length && a.items.every((item, index) => equal(item, b.items[index]!));
  }
  if (a.kind === 'Map' && b.kind === 'Map')
    return equalEntries([...a.entries.values()], [...b.entries.values()]);
  if (a.kind === 'Pair' && b.kind === 'Pair') return equal(a.left, b.left) && equal(a.right, b.right);
  if (a.kind === 'Object' && b.kind === 'Object') return equalMembers(a, b);
  if (isNumber(a) && isNumber(b)) {
    // Int meets Float as a Float (specification, "Order of Precedence").
    return a.kind === b.kind ? a.value === b.value : Number(a.value) === Number(b.value);
  }
  if (!isScalar(a) || !isScalar(b)) return false;
  return text(a) === text(b);
}

const isNumber = (value: Value) => value.kind === 'Int' || value.kind === 'Float';
const isScalar = (value: Value) =>
  ['Boolean', 'Int', 'Float', 'String', 'File', 'Directory'].includes(value.kind);

function equalEntries(a: (readonly [Value, Value])[], b: (readonly [Value, Value])[]): boolean {
  return (
    a.length === b.length && a.every(([key, value], i) => equal(key, b[i]![0]) && equal(value, b[i]![1]))
  );
}

function equalMembers(a: ObjectValue, b: ObjectValue): boolean {
  if (a.members.size !== b.members.size) return false;
  return [...a.members].every(([name, value]) => {
    const other = b.members.get(name);
    return other !== undefined && equal(value, other);
  });
}
