import { GrowingBytes } from './growing.ts';

const BLOCK = 128;
const MINIBLOCKS = 4;
const PER_MINIBLOCK = BLOCK / MINIBLOCKS;

/**
 * DELTA_BINARY_PACKED: the first value, then blocks of 128 differences above the block's least one, packed in four
 * miniblocks as wide as each needs. Values are whole and below 2^51, so that differences stay exact.
 */
export function delta(values: readonly number[]): Buffer {
  const out = new GrowingBytes(values.length * 2 + 64);
  varint(out, BLOCK);
  varint(out, MINIBLOCKS);
  varint(out, values.length);
  zigzag(out, values[0]!);
  for (let start = 1; start < values.length; start += BLOCK) block(out, values, start);
  return out.whole();
}

function block(out: GrowingBytes, values: readonly number[], start: number): void {
  const end = Math.min(start + BLOCK, values.length);
  const differences = new Float64Array(BLOCK);
  let least = Infinity;
  for (let index = start; index < end; index++) {
    const difference = values[index]! - values[index - 1]!;
    differences[index - start] = difference;
    if (difference < least) least = difference;
  }
  // What fills the block up counts as the least, so that it needs no bits.
  differences.fill(least, end - start);
  zigzag(out, least);
  const widths = Array.from({ length: MINIBLOCKS }, (_, mini) =>
    widthOf(differences, mini * PER_MINIBLOCK, least),
  );
  out.reserve(MINIBLOCKS);
  for (const width of widths) out.bytes[out.length++] = width;
  const used = Math.ceil((end - start) / PER_MINIBLOCK);
  for (let mini = 0; mini < used; mini++) pack(out, differences, mini * PER_MINIBLOCK, least, widths[mini]!);
}

function widthOf(differences: Float64Array, start: number, least: number): number {
  let greatest = 0;
  for (let index = start; index < start + PER_MINIBLOCK; index++) {
    greatest = Math.max(greatest, differences[index]! - least);
  }
  let width = 0;
  while (2 ** width <= greatest) width++;
  return width;
}

function pack(
  out: GrowingBytes,
  differences: Float64Array,
  start: number,
  least: number,
  width: number,
): void {
  out.reserve(PER_MINIBLOCK * 8);
  let held = 0; // below 2^53: at most seven bits wait when the next value comes, whose width is below 46
  let bits = 0;
  for (let index = start; index < start + PER_MINIBLOCK; index++) {
    held += (differences[index]! - least) * 2 ** bits;
    bits += width;
    while (bits >= 8) {
      out.bytes[out.length++] = held % 256;
      held = Math.floor(held / 256);
      bits -= 8;
    }
  }
}

function zigzag(out: GrowingBytes, value: number): void {
  varint(out, value >= 0 ? value * 2 : -value * 2 - 1);
}

function varint(out: GrowingBytes, value: number): void {
  out.reserve(10);
  let rest = value;
  while (rest >= 128) {
    out.bytes[out.length++] = (rest % 128) + 128;
    rest = Math.floor(rest / 128);
  }
  out.bytes[out.length++] = rest;
}
