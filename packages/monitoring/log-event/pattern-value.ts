import { errors } from '../errors.ts';

/** What a field of a message is: text, a number or whatever else JSON has; undefined where it is not there. */
export type FieldTest = (value: unknown) => boolean;

/** The test of `= 4*`, `!= "x"`, `>= 12`. Throws where the value does not fit the sign. */
export function compareTo(pattern: string, sign: string, value: string): FieldTest {
  if (sign === '=' || sign === '!=') {
    const equals = equalTo(value);
    return sign === '=' ? equals : (field) => field !== undefined && !equals(field);
  }
  const number = Number(value);
  if (!/^-?[\d.]/.test(value) || Number.isNaN(number))
    throw errors.unsupportedPattern({ pattern, reason: `${sign} needs a number, and ${value} is none` });
  const holds = {
    '<': (field: number) => field < number,
    '<=': (field: number) => field <= number,
    '>': (field: number) => field > number,
    '>=': (field: number) => field >= number,
  }[sign]!;
  return (field) => {
    const isNumber = typeof field === 'number' || (typeof field === 'string' && field.trim() !== '');
    return isNumber && holds(Number(field));
  };
}

/** Numbers by value, text case by case, with `*` for any characters: `{ $.latency = * }` takes any number. */
function equalTo(value: string): FieldTest {
  const number = /^-?\d/.test(value) ? Number(value) : NaN;
  const parts = value.split('*');
  return (field) => {
    if (typeof field === 'number' && field === number) return true;
    const isText = typeof field === 'string' || typeof field === 'number';
    return isText && (parts.length === 1 ? String(field) === value : fits(String(field), parts));
  };
}

/** Whether the parts follow each other in the text, the first at its start and the last at its end. */
function fits(text: string, parts: readonly string[]): boolean {
  const [first, last] = [parts[0]!, parts.at(-1)!];
  if (!text.startsWith(first) || !text.endsWith(last) || text.length < first.length + last.length)
    return false;
  let from = first.length;
  for (const part of parts.slice(1, -1)) {
    const at = text.indexOf(part, from);
    if (at === -1) return false;
    from = at + part.length;
  }
  return from <= text.length - last.length;
}
