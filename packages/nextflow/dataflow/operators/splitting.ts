import { illegalArgument } from '../../values/errors.ts';
import { Closure } from '../../values/closure.ts';
import type { Value } from '../../values/value.ts';
import { truth } from '../../values/truth.ts';
import { FilePath } from '../../values/path.ts';
import { isSplitter, splitValue } from '../../split/split.ts';
import { session } from '../session.ts';
import { each, option, type Operator } from './operator.ts';

const splitter: Operator = (source, { closure, options }, name) => {
  const target = source.queue();
  return each(source, target, (item) => {
    for (const one of splitItem(item, name, options, closure, () =>
      session(source.network).temporaryFolder(),
    ))
      target.emit(one);
  });
};

const counter: Operator = (source, { options }, name) => {
  const kind = {
    countLines: 'splitText',
    countFasta: 'splitFasta',
    countFastq: 'splitFastq',
    countJson: 'splitJson',
  }[name]!;
  let count = 0;
  const target = source.value();
  return each(
    source,
    target,
    (item) => (count += [...splitItem(item, kind, options, undefined, () => '')].length),
    () => target.bind(count),
  );
};

/** Operators that take texts and files apart. */
export const splitting: Readonly<Record<string, Operator>> = {
  splitCsv: splitter,
  splitText: splitter,
  splitFasta: splitter,
  splitFastq: splitter,
  splitJson: splitter,
  countLines: counter,
  countFasta: counter,
  countFastq: counter,
  countJson: counter,
};

/** Of a tuple, the element that is a file or text is split (`elem`), the others stay. */
function* splitItem(
  item: Value,
  name: string,
  options: Parameters<typeof splitValue>[2],
  closure: Closure | undefined,
  folder: () => string,
): Iterable<Value> {
  if (!isSplitter(name)) throw illegalArgument(`"${name}" does not split anything.`);
  if (!Array.isArray(item)) {
    yield* splitValue(item, name, options, closure, folder);
    return;
  }
  const paired = name === 'splitFastq' && truth(option(options, 'pe') ?? false);
  const wanted = option(options, 'elem');
  const at =
    wanted !== undefined
      ? Array.isArray(wanted)
        ? Number(wanted[0])
        : Number(wanted)
      : item.findIndex((one) => one instanceof FilePath || (paired && Array.isArray(one)));
  const index = at < 0 ? item.findIndex((one) => typeof one === 'string') : at;
  if (index < 0) throw illegalArgument(`"${name}" finds no file in the tuple ${String(item)}.`);
  if (paired) {
    yield* pairs(item, index, options, closure, folder);
    return;
  }
  for (const one of splitValue(item[index], name, options, closure, folder))
    yield item.toSpliced(index, 1, one);
}

/** Both files of a pair are split in step. */
function* pairs(
  item: readonly Value[],
  index: number,
  options: Parameters<typeof splitValue>[2],
  closure: Closure | undefined,
  folder: () => string,
): Iterable<Value> {
  const nested = Array.isArray(item[index]);
  const files = (nested ? item[index] : [item[index], item[index + 1]]) as Value[];
  const [first, second] = files.map((file) =>
    splitValue(file, 'splitFastq', options, closure, folder)[Symbol.iterator](),
  );
  for (;;) {
    const [a, b] = [first!.next(), second!.next()];
    if (a.done || b.done) return;
    yield nested ? item.toSpliced(index, 1, [a.value, b.value]) : item.toSpliced(index, 2, a.value, b.value);
  }
}
