import { equal } from '../../values/compare.ts';
import { illegalArgument } from '../../values/errors.ts';
import { GroovySet } from '../../values/map.ts';
import { text } from '../../values/text.ts';
import type { Value } from '../../values/value.ts';
import { javaRandom } from '../../evaluate/classes/builders.ts';
import { criterion, each, mapping, type Operator } from './operator.ts';

/** Operators that let some of the items pass. */
export const selecting: Readonly<Record<string, Operator>> = {
  filter(source, { closure, positional }) {
    const test = criterion(closure ?? positional[0]);
    const target = source.alike();
    return each(source, target, (item) => {
      if (test(item)) target.emit(item);
    });
  },
  unique(source, { closure }) {
    const key = mapping(closure);
    const seen = new GroovySet();
    const target = source.alike();
    return each(source, target, (item) => {
      if (seen.add(key(item))) target.emit(item);
    });
  },
  distinct(source, { closure }) {
    const key = mapping(closure);
    let last: Value | undefined;
    const target = source.alike();
    return each(source, target, (item) => {
      const current = key(item);
      if (last === undefined || !equal(last, current)) target.emit(item);
      last = current;
    });
  },
  first(source, { closure, positional }) {
    const wanted = closure ?? positional[0];
    const test = wanted === undefined ? () => true : criterion(wanted);
    const target = source.value();
    return each(source, target, (item) => {
      if (test(item)) target.bind(item);
    });
  },
  last(source) {
    let last: Value | undefined;
    const target = source.value();
    return each(
      source,
      target,
      (item) => (last = item),
      () => (last === undefined ? target.close() : target.bind(last)),
    );
  },
  take(source, { positional }) {
    const count = wholeNumber('take', positional[0]);
    let taken = 0;
    const target = source.queue();
    if (count === 0) target.close();
    return each(source, target, (item) => {
      if (count >= 0 && taken >= count) return;
      taken += 1;
      target.emit(item);
      if (taken === count) target.close();
    });
  },
  until(source, { closure }) {
    const test = criterion(closure);
    let open = true;
    const target = source.alike();
    return each(source, target, (item) => {
      if (!open) return;
      if (test(item)) {
        open = false;
        target.close();
      } else target.emit(item);
    });
  },
  ifEmpty(source, { closure, positional }) {
    let empty = true;
    const target = source.alike();
    return each(
      source,
      target,
      (item) => {
        empty = false;
        target.emit(item);
      },
      () => {
        if (empty) target.emit(closure ? closure.apply([]) : (positional[0] ?? null));
        target.close();
      },
    );
  },
  randomSample(source, { positional }) {
    const [count, seed] = positional;
    const size = wholeNumber('randomSample', count);
    const random = javaRandom(
      BigInt(seed === undefined ? Math.floor(Math.random() * 2 ** 31) : wholeNumber('randomSample', seed)),
    );
    const reservoir: Value[] = [];
    let seen = 0;
    const target = source.queue();
    return each(
      source,
      target,
      (item) => {
        seen += 1;
        if (reservoir.length < size) reservoir.push(item);
        else {
          const at = random.nextInt(seen);
          if (at < size) reservoir[at] = item;
        }
      },
      () => {
        for (const item of shuffled(reservoir, random)) target.emit(item);
        target.close();
      },
    );
  },
};

function shuffled(items: Value[], random: ReturnType<typeof javaRandom>): Value[] {
  for (let index = items.length; index > 1; index -= 1) {
    const other = random.nextInt(index);
    [items[index - 1], items[other]] = [items[other], items[index - 1]];
  }
  return items;
}

export function wholeNumber(operator: string, value: Value): number {
  if (typeof value === 'number') return value;
  throw illegalArgument(
    `"${operator}" needs a whole number, not ${value === undefined ? 'nothing' : text(value)}.`,
  );
}
