import { fault, illegalArgument } from '../../values/errors.ts';
import { keyOf } from '../../values/key.ts';
import { GroovyMap } from '../../values/map.ts';
import { text } from '../../values/text.ts';
import { truth } from '../../values/truth.ts';
import type { Value } from '../../values/value.ts';
import { isCollection, items } from '../../evaluate/items.ts';
import { Channel, type Reader } from '../channel.ts';
import { asChannel } from '../as-channel.ts';
import { columnsOf } from './grouping.ts';
import { mapping, option, type Operator } from './operator.ts';

/** Operators over several channels. */
export const combining: Readonly<Record<string, Operator>> = {
  mix(source, { positional }) {
    const all = [source, ...others(source, positional, 'mix')];
    const target = source.queue();
    let open = all.length;
    for (const channel of all) {
      channel.read({
        next: (item) => target.emit(item),
        done: () => (--open === 0 ? target.close() : undefined),
      });
    }
    return target;
  },
  concat(source, { positional }) {
    const all = [source, ...others(source, positional, 'concat')];
    const target = source.queue();
    const waiting = all.map((): Value[] => []);
    const closed = all.map(() => false);
    let turn = 0;
    const advance = () => {
      while (closed[turn]) {
        turn += 1;
        if (turn === all.length) target.close();
        for (const item of waiting[turn]?.splice(0) ?? []) target.emit(item);
      }
    };
    for (const [index, channel] of all.entries()) {
      channel.read({
        next: (item) => (index === turn ? target.emit(item) : waiting[index]!.push(item)),
        done: () => {
          closed[index] = true;
          advance();
        },
      });
    }
    return target;
  },
  merge(source, { closure, positional }) {
    const given =
      positional.length === 1 &&
      isCollection(positional[0]) &&
      items(positional[0]).every((one) => one instanceof Channel)
        ? items(positional[0])
        : positional;
    const all = [source, ...others(source, given, 'merge')];
    const target = source.queue();
    const queues = all.map((): Value[] => []);
    const emit = () => {
      while (queues.every((queue) => queue.length > 0)) {
        const row = queues.map((queue, index) => (all[index]!.isValue ? queue[0] : queue.shift()));
        target.emit(
          closure
            ? closure.body(closure, ...row)
            : row.flatMap((item) => (Array.isArray(item) ? (item as Value[]) : [item])),
        );
        if (all.every(({ isValue }) => isValue)) return;
      }
    };
    let open = true;
    for (const [index, channel] of all.entries()) {
      channel.read({
        next: (item) => {
          queues[index]!.push(item);
          emit();
        },
        done: () => {
          if (channel.isValue && !all.every(({ isValue }) => isValue)) return;
          if (open && queues[index]!.length === 0) {
            open = false;
            target.close();
          } else if (open) closeWhenDry(index);
        },
      });
    }
    const dry = new Set<number>();
    function closeWhenDry(index: number): void {
      dry.add(index);
      if (dry.size === all.filter(({ isValue }) => !isValue).length || all.every(({ isValue }) => isValue))
        target.close();
    }
    return target;
  },
  combine(source, { options, positional }) {
    const by = option(options, 'by');
    const columns = by === undefined ? undefined : columnsOf(by);
    const right = other(source, positional[0], 'combine');
    const [lefts, rights]: [Value[], Value[]] = [[], []];
    const target = source.queue();
    const emit = (left: Value, item: Value) => {
      const made = columns ? combinedBy(left, item, columns) : [...asTuple(left), ...asTuple(item)];
      if (made) target.emit(made);
    };
    // A list that is no channel is one side that is known.
    return both(source, right, target, {
      left: (item) => {
        lefts.push(item);
        for (const one of rights) emit(item, one);
      },
      right: (item) => {
        rights.push(item);
        for (const one of lefts) emit(one, item);
      },
    });
  },
  cross(source, { closure, positional }) {
    const key = closure
      ? mapping(closure)
      : (item: Value) => (Array.isArray(item) ? (item[0] as Value) : item);
    const right = other(source, positional[0], 'cross');
    const known = new GroovyMap();
    const waiting = new GroovyMap();
    const target = source.queue();
    return both(source, right, target, {
      left: (item) => {
        const id = key(item);
        if (known.has(id)) return;
        known.set(id, item);
        for (const one of (waiting.get(id) as Value[] | undefined) ?? []) target.emit([item, one]);
        waiting.delete(id);
      },
      right: (item) => {
        const id = key(item);
        if (known.has(id)) target.emit([known.get(id), item]);
        else waiting.set(id, [...((waiting.get(id) as Value[] | undefined) ?? []), item]);
      },
    });
  },
  join(source, { options, positional }) {
    return new Join(source, other(source, positional[0], 'join'), options).target;
  },
};

function asTuple(item: Value): readonly Value[] {
  return isCollection(item) ? items(item) : [item];
}

function combinedBy(left: Value, right: Value, columns: readonly number[]): Value[] | undefined {
  const [a, b] = [asTuple(left), asTuple(right)];
  const keys = columns.map((column) => a[column]);
  const same = columns.every((column) => keyOf(a[column]) === keyOf(b[column]));
  if (!same) return undefined;
  const rest = (tuple: readonly Value[]) => tuple.filter((_, index) => !columns.includes(index));
  return [...keys, ...rest(a), ...rest(b)];
}

function others(source: Channel, given: readonly Value[], name: string): Channel[] {
  return given.map((one) => other(source, one, name));
}

