import { chosen } from '../check-value.ts';
import { EvaluationError } from '../faults.ts';
import { decimal } from '../expression/json-text.ts';
import type { CommandLineTool, CwlType } from '../load/model.ts';
import { isFileOrDirectory, isObject, textOf, type Value, type ValueObject } from '../value.ts';

/** Evaluates a member of a binding with `self`. */
export type Evaluate = (value: Value, self: Value) => Value;

/** One word of the command, and whether the shell must take it literally. */
export interface Word {
  readonly text: string;
  readonly quoted: boolean;
}

type Key = readonly (number | string)[];

interface Bound {
  readonly key: Key;
  readonly binding: ValueObject;
  readonly value: Value;
}

/** The words after baseCommand, by the specification's "Input binding": collected, sorted by key, made into words. */
export function commandWords(tool: CommandLineTool, inputs: ValueObject, evaluate: Evaluate): Word[] {
  const bound: Bound[] = tool.arguments.map((argument, index) => {
    const binding = typeof argument === 'string' ? { valueFrom: argument } : argument;
    return { key: [positionOf(binding, null, evaluate), index], binding, value: null };
  });
  for (const { binding, name, type } of tool.inputs) {
    bound.push(...collect({ type, binding, lead: [], tail: [name] }, inputs[name] ?? null, evaluate));
  }
  return bound.toSorted((a, b) => compareKeys(a.key, b.key)).flatMap((one) => words(one, evaluate));
}

interface Place {
  readonly type: CwlType;
  readonly binding: ValueObject | undefined;
  readonly lead: Key;
  readonly tail: Key;
}

/** The bindings of a value: its own, and those of what is in it, which are sorted within it. */
function collect({ binding, lead, tail, type }: Place, value: Value, evaluate: Evaluate): Bound[] {
  // "If the value is null, nothing is added": not even what valueFrom would give.
  if (value === null) return [];
  const own = binding && [...lead, positionOf(binding, value, evaluate), ...tail];
  const inner = collectInner({ type, binding, lead, tail }, value, evaluate);
  if (!own) return inner;
  // The expression stands for the whole value; what is in it is not bound again.
  const kept = binding['valueFrom'] === undefined ? inner : [];
  const nested = kept.map((one) => ({ ...one, key: [...own, ...one.key] }));
  return [{ key: own, binding, value }, ...nested];
}

function collectInner({ binding, lead, tail, type }: Place, value: Value, evaluate: Evaluate): Bound[] {
  const of = chosen(type, value);
  if (of.kind === 'record' && isObject(value)) {
    const own = of.binding && !binding ? collectOwn(of.binding, { lead, tail }, value, evaluate) : [];
    const fields = of.fields.flatMap((field) => {
      const member = value[field.name] ?? field.default ?? null;
      return collect(
        { type: field.type, binding: field.binding, lead, tail: [field.name] },
        member,
        evaluate,
      );
    });
    return [...own, ...fields];
  }
  if (of.kind === 'array' && Array.isArray(value))
    return collectItems(of, binding, { lead, tail }, value, evaluate);
  const typeBinding = of.kind === 'enum' ? of.binding : undefined;
  return typeBinding ? collectOwn(typeBinding, { lead, tail }, value, evaluate) : [];
}

type Around = Pick<Place, 'lead' | 'tail'>;

function collectOwn(binding: ValueObject, { lead, tail }: Around, value: Value, evaluate: Evaluate): Bound[] {
  return [{ key: [...lead, positionOf(binding, value, evaluate), ...tail], binding, value }];
}

/** Items are bound one by one where the array's type has a binding, or the input has one that does not join them. */
function collectItems(
  type: Extract<CwlType, { kind: 'array' }>,
  outer: ValueObject | undefined,
  { tail }: Around,
  items: readonly Value[],
  evaluate: Evaluate,
): Bound[] {
  const separate = outer && outer['itemSeparator'] === undefined ? {} : undefined;
  const binding = type.binding ?? separate;
  return items.flatMap((item, index) =>
    collect({ type: type.items, binding, lead: [index], tail }, item, evaluate),
  );
}

function positionOf(binding: ValueObject, value: Value, evaluate: Evaluate): number {
  const position = evaluate(binding['position'] ?? 0, value);
  if (typeof position === 'number') return position;
  const number = typeof position === 'string' && position.trim() !== '' ? Number(position) : Number.NaN;
  if (Number.isFinite(number)) return number;
  if (position === null) return 0;
  throw new EvaluationError(`"position" must be a number; it is ${JSON.stringify(position)}.`);
}

/** "Numeric entries sort before strings." */
function compareKeys(a: Key, b: Key): number {
  for (let index = 0; index < Math.min(a.length, b.length); index += 1) {
    const [left, right] = [a[index]!, b[index]!];
    if (left === right) continue;
    if (typeof left === 'number' && typeof right === 'number') return left - right;
    if (typeof left === 'number') return -1;
    if (typeof right === 'number') return 1;
    return left < right ? -1 : 1;
  }
  return a.length - b.length;
}

function words({ binding, value: bound }: Bound, evaluate: Evaluate): Word[] {
  const hasValueFrom = binding['valueFrom'] !== undefined;
  const value = hasValueFrom ? evaluate(binding['valueFrom']!, bound) : bound;
  const prefix = textOf(binding['prefix']);
  const quoted = binding['shellQuote'] !== false;
  const word = (text: string): Word => ({ text, quoted });
  const alone = prefix === undefined ? [] : [word(prefix)];
  if (value === null || value === false) return [];
  if (value === true) return alone;
  if (Array.isArray(value)) {
    const separator = textOf(binding['itemSeparator']);
    if (value.length === 0) return [];
    if (separator !== undefined)
      return withPrefix(prefix, binding, value.map(valueText).join(separator)).map(word);
    return hasValueFrom ? [...alone, ...value.map((item) => word(valueText(item)))] : alone;
  }
  if (isObject(value) && !isFileOrDirectory(value)) return alone;
  return withPrefix(prefix, binding, valueText(value)).map(word);
}

function withPrefix(prefix: string | undefined, binding: ValueObject, text: string): string[] {
  if (prefix === undefined) return [text];
  return binding['separate'] === false ? [prefix + text] : [prefix, text];
}

/** A value as a word of a command: files by their path, numbers in decimal. */
export function valueText(value: Value): string {
  if (typeof value === 'number') return decimal(value);
  if (isFileOrDirectory(value)) return textOf(value['path']) ?? textOf(value['location']) ?? '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** A word as a POSIX shell takes it literally. */
export function shellQuoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'"'"'`)}'`;
}
