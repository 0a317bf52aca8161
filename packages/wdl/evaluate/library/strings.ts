import { checkItems, joinedText, matched } from '../limits.ts';
import { compilePattern, replaceAll } from '../pattern.ts';
import { array, boolean, NOTHING, string, type Value } from '../value.ts';
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

function matching<T>([input, pattern]: readonly Value[], work: (pattern: RegExp, input: string) => T): T {
  const compiled = compilePattern(textOf(pattern!));
  const text = textOf(input!);
  return matched(compiled, text, () => work(compiled, text));
}

export const stringFunctions: Readonly<Record<string, LibraryFunction>> = {
  find: (args) => {
    const found = matching(args, (pattern, input) => pattern.exec(input));
    return found ? string(found[0]) : NOTHING;
  },
  matches: (args) => boolean(matching(args, (pattern, input) => pattern.test(input))),
  split: (args) => {
    const parts = matching(args, (pattern, input) => input.split(pattern));
    checkItems(parts.length);
    return array(parts.map((part) => string(part ?? '')));
  },
  sub: ([input, pattern, replacement]) =>
    string(replaceAll(textOf(input!), compilePattern(textOf(pattern!)), textOf(replacement!))),
  basename: baseName,
  sep: ([separator, items]) => string(joinedText(textsOf(items!), textOf(separator!))),
  prefix: ([affix, items]) => array(textsOf(items!).map((item) => string(textOf(affix!) + item))),
  suffix: ([affix, items]) => array(textsOf(items!).map((item) => string(item + textOf(affix!)))),
  quote: eachText((item) => `"${item}"`),
  squote: eachText((item) => `'${item}'`),
};