function other(source: Channel, given: Value, name: string): Channel {
  const channel = asChannel(given);
  if (channel) return channel;
  if (isCollection(given) && name === 'combine') {
    const made = source.queue();
    source.network.source(made, () => items(given));
    return made;
  }
  throw illegalArgument(
    `"${name}" needs another channel, not ${given === undefined ? 'nothing' : text(given)}.`,
  );
}

function both(
  source: Channel,
  right: Channel,
  target: Channel,
  { left, right: second }: { left(item: Value): void; right(item: Value): void },
): Channel {
  let open = 2;
  const done = () => (--open === 0 ? target.close() : undefined);
  source.read({ next: left, done } as Reader);
  right.read({ next: second, done } as Reader);
  return target;
}

/** `join`: pairs by key, in the order in which they become whole. */
class Join {
  readonly target: Channel;
  readonly #options: GroovyMap;
  readonly #sides: readonly [GroovyMap, GroovyMap] = [new GroovyMap(), new GroovyMap()];
  readonly #by: readonly (number | string)[];
  /** Keys that were emitted already, where duplicates and mismatches are to be found. */
  readonly #matched = new GroovyMap();
  #open = 2;

  constructor(left: Channel, right: Channel, options: GroovyMap) {
    this.#options = options;
    const by = option(options, 'by') ?? 0;
    this.#by = (Array.isArray(by) ? by : [by]) as (number | string)[];
    this.target = left.queue();
    left.read({ next: (item) => this.#take(item, 0), done: () => this.#done() });
    right.read({ next: (item) => this.#take(item, 1), done: () => this.#done() });
  }

  #flag(name: string): boolean {
    return truth(option(this.#options, name) ?? false);
  }

  /** Joined by the name of a field. By a position, a map is an item as any other: the key of a tuple, or one alone. */
  #isRecord(item: Value): item is GroovyMap {
    return item instanceof GroovyMap && this.#by.some((column) => typeof column === 'string');
  }

  #key(item: Value): Value {
    if (this.#isRecord(item)) return this.#by.map((column) => item.get(column) ?? null);
    const tuple = asTuple(item);
    const key = this.#by.map((column) => tuple[Number(column)]);
    if (key.includes(undefined))
      throw illegalArgument(`"join" by ${this.#by.join(', ')} needs a tuple that has it, not ${text(item)}.`);
    return key;
  }

  #take(item: Value, side: 0 | 1): void {
    const key = this.#key(item);
    const [mine, theirs] = [this.#sides[side], this.#sides[side === 0 ? 1 : 0]];
    if (
      this.#flag('failOnDuplicate') &&
      (mine.has(key) || ((this.#matched.get(key) as number | undefined) ?? 0) > 0)
    ) {
      throw fault(
        `Detected join operation duplicate emission on ${side === 0 ? 'left' : 'right'} channel -- offending element: ${text(item)}`,
      );
    }
    if (this.#isRecord(item)) {
      this.#takeRecord(item, key, side);
      return;
    }
    const waiting = theirs.get(key) as Value[] | undefined;
    if (!waiting || waiting.length === 0) {
      mine.set(key, [...((mine.get(key) as Value[] | undefined) ?? []), item]);
      return;
    }
    const match = waiting.shift();
    if (waiting.length === 0) theirs.delete(key);
    this.#matched.set(key, 1);
    this.target.emit(side === 0 ? this.#pair(key, item, match) : this.#pair(key, match, item));
  }

  /** Records are joined with every record of the other side that has their key. */
  #takeRecord(item: GroovyMap, key: Value, side: 0 | 1): void {
    const [mine, theirs] = [this.#sides[side], this.#sides[side === 0 ? 1 : 0]];
    mine.set(key, [...((mine.get(key) as Value[] | undefined) ?? []), item]);
    for (const other of (theirs.get(key) as Value[] | undefined) ?? []) {
      this.#matched.set(key, 1);
      this.target.emit(side === 0 ? this.#pair(key, item, other) : this.#pair(key, other, item));
    }
  }

  #pair(key: Value, left: Value, right: Value): Value {
    if (this.#isRecord(left) && this.#isRecord(right)) return GroovyMap.from([...left, ...right]);
    return [...items(key), ...this.#rest(left), ...this.#rest(right)];
  }

  #rest(item: Value): readonly Value[] {
    return asTuple(item).filter((_, index) => !this.#by.includes(index));
  }

  #done(): void {
    if (--this.#open > 0) return;
    const [left, right] = this.#sides;
    if (this.#flag('failOnMismatch') && left.size + right.size > 0) {
      const [side, one] = left.size > 0 ? ['left', left] : ['right', right];
      const shown = Array.from(
        (one as GroovyMap).keys(),
        (key) =>
          `key=${items(key)
            .map((part) => text(part))
            .join(',')} values=${text(((one as GroovyMap).get(key) as Value[])[0])}`,
      );
      throw fault(
        `Join mismatch for the following entries on the ${String(side)} channel: \n- ${shown.join('\n- ')}`,
      );
    }
    if (this.#flag('remainder')) this.#emitRest();
    this.target.close();
  }

  #emitRest(): void {
    for (const [side, map] of this.#sides.entries()) {
      for (const [key, list] of map) {
        for (const item of list as Value[]) {
          if (this.#isRecord(item)) {
            if (!this.#matched.has(key)) this.target.emit(item);
          } else if (side === 0) this.target.emit([...items(key), ...this.#rest(item), null]);
          else this.target.emit([...items(key), null, ...this.#rest(item)]);
        }
      }
    }
  }
}
