import type { Algorithm } from './algorithms.ts';

/** The algorithms whose checksum of a whole follows from its parts': CRCs are linear. */
export type Combinable = Extract<Algorithm, `crc${string}`>;

export function isCombinable(algorithm: Algorithm): algorithm is Combinable {
  return algorithm.startsWith('crc');
}

interface Field {
  readonly width: bigint;
  /** Reflected. */
  readonly polynomial: bigint;
}

const FIELDS: Readonly<Record<Combinable, Field>> = {
  crc32: { width: 32n, polynomial: 0xedb88320n },
  crc32c: { width: 32n, polynomial: 0x82f63b78n },
  crc64nvme: { width: 64n, polynomial: 0x9a6c9329ac4bc9b5n },
};

/** The CRC of all parts in a row from each part's CRC (big-endian bytes) and size. */
export function combineCrcs(
  algorithm: Combinable,
  parts: readonly { readonly crc: Buffer; readonly size: number }[],
): Buffer {
  const field = FIELDS[algorithm];
  const shifts = new Map<number, bigint>();
  let whole = 0n;
  for (const { crc, size } of parts) {
    let shift = shifts.get(size);
    if (shift === undefined) shifts.set(size, (shift = powerOfX(field, BigInt(size) * 8n)));
    whole = multiply(field, shift, whole) ^ BigInt(`0x${crc.toString('hex')}`);
  }
  const digits = Number(field.width) / 4;
  return Buffer.from(whole.toString(16).padStart(digits, '0'), 'hex');
}

/** a(x) * b(x) modulo the polynomial; reflected, so the highest bit stands for x^0. */
function multiply({ width, polynomial }: Field, a: bigint, b: bigint): bigint {
  let product = 0n;
  let shifted = b;
  for (let bit = 1n << (width - 1n); bit !== 0n; bit >>= 1n) {
    if ((a & bit) !== 0n) product ^= shifted;
    shifted = (shifted & 1n) !== 0n ? (shifted >> 1n) ^ polynomial : shifted >> 1n;
  }
  return product;
}

/** x^exponent modulo the polynomial. */
function powerOfX(field: Field, exponent: bigint): bigint {
  let power = 1n << (field.width - 1n);
  let square = 1n << (field.width - 2n);
  for (let rest = exponent; rest !== 0n; rest >>= 1n) {
    if ((rest & 1n) !== 0n) power = multiply(field, power, square);
    square = multiply(field, square, square);
  }
  return power;
}
