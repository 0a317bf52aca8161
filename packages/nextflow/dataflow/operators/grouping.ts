import { bagOf } from '../../values/bag.ts';
import { Closure } from '../../values/closure.ts';
import { compareTexts } from '../../values/compare.ts';
import { illegalArgument } from '../../values/errors.ts';
import { GroovyMap } from '../../values/map.ts';
import { text } from '../../values/text.ts';
import { truth } from '../../values/truth.ts';
import { GroovyObject, type Value } from '../../values/value.ts';
import { ordering } from '../../evaluate/methods/method.ts';
import { asMade } from './as-made.ts';
import { each, numberOption, option, type Operator } from './operator.ts';
import { keyOf } from '../../values/key.ts';

/** A key that knows how many items its group has. It is equal to what it wraps. */
export class GroupKey extends GroovyObject {
  readonly className = 'GroupKey';
  readonly target: Value;
  readonly size: number;

  constructor(target: Value, size: number) {
    super();
    this.target = target;
    this.size = size;
  }

  override property(name: string): Value | undefined {
    if (name === 'groupSize') return this.size;
    if (name === 'groupTarget' || name === 'target') return this.target;
    return this.target instanceof GroovyMap
      ? (this.target.get(name) ?? null)
      : this.target instanceof GroovyObject
        ? this.target.property(name)
        : undefined;
  }

  override invoke(name: string, args: readonly Value[]): Value | undefined {
    if (name === 'getGroupTarget') return this.target;
    if (name === 'getGroupSize') return this.size;
    return this.target instanceof GroovyObject ? this.target.invoke(name, args) : undefined;
  }

  override standsFor(): Value {
    return this.target;
  }

  override equals(other: Value): boolean {
    return (
      keyOf(this) === keyOf(other) ||
      keyOf(this.target) === keyOf(other instanceof GroupKey ? other.target : other)
    );
  }

  override key(): Value {
    return this.target;
  }

  toString(): string {
    return text(this.target);
  }
}

interface Group {
  readonly key: Value[];
  readonly rows: Value[][];
}

export const grouping: Readonly<Record<string, Operator>> = {
  groupTuple(source, { options }) {
    const by = columnsOf(option(options, 'by') ?? 0);
    const size = numberOption('groupTuple', options, 'size') ?? 0;
    const remainder = truth(option(options, 'remainder') ?? size === 0);
    const sort = option(options, 'sort');
    const groups = new GroovyMap();
    const target = source.queue();
    const emit = ({ key, rows: arrived }: Group) => {
      const rows = asMade(arrived, source);
      const width = rows[0]!.length;
      const columns = Array.from({ length: width }, (_, index) => {
        const at = by.indexOf(index);
        if (at >= 0) return key[at];
        return bagOf(
          sorted(
            rows.map((row) => row[index]),
            sort,
          ),
        );
      });
      target.emit(columns);
    };
    return each(
      source,
      target,
      (item) => {
        if (!Array.isArray(item)) throw illegalArgument(`"groupTuple" needs tuples, not ${text(item)}.`);
        const key = by.map((index) => item[index] as Value);
        const id = key.map((part) => (part instanceof GroupKey ? part.target : part));
        const group = (groups.get(id) as Group | undefined) ?? { key, rows: [] };
        groups.set(id, group);
        group.rows.push(item as Value[]);
        const wanted = key.find((part) => part instanceof GroupKey) as GroupKey | undefined;
        if (group.rows.length !== (wanted?.size ?? size)) return;
        groups.delete(id);
        emit(group);
      },
      () => {
        for (const group of groups.values())
          if (remainder || !(group as Group).key.some((part) => part instanceof GroupKey))
            if (remainder) emit(group as Group);
        target.close();
      },
    );
  },
  /** Of `[key, item]` or `[key, size, item]`: groups as soon as they are whole. */
  groupBy(source) {
    const groups = new GroovyMap();
    const target = source.queue();
    return each(
      source,
      target,
      (item) => {
        if (!Array.isArray(item) || item.length < 2 || item.length > 3) {
          throw illegalArgument(
            `"groupBy" needs tuples (key, value) or (key, size, value), not ${text(item)}.`,
          );
        }
        const [key, size, value] =
          item.length === 3
            ? (item as [Value, Value, Value])
            : [item[0] as Value, undefined, item[1] as Value];
        const group = (groups.get(key) as Value[] | undefined) ?? [];
        groups.set(key, group);
        group.push(value);
        if (size === undefined || group.length !== Number(size)) return;
        groups.delete(key);
        target.emit([key, bagOf(group)]);
      },
      () => {
        for (const [key, group] of groups) target.emit([key, bagOf(group as Value[])]);
        target.close();
      },
    );
  },
};

export function columnsOf(by: Value): number[] {
  const columns = Array.isArray(by) ? by : [by];
  if (columns.some((column) => typeof column !== 'number'))
    throw illegalArgument(`The option "by" is the number of a column, or a list of them, not ${text(by)}.`);
  return columns as number[];
}

function sorted(column: Value[], sort: Value | undefined): Value[] {
  if (sort === undefined || sort === false) return column;
  if (sort === true || sort === 'true' || sort === 'natural') return column.sort(ordering(undefined));
  if (sort === 'hash') return column.sort((a, b) => compareTexts(text(a), text(b)));
  if (sort === 'deep') return column.sort((a, b) => compareTexts(text(a), text(b)));
  if (sort instanceof Closure) return column.sort(ordering(sort));
  throw illegalArgument(`"groupTuple" cannot sort by ${text(sort)}. Use true, 'hash', 'deep' or a closure.`);
}
