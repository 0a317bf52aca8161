import { EvaluationError } from '../faults.ts';
import { isObject, type Value } from '../value.ts';

const SYMBOL = /^[\p{L}\p{N}_]+/u;
const SEGMENT =
  /^(?:\.(?<symbol>[\p{L}\p{N}_]+)|\['(?<single>(?:[^'\\]|\\.)*)'\]|\["(?<double>(?:[^"\\]|\\.)*)"\]|\[(?<index>\d+)\])/u;

/** The names and numbers of a parameter reference: `inputs.x[0]`; undefined where the code is more than one. */
export function parseReference(code: string): (string | number)[] | undefined {
  const text = code.trim();
  const first = SYMBOL.exec(text)?.[0];
  if (first === undefined) return undefined;
  const path: (string | number)[] = [first];
  for (let rest = text.slice(first.length); rest !== '';) {
    const segment = SEGMENT.exec(rest);
    if (!segment) return undefined;
    const { double, index, single, symbol } = segment.groups!;
    path.push(index === undefined ? (symbol ?? unescaped(single ?? double ?? '')) : Number(index));
    rest = rest.slice(segment[0].length);
  }
  return path;
}

function unescaped(text: string): string {
  return text.replace(/\\(.)/g, '$1');
}

/** The value that the path leads to; EvaluationError where there is none. */
export function follow(path: readonly (string | number)[], scope: Readonly<Record<string, Value>>): Value {
  if (path.length === 1 && path[0] === 'null') return null;
  let value: Value = { ...scope };
  for (const [index, step] of path.entries()) {
    const next = stepInto(value, step, index === path.length - 1);
    if (next === undefined)
      throw new EvaluationError(`$(${path.join('.')}): there is no ${JSON.stringify(step)}.`);
    value = next;
  }
  return value;
}

function stepInto(value: Value, step: string | number, last: boolean): Value | undefined {
  if (Array.isArray(value)) {
    if (step === 'length') return last ? value.length : undefined;
    return typeof step === 'number' ? value[step] : undefined;
  }
  return isObject(value) && Object.hasOwn(value, step) ? value[step] : undefined;
}
