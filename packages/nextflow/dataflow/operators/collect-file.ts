import { createHash } from 'node:crypto';
import { isAbsolute, join } from 'node:path';
import { Closure } from '../../values/closure.ts';
import { compareTexts } from '../../values/compare.ts';
import { illegalArgument } from '../../values/errors.ts';
import type { GroovyMap } from '../../values/map.ts';
import { FilePath } from '../../values/path.ts';
import { text } from '../../values/text.ts';
import { truth } from '../../values/truth.ts';
import type { Value } from '../../values/value.ts';
import { ordering } from '../../evaluate/methods/method.ts';
import { session } from '../session.ts';
import { each, option, type Operator } from './operator.ts';

interface Entry {
  readonly item: Value;
  readonly content: string;
}

export const collecting: Readonly<Record<string, Operator>> = {
  collectFile(source, { closure, options }) {
    const { path, temporaryFolder } = session(source.network);
    const files = new Map<string, Entry[]>();
    const target = source.queue();
    const storeDir = option(options, 'storeDir');
    const kept = storeDir === undefined ? undefined : path(text(storeDir)).absolute;
    // There even where no file comes.
    if (kept !== undefined) path(kept).files.makeDirectory(kept);
    return each(
      source,
      target,
      (item) => {
        for (const { name, content } of placed(item, closure, options)) {
          const entries = files.get(name) ?? [];
          files.set(name, entries);
          entries.push({ item, content });
        }
      },
      () => {
        const folder = kept ?? temporaryFolder();
        for (const [name, entries] of [...files].sort(([a], [b]) => compareTexts(a, b))) {
          const file = path(isAbsolute(name) ? name : join(folder, name));
          file.files.write(file.location, fileContent(sorted(entries, options), name, options), false);
          target.emit(file);
        }
        target.close();
      },
    );
  },
};

/** Into which file an item goes, and with which text. */
function placed(
  item: Value,
  closure: Closure | undefined,
  options: GroovyMap,
): { name: string; content: string }[] {
  const made = closure ? closure.apply([item]) : item;
  const name = option(options, 'name');
  if (Array.isArray(made) && closure) return [{ name: text(made[0]), content: contentOf(made[1]) }];
  if (made instanceof FilePath)
    return [
      { name: name === undefined ? text(made.property('name')) : text(name), content: contentOf(made) },
    ];
  if (name === undefined) {
    if (!closure && Array.isArray(made) && made.length === 2)
      return [{ name: text(made[0]), content: contentOf(made[1]) }];
    return [{ name: 'collect-file.data', content: contentOf(made) }];
  }
  return [{ name: text(name), content: contentOf(made) }];
}

function contentOf(value: Value): string {
  if (value instanceof FilePath) return value.read();
  if (value === undefined) throw illegalArgument('"collectFile" needs [name, content] of its closure.');
  return text(value);
}

function sorted(entries: Entry[], options: GroovyMap): Entry[] {
  const sort = option(options, 'sort') ?? 'hash';
  if (sort === false || sort === 'none' || sort === 'index') return entries;
  if (sort === true || sort === 'true' || sort === 'natural')
    return entries.sort((a, b) => compareTexts(a.content, b.content));
  if (sort instanceof Closure) {
    const order = ordering(sort);
    return entries.sort((a, b) => order(a.item, b.item));
  }
  if (sort === 'hash' || sort === 'deep')
    return entries.sort((a, b) => compareTexts(digest(a.content), digest(b.content)));
  throw illegalArgument(
    `"collectFile" cannot sort by ${text(sort)}. Use true, false, 'hash', 'index' or a closure.`,
  );
}

function digest(content: string): string {
  return createHash('md5').update(content).digest('hex');
}

function fileContent(entries: readonly Entry[], name: string, options: GroovyMap): string {
  const newLine = truth(option(options, 'newLine') ?? false) ? '\n' : '';
  const keepHeader = truth(option(options, 'keepHeader') ?? false);
  const skip = Number(option(options, 'skip') ?? (keepHeader ? 1 : 0));
  const parts = entries.map(
    ({ content }, index) => (index === 0 && keepHeader ? content : withoutLines(content, skip)) + newLine,
  );
  return seedText(option(options, 'seed'), name, newLine) + parts.join('');
}

function seedText(seed: Value | undefined, name: string, newLine: string): string {
  if (seed === undefined) return '';
  return contentOf(seed instanceof Closure ? seed.apply([name]) : seed) + newLine;
}

function withoutLines(content: string, count: number): string {
  let at = 0;
  for (let line = 0; line < count; line += 1) {
    const end = content.indexOf('\n', at);
    if (end === -1) return '';
    at = end + 1;
  }
  return content.slice(at);
}
