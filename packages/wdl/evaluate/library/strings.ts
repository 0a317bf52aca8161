import { compilePattern, replaceAll } from '../pattern.ts';
import { array, boolean, NOTHING, string } from '../value.ts';
import { type LibraryFunction, textOf, textsOf } from './function.ts';

const eachText =
  (change: (text: string) => string): LibraryFunction =>
  ([items]) =>
    array(textsOf(items!).map((item) => string(change(item))));

const baseName: LibraryFunction = ([path, suffix]) => {
  const name = textOf(path!).replace(/\/+$/, '').split('/').at(-1)!;
  const ending = suffix ? textOf(suffix) : '';
  return string(ending !== '' && name.endsWith(ending) ? name.slice(0, -ending.length) : name);
};

export const stringFunctions: Readonly<Record<string, LibraryFunction>> = {
  find: ([input, pattern]) => {
    const found = compilePattern(textOf(pattern!)).exec(textOf(input!));
    return found ? string(found[0]) : NOTHING;
  },
  matches: ([input, pattern]) => boolean(compilePattern(textOf(pattern!)).test(textOf(input!))),
  split: ([input, pattern]) =>
    array(
      textOf(input!)
        .split(compilePattern(textOf(pattern!)))
        .map((part) => string(part ?? '')),
    ),
  sub: ([input, pattern, replacement]) =>
    string(replaceAll(textOf(input!), compilePattern(textOf(pattern!)), textOf(replacement!))),
  basename: baseName,
  sep: ([separator, items]) => string(textsOf(items!).join(textOf(separator!))),
  prefix: ([affix, items]) => array(textsOf(items!).map((item) => string(textOf(affix!) + item))),
  suffix: ([affix, items]) => array(textsOf(items!).map((item) => string(item + textOf(affix!)))),
  quote: eachText((item) => `"${item}"`),
  squote: eachText((item) => `'${item}'`),
};
