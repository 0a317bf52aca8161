import { isObject, type Value } from '../value.ts';

/** JSON with sorted members, a space after commas and colons, numbers in decimal: what the conformance tests compare bytes of. */
export function jsonText(value: Value): string {
  if (typeof value === 'number') return decimal(value);
  if (Array.isArray(value)) return `[${value.map(jsonText).join(', ')}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const members = Object.keys(value)
    .sort()
    .map((name) => `${JSON.stringify(name)}: ${jsonText(value[name]!)}`);
  return `{${members.join(', ')}}`;
}

/** "float and double: decimal text representation", never with an exponent. */
export function decimal(value: number): string {
  const text = String(value);
  const match = /^(-?)(\d+)(?:\.(\d+))?e([+-]\d+)$/.exec(text);
  if (!match) return text;
  const [, sign, whole = '', fraction = '', exponent] = match;
  const digits = whole + fraction;
  const point = whole.length + Number(exponent);
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`;
  if (point >= digits.length) return sign + digits + '0'.repeat(point - digits.length);
  return `${sign}${digits.slice(0, point)}.${digits.slice(point)}`;
}
