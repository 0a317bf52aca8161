/** A value as Thrift's compact protocol writes it (Parquet's page headers and footer are such values). */
export type ThriftValue =
  | { readonly kind: 'i32' | 'i64'; readonly value: number }
  | { readonly kind: 'binary'; readonly value: Uint8Array }
  | { readonly kind: 'list'; readonly of: Kind; readonly values: readonly ThriftValue[] }
  | { readonly kind: 'struct'; readonly fields: readonly (readonly [id: number, value: ThriftValue])[] };

type Kind = 'i32' | 'i64' | 'binary' | 'list' | 'struct';

/** The compact protocol's numbers of the types. */
const TYPES: Readonly<Record<Kind, number>> = { i32: 5, i64: 6, binary: 8, list: 9, struct: 12 };

export const i32 = (value: number): ThriftValue => ({ kind: 'i32', value });
export const i64 = (value: number): ThriftValue => ({ kind: 'i64', value });
export const binary = (value: string | Uint8Array): ThriftValue => ({
  kind: 'binary',
  value: typeof value === 'string' ? Buffer.from(value) : value,
});
export const list = (of: Kind, values: readonly ThriftValue[]): ThriftValue => ({ kind: 'list', of, values });

/** Fields by their ids, in ascending order; undefined ones are left out. */
export function struct(fields: Readonly<Record<number, ThriftValue | undefined>>): ThriftValue {
  const present = Object.entries(fields).flatMap(([id, value]) =>
    value ? [[Number(id), value] as const] : [],
  );
  return { kind: 'struct', fields: present };
}

export function thriftBytes(value: ThriftValue): Buffer {
  const out: number[] = [];
  write(out, value);
  return Buffer.from(out);
}

function write(out: number[], value: ThriftValue): void {
  switch (value.kind) {
    case 'i32':
    case 'i64':
      return varint(out, zigzag(value.value));
    case 'binary':
      varint(out, BigInt(value.value.length));
      for (const byte of value.value) out.push(byte);
      return;
    case 'list':
      return writeList(out, value.of, value.values);
    case 'struct':
      return writeStruct(out, value.fields);
  }
}

function writeList(out: number[], of: Kind, values: readonly ThriftValue[]): void {
  if (values.length < 15) out.push((values.length << 4) | TYPES[of]);
  else {
    out.push(0xf0 | TYPES[of]);
    varint(out, BigInt(values.length));
  }
  for (const value of values) write(out, value);
}

function writeStruct(out: number[], fields: readonly (readonly [number, ThriftValue])[]): void {
  let last = 0;
  for (const [id, value] of fields) {
    const delta = id - last;
    if (delta > 15) throw new Error(`field ${id} lies too far behind field ${last}`);
    out.push((delta << 4) | TYPES[value.kind]);
    write(out, value);
    last = id;
  }
  out.push(0);
}

function zigzag(value: number): bigint {
  const wide = BigInt(value);
  return wide >= 0n ? wide * 2n : -wide * 2n - 1n;
}

function varint(out: number[], value: bigint): void {
  let rest = value;
  while (rest >= 128n) {
    out.push(Number(rest & 127n) | 128);
    rest >>= 7n;
  }
  out.push(Number(rest));
}
