import { illegalArgument } from '../../values/errors.ts';
import { GroovyMap } from '../../values/map.ts';
import { text } from '../../values/text.ts';
import { truth } from '../../values/truth.ts';
import type { Value } from '../../values/value.ts';
import { coerce } from '../../evaluate/coerce.ts';
import { isCollection, items } from '../../evaluate/items.ts';
import { addEntry, flat } from '../../evaluate/methods/lists.ts';
import { criterion, each, mapping, numberOption, option, type Operator } from './operator.ts';
import { wholeNumber } from './selecting.ts';

const converting =
  (type: string): Operator =>
  (source) => {
    const target = source.alike();
    return each(source, target, (item) => target.emit(coerce(item, { name: type, array: false }, NO_PATHS)));
  };
const NO_PATHS = {
  path: (): never => {
    throw illegalArgument('A number is needed, not a path.');
  },
};

/** Operators that make other items of the items. */
export const transforming: Readonly<Record<string, Operator>> = {
  map(source, { closure }) {
    const by = needed('map', closure);
    const target = source.alike();
    return each(source, target, (item) => target.emit(by(item)));
  },
  flatMap(source, { closure }) {
    const by = mapping(closure);
    const target = source.queue();
    return each(source, target, (item) => {
      const made = by(item);
      // A map gives its entries.
      if (isCollection(made) || made instanceof GroovyMap) for (const one of items(made)) target.emit(one);
      else if (made !== null) target.emit(made);
    });
  },
  flatten(source) {
    const target = source.queue();
    return each(source, target, (item) => {
      for (const one of isCollection(item) ? flat(item) : [item]) target.emit(one);
    });
  },
  collate(source, { positional }) {
    const [first, second, third] = positional;
    const size = wholeNumber('collate', first);
    const step = typeof second === 'number' ? second : size;
    const remainder = typeof second === 'boolean' ? second : third !== false;
    if (size <= 0 || step <= 0)
      throw illegalArgument('The size and the step of "collate" must be greater than 0.');
    let open: Value[][] = [];
    let index = 0;
    const target = source.queue();
    return each(
      source,
      target,
      (item) => {
        if (index % step === 0) open.push([]);
        index += 1;
        for (const group of open) group.push(item);
        if (open[0] && open[0].length === size) target.emit(open.shift());
      },
      () => {
        if (remainder) for (const group of open) target.emit(group);
        open = [];
        target.close();
      },
    );
  },
  buffer(source, { closure, options, positional }) {
    const size = numberOption('buffer', options, 'size');
    const skip = numberOption('buffer', options, 'skip') ?? 0;
    const remainder = truth(option(options, 'remainder') ?? false);
    const opening = positional.length > 0 ? criterion(positional[0]) : undefined;
    const closing = closure
      ? criterion(closure)
      : !opening
        ? undefined
        : positional[1] !== undefined
          ? criterion(positional[1])
          : undefined;
    const [starts, ends] = closing ? [opening, closing] : [undefined, opening];
    let group: Value[] = [];
    let [skipped, open] = [0, starts === undefined];
    const target = source.queue();
    const emit = () => {
      target.emit(group);
      [group, skipped, open] = [[], 0, starts === undefined];
    };
    return each(
      source,
      target,
      (item) => {
        if (size !== undefined && skipped < skip) {
          skipped += 1;
          return;
        }
        if (!open && starts?.(item)) open = true;
        if (!open) return;
        group.push(item);
        if (size === undefined ? ends?.(item) : group.length === size) emit();
      },
      () => {
        if (remainder && group.length > 0) emit();
        target.close();
      },
    );
  },
  transpose(source, { options }) {
    const remainder = truth(option(options, 'remainder') ?? false);
    const by = option(options, 'by');
    const columns = by === undefined ? undefined : (Array.isArray(by) ? by : [by]).map(Number);
    const target = source.queue();
    return each(source, target, (item) => {
      if (!Array.isArray(item)) throw illegalArgument(`"transpose" needs tuples, not ${text(item)}.`);
      const wanted = item.flatMap((column, index) =>
        isCollection(column) && (columns === undefined || columns.includes(index)) ? [index] : [],
      );
      const lengths = wanted.map((index) => items(item[index]).length);
      if (lengths.length === 0) {
        if (columns === undefined) target.emit(item);
        else throw illegalArgument(`"transpose" by ${columns.join(', ')} needs a list there: ${text(item)}.`);
        return;
      }
      const count = remainder ? Math.max(...lengths) : Math.min(...lengths);
      for (let row = 0; row < count; row += 1) {
        target.emit(
          item.map((column, index) => (wanted.includes(index) ? (items(column)[row] ?? null) : column)),
        );
      }
    });
  },
  toInteger: converting('Integer'),
  toLong: converting('Long'),
  toFloat: converting('Float'),
  toDouble: converting('Double'),
  collectEntries(source, { closure }) {
    const by = mapping(closure);
    const map = new GroovyMap();
    const target = source.value();
    return each(
      source,
      target,
      (item) => addEntry(map, by(item)),
      () => target.bind(map),
    );
  },
};

function needed(name: string, closure: Parameters<typeof mapping>[0]): (item: Value) => Value {
  if (!closure) throw illegalArgument(`"${name}" needs a closure: ${name} { item -> ... }.`);
  return mapping(closure);
}
