import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { parseJson } from '../evaluate/classes/json.ts';
import type { Closure } from '../values/closure.ts';
import { illegalArgument } from '../values/errors.ts';
import { GroovyMap } from '../values/map.ts';
import { MemoryUnit } from '../values/memory.ts';
import { FilePath, lines } from '../values/path.ts';
import { text } from '../values/text.ts';
import { truth } from '../values/truth.ts';
import type { Value } from '../values/value.ts';
import { csvRows } from './csv.ts';
import { fastaRecord, fastaTexts } from './fasta.ts';
import { fastqRecord, fastqTexts } from './fastq.ts';

const SPLITTERS = ['splitCsv', 'splitText', 'splitFasta', 'splitFastq', 'splitJson'] as const;
export type SplitterName = (typeof SPLITTERS)[number];

export function isSplitter(name: string): name is SplitterName {
  return (SPLITTERS as readonly string[]).includes(name);
}

/** The pieces of a text or file, as the operators and the methods of that name give them. */
export function* splitValue(
  value: Value,
  name: SplitterName,
  options: GroovyMap,
  closure: Closure | undefined,
  folder: () => string,
): Iterable<Value> {
  const limit = Number(options.get('limit') ?? 0);
  let count = 0;
  for (const piece of pieces(value, name, options, folder)) {
    if (limit > 0 && count >= limit) return;
    count += 1;
    yield closure ? closure.apply([piece]) : piece;
  }
}

function* pieces(
  value: Value,
  name: SplitterName,
  options: GroovyMap,
  folder: () => string,
): Iterable<Value> {
  const content = contentOf(value, name, options);
  const record = options.get('record');
  switch (name) {
    case 'splitCsv':
      yield* grouped(csvRows(content, options), options, (rows) => rows);
      return;
    case 'splitJson':
      yield* jsonParts(parseJson(content), options.get('path'));
      return;
    case 'splitText':
      yield* stored(textGroups(content, options), value, options, folder);
      return;
    case 'splitFasta':
      if (record !== undefined && record !== null)
        yield* Array.from(fastaTexts(content), (one) => fastaRecord(one, record as GroovyMap));
      else yield* stored(fastaGroups(content, options), value, options, folder);
      return;
    case 'splitFastq':
      if (truth(record ?? false)) yield* Array.from(fastqTexts(content), (one) => fastqRecord(one, record));
      else yield* stored(joined(fastqTexts(content), by(options)), value, options, folder);
  }
}

function contentOf(value: Value, name: string, options: GroovyMap): string {
  if (value instanceof FilePath) {
    const bytes = truth(options.get('decompress') ?? true) ? value.unpacked() : value.bytes();
    return bytes.toString('utf8');
  }
  if (typeof value === 'string') return value;
  throw illegalArgument(`"${name}" splits files and texts, not ${text(value)}.`);
}

function by(options: GroovyMap): number {
  const value = options.get('by') ?? 1;
  if (typeof value !== 'number' || value < 1)
    throw illegalArgument(`"by" must be a number from 1 on, not ${text(value)}.`);
  return value;
}

function* grouped(
  rows: Iterable<Value>,
  options: GroovyMap,
  make: (rows: Value[]) => Value,
): Iterable<Value> {
  const size = by(options);
  if (size === 1) {
    yield* rows;
    return;
  }
  let group: Value[] = [];
  for (const row of rows) {
    group.push(row);
    if (group.length < size) continue;
    yield make(group);
    group = [];
  }
  if (group.length > 0) yield make(group);
}

function* joined(texts: Iterable<string>, size: number): Iterable<string> {
  let group = '';
  let count = 0;
  for (const one of texts) {
    group += one;
    count += 1;
    if (count < size) continue;
    yield group;
    [group, count] = ['', 0];
  }
  if (count > 0) yield group;
}

function* textGroups(content: string, options: GroovyMap): Iterable<string> {
  const all = lines(content).map((line) => `${line}\n`);
  const keep = options.get('keepHeader');
  const headerLines = keep === true ? 1 : typeof keep === 'number' ? keep : 0;
  const header = all.splice(0, headerLines).join('');
  for (const group of joined(all, by(options))) yield header + group;
}

/** By a number of sequences, or by `size`, an amount of memory. */
function* fastaGroups(content: string, options: GroovyMap): Iterable<string> {
  const size = options.get('size');
  if (size === undefined || size === null) {
    yield* joined(fastaTexts(content), by(options));
    return;
  }
  const most = MemoryUnit.parse(size).bytes;
  let group = '';
  for (const one of fastaTexts(content)) {
    group += one;
    if (group.length < most) continue;
    yield group;
    group = '';
  }
  if (group !== '') yield group;
}

/** `file: true` writes each piece to a file: `name.1.ext`. */
function* stored(
  texts: Iterable<string>,
  value: Value,
  options: GroovyMap,
  folder: () => string,
): Iterable<Value> {
  const file = options.get('file') ?? false;
  if (!truth(file)) {
    yield* texts;
    return;
  }
  if (!(value instanceof FilePath)) throw illegalArgument('"file: true" needs a file to split.');
  const given = typeof file === 'string' || file instanceof FilePath ? text(file) : undefined;
  const place = given?.includes('/') ? given : folder();
  const base = given && !given.includes('/') ? given : text(value.property('name')).replace(/\.gz$/, '');
  const dot = base.lastIndexOf('.');
  const [stem, extension] = dot > 0 ? [base.slice(0, dot), base.slice(dot)] : [base, ''];
  const compress = truth(options.get('compress') ?? false);
  let index = 0;
  for (const one of texts) {
    index += 1;
    const target = value.at(join(place, `${stem}.${index}${extension}${compress ? '.gz' : ''}`));
    target.files.write(target.location, compress ? gzipSync(one) : one, false);
    yield target;
  }
}

function* jsonParts(value: Value, path: Value | undefined): Iterable<Value> {
  let at = value;
  for (const step of path === undefined || path === null
    ? []
    : text(path)
        .split(/[.[\]]+/)
        .filter(Boolean)) {
    at = Array.isArray(at) ? at[Number(step)] : at instanceof GroovyMap ? at.get(step) : undefined;
    if (at === undefined) throw illegalArgument(`"splitJson" finds nothing at ${text(path)}.`);
  }
  if (Array.isArray(at)) yield* at as Value[];
  else if (at instanceof GroovyMap)
    yield* Array.from(at, ([key, item]) => GroovyMap.of({ key, value: item }));
  else yield at;
}
