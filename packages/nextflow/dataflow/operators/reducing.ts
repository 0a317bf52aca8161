import { bagOf } from '../../values/bag.ts';
import { Closure } from '../../values/closure.ts';
import { illegalArgument } from '../../values/errors.ts';
import { truth } from '../../values/truth.ts';
import type { Value } from '../../values/value.ts';
import { add, calculate } from '../../evaluate/arithmetic.ts';
import { isCollection, items } from '../../evaluate/items.ts';
import { ordering } from '../../evaluate/methods/method.ts';
import type { Channel } from '../channel.ts';
import { asMade } from './as-made.ts';
import { criterion, each, mapping, option, type Operator } from './operator.ts';

/** Everything that comes, at the end as one item. */
function gather(source: Channel, finish: (all: Value[]) => Value | undefined): Channel {
  const all: Value[] = [];
  const target = source.value();
  return each(
    source,
    target,
    (item) => all.push(item),
    () => {
      const made = finish(all);
      if (made === undefined) target.close();
      else target.bind(made);
    },
  );
}

const extreme =
  (sign: number): Operator =>
  (source, { closure, positional }) =>
    gather(source, (all) => {
      const order = ordering(closure ?? positional[0]);
      return all.length === 0
        ? undefined
        : all.reduce((best, item) => (sign * order(item, best) > 0 ? item : best));
    });

/** Operators that make one item of all. */
export const reducing: Readonly<Record<string, Operator>> = {
  collect(source, { closure, options }) {
    const by = mapping(closure);
    const flatten = truth(option(options, 'flat') ?? true);
    const sort = option(options, 'sort');
    const all: Value[] = [];
    const target = source.value();
    return each(
      source,
      target,
      (item) => {
        const made = by(item);
        if (flatten && isCollection(made)) all.push(...items(made));
        else all.push(made);
      },
      () => {
        if (all.length === 0) {
          target.close();
          return;
        }
        const sorted = sort !== undefined && sort !== false;
        if (sorted) all.sort(ordering(sort instanceof Closure ? sort : undefined));
        target.bind(bagOf(sorted ? all : asMade(all, source)));
      },
    );
  },
  toList: (source) => gather(source, (all) => bagOf(asMade(all, source))),
  toSortedList: (source, { closure, positional }) =>
    gather(source, (all) => all.sort(ordering(closure ?? positional[0]))),
  count(source, { closure, positional }) {
    const wanted = closure ?? positional[0];
    const test = wanted === undefined ? () => true : criterion(wanted);
    let count = 0;
    const target = source.value();
    return each(
      source,
      target,
      (item) => (count += test(item) ? 1 : 0),
      () => target.bind(count),
    );
  },
  reduce(source, { closure, positional }) {
    if (!closure) throw illegalArgument('"reduce" needs a closure: reduce { accumulated, item -> ... }.');
    let sum: Value | undefined = positional[0];
    const target = source.value();
    return each(
      source,
      target,
      (item) => (sum = sum === undefined ? item : closure.body(closure, sum, item)),
      () => (sum === undefined ? target.close() : target.bind(sum)),
    );
  },
  sum(source, { closure }) {
    const by = mapping(closure);
    return gather(source, (all) =>
      all.length === 0
        ? undefined
        : all
            .map(by)
            .reduce((sum, item) =>
              isCollection(sum) && isCollection(item)
                ? items(sum).map((one, index) => add(one, items(item)[index]))
                : add(sum, item),
            ),
    );
  },
  mean: (source, { closure }) => {
    const by = mapping(closure);
    return gather(source, (all) =>
      all.length === 0
        ? undefined
        : calculate(
            '/',
            all.map(by).reduce((sum, item) => add(sum, item)),
            all.length,
          ),
    );
  },
  min: extreme(-1),
  max: extreme(1),
};
