/** Bytes that VCF separates its values with. */
export const BYTE = {
  tab: 9,
  newline: 10,
  return: 13,
  ampersand: 38,
  comma: 44,
  minus: 45,
  dot: 46,
  slash: 47,
  zero: 48,
  nine: 57,
  colon: 58,
  semicolon: 59,
  less: 60,
  equals: 61,
  pipe: 124,
} as const;

/** Longer numbers go the slow way, which tells what is wrong with them. */
const SAFE_DIGITS = 9;

/** The whole number that the bytes write in plain digits, at most nine; NaN where they are anything else. */
export function plainInteger(bytes: Buffer, start: number, end: number): number {
  const first = bytes[start] === BYTE.minus ? start + 1 : start;
  if (first === end || end - first > SAFE_DIGITS) return NaN;
  let value = 0;
  for (let at = first; at < end; at++) {
    const digit = bytes[at]! - BYTE.zero;
    if (digit < 0 || digit > 9) return NaN;
    value = value * 10 + digit;
  }
  return first === start ? value : -value;
}

export function isDot(bytes: Buffer, start: number, end: number): boolean {
  return end - start === 1 && bytes[start] === BYTE.dot;
}

/** Where the byte comes next, or `end`. */
export function next(bytes: Buffer, byte: number, start: number, end: number): number {
  let at = start;
  while (at < end && bytes[at] !== byte) at++;
  return at;
}

export function sameBytes(bytes: Buffer, start: number, end: number, other: Buffer): boolean {
  if (end - start !== other.length) return false;
  for (let at = 0; at < other.length; at++) if (bytes[start + at] !== other[at]) return false;
  return true;
}

/** The float that the text writes, INF, INFINITY and NAN in any case too (VCF 4.3, 1.3); undefined where it is none. */
export function floatOf(text: string): number | undefined {
  const number = text === '' ? NaN : Number(text);
  if (!Number.isNaN(number)) return number;
  const [, sign, name] = /^([-+]?)(INF|INFINITY|NAN)$/i.exec(text) ?? [];
  if (name === undefined) return undefined;
  if (/nan/i.test(name)) return NaN;
  return sign === '-' ? -Infinity : Infinity;
}
