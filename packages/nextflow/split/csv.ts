import { illegalArgument } from '../values/errors.ts';
import { GroovyMap } from '../values/map.ts';
import { lines } from '../values/path.ts';
import { text } from '../values/text.ts';
import { truth } from '../values/truth.ts';
import type { Value } from '../values/value.ts';

/** The rows of a CSV text: lists, or maps by the header's names. */
export function* csvRows(content: string, options: GroovyMap): Iterable<Value> {
  const separator = text(options.get('sep') ?? ',');
  const quote = options.get('quote');
  const strip = truth(options.get('strip') ?? false);
  const skip = Number(options.get('skip') ?? 0);
  const header = options.get('header');
  const source = lines(content).slice(skip)[Symbol.iterator]();
  const quotes = quote === undefined || quote === null ? '"' : text(quote);
  let names = Array.isArray(header) ? header.map((name) => text(name)) : undefined;
  for (const line of source) {
    if (line.trim() === '') continue;
    const cells = parseRow(line, separator, quotes, strip);
    if (names === undefined && truth(header ?? false)) {
      names = cells.map((cell, index) => (index === 0 ? cell.replace(/^\uFEFF/, '') : cell));
      if (names.some((name) => name === ''))
        throw illegalArgument(`The header of the CSV has an empty column name: ${line}`);
      continue;
    }
    yield names === undefined
      ? cells
      : GroovyMap.from(names.map((name, index) => [name, cells[index] ?? null] as const));
  }
}

/** One line; a quoted cell may hold the separator, and its quote twice. */
export function parseRow(line: string, separator: string, quote: string, strip: boolean): string[] {
  if (separator === '') return [strip ? line.trim() : line];
  const cells: string[] = [];
  let at = 0;
  for (;;) {
    const start = at;
    const trimmed = /^\s*/.exec(line.slice(at))![0].length;
    let cell: string;
    if (quote !== '' && line.startsWith(quote, at + trimmed)) {
      at += trimmed + quote.length;
      cell = '';
      for (;;) {
        const end = line.indexOf(quote, at);
        if (end === -1) {
          cell += line.slice(at);
          at = line.length;
          break;
        }
        cell += line.slice(at, end);
        at = end + quote.length;
        if (!line.startsWith(quote, at)) break;
        cell += quote;
        at += quote.length;
      }
      const next = line.indexOf(separator, at);
      at = next === -1 ? line.length : next;
    } else {
      const next = line.indexOf(separator, at);
      at = next === -1 ? line.length : next;
      cell = line.slice(start, at);
    }
    cells.push(strip ? cell.trim() : cell);
    if (at >= line.length) return cells;
    at += separator.length;
    if (at === line.length) {
      cells.push('');
      return cells;
    }
  }
}
