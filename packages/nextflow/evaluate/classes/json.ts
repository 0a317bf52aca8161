import { Decimal } from '../../values/decimal.ts';
import { Double } from '../../values/double.ts';
import { fault } from '../../values/errors.ts';
import { GroovyMap } from '../../values/map.ts';
import { integer, isNumber } from '../../values/number.ts';
import { FilePath } from '../../values/path.ts';
import { text } from '../../values/text.ts';
import { GroovyObject, type Value } from '../../values/value.ts';
import { Instance } from '../instance.ts';
import { isCollection } from '../items.ts';

/** JSON's values as Groovy's: decimals stay exact. */
export function parseJson(source: string): Value {
  try {
    return fromPlain(
      JSON.parse(source, (_name, value: unknown, context?: { source?: string }) =>
        numberOf(value, context?.source),
      ),
    );
  } catch (error) {
    if (error instanceof SyntaxError) throw fault(`This is not JSON: ${error.message}`, 'JsonException');
    throw error;
  }
}

function numberOf(value: unknown, source: string | undefined): unknown {
  if (typeof value !== 'number' || source === undefined) return value;
  return /^-?\d+$/.test(source) ? integer(BigInt(source)) : Decimal.parse(source);
}

/** JavaScript's plain objects as Groovy's maps. */
export function fromPlain(value: unknown): Value {
  if (value === undefined) return null;
  if (Array.isArray(value)) return value.map(fromPlain);
  if (typeof value === 'number' && !Number.isInteger(value)) return Decimal.parse(String(value));
  if (value instanceof Date) return value.toISOString().replace(/T00:00:00.000Z$/, '');
  if (typeof value !== 'object' || value === null || value instanceof Decimal) return value;
  return GroovyMap.from(Object.entries(value).map(([key, item]) => [key, fromPlain(item)] as const));
}

/** Groovy's values as JavaScript's, as far as JSON goes. */
export function toPlain(value: Value): unknown {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value;
  if (typeof value === 'number') return value;
  if (value instanceof Decimal || value instanceof Double || typeof value === 'bigint')
    return Number(value.toString());
  if (value instanceof GroovyMap)
    return Object.fromEntries(Array.from(value, ([key, item]) => [text(key), toPlain(item)]));
  if (isCollection(value)) return Array.from(value, toPlain);
  if (value instanceof Instance) return toPlain(value.fields);
  if (value instanceof FilePath) return value.toString();
  return text(value);
}

export function toJson(value: Value): string {
  if (isNumber(value) || typeof value === 'boolean' || value === null || value === undefined)
    return text(value ?? null);
  if (value instanceof GroovyMap) {
    return `{${Array.from(value, ([key, item]) => `${jsonString(text(key))}:${toJson(item)}`).join(',')}}`;
  }
  if (isCollection(value)) return `[${Array.from(value, toJson).join(',')}]`;
  if (value instanceof Instance) return toJson(value.fields);
  if (value instanceof GroovyObject && value.className === 'Date')
    return jsonString(text(value.invoke('toInstant', []) ?? value));
  return jsonString(text(value));
}

/** As groovy.json.JsonOutput writes texts: what is not ASCII is escaped. */
function jsonString(value: string): string {
  return JSON.stringify(value).replace(
    /[\u007f-\uffff]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Four blanks a level, as JsonOutput.prettyPrint has it. */
export function prettyPrint(json: string): string {
  let out = '';
  let level = 0;
  const line = () => `\n${'    '.repeat(level)}`;
  for (const token of json.match(/"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g) ?? []) {
    if (token === '{' || token === '[') {
      level += 1;
      out += token + line();
    } else if (token === '}' || token === ']') {
      level -= 1;
      out += line() + token;
    } else if (token === ',') out += `,${line()}`;
    else if (token === ':') out += ': ';
    else out += token;
  }
  return out;
}
