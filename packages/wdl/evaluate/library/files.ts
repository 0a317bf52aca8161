import { posix } from 'node:path';
import { byteUnit } from '../bytes.ts';
import { coerce } from '../coerce.ts';
import type { FileAccess } from '../files.ts';
import { hasFiles } from '../map-files.ts';
import { parseJson, serializableJson } from '../json.ts';
import { array, EvaluationError, file, float, map, object, string, text, type Value } from '../value.ts';
import { entriesOf, isTrue, itemsOf, type LibraryFunction, textOf, textsOf } from './function.ts';

/** A function of the content of one file. */
const reading =
  (convert: (content: string, path: string) => Value): LibraryFunction =>
  async ([path], files) =>
    convert(await files.read(textOf(path!)), textOf(path!));

const trimmedAs = (kind: 'Int' | 'Float' | 'Boolean') =>
  reading((content) => coerce(string(content.trim()), { kind, optional: false }));

function linesOf(content: string): string[] {
  const lines = content.split('\n').map((line) => line.replace(/\r$/, ''));
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

const rowsOf = (content: string) => linesOf(content).map((line) => line.split('\t'));

function mapOf(content: string, path: string): Value {
  const entries = rowsOf(content).map((row, index) => {
    if (row.length !== 2)
      throw new EvaluationError(`Line ${index + 1} of ${path} has ${row.length} columns, not 2.`);
    return [string(row[0]!), string(row[1]!)] as const;
  });
  const made = map(entries);
  if (made.entries.size !== entries.length) throw new EvaluationError(`${path} has the same key twice.`);
  return made;
}

function objectsOf(content: string, path: string): Value[] {
  const [names, ...rows] = rowsOf(content);
  return rows.map((row, index) => {
    if (row.length !== names!.length) {
      throw new EvaluationError(
        `Line ${index + 2} of ${path} has ${row.length} columns, not ${names!.length}.`,
      );
    }
    return object(row.map((cell, column) => [names![column]!, string(cell)]));
  });
}

/** With a header the rows are objects, named by it or by the names given. */
const readTsv: LibraryFunction = async ([path, header, columns], files) => {
  const name = textOf(path!);
  const rows = rowsOf(await files.read(name));
  if (!header) return array(rows.map((row) => array(row.map(string))));
  const first = isTrue(header) ? rows.shift() : undefined;
  const names = columns ? textsOf(columns) : first;
  if (!names) throw new EvaluationError('read_tsv() needs a header or names for the columns.');
  return array(
    rows.map((row, index) => object(named(names, row.map(string), `Row ${index + 1} of ${name}`))),
  );
};

function named(names: readonly string[], cells: readonly Value[], what: string): [string, Value][] {
  if (names.length !== cells.length)
    throw new EvaluationError(`${what} has ${cells.length} columns, not ${names.length}.`);
  return names.map((name, index) => [name, cells[index]!]);
}

function objectOf(content: string, path: string): Value {
  const objects = objectsOf(content, path);
  if (objects.length !== 1) throw new EvaluationError(`${path} must have two lines: names, then values.`);
  return objects[0]!;
}

const writing =
  (extension: string, render: (value: Value) => string): LibraryFunction =>
  async ([value], files) =>
    file(await files.write(render(value!), extension));

const joinLines = (lines: readonly string[]) => lines.map((line) => `${line}\n`).join('');
const joinRows = (rows: readonly (readonly string[])[]) => joinLines(rows.map((row) => row.join('\t')));

function objectRows(values: readonly Value[]): string {
  const objects = values.map((value) => new Map(entriesOf(value).map(([key, item]) => [textOf(key), item])));
  const names = [...(objects[0]?.keys() ?? [])];
  if (objects.length === 0) return '';
  const rows = objects.map((members) => {
    if (members.size !== names.length || !names.every((name) => members.has(name))) {
      throw new EvaluationError('write_objects() needs objects with the same members.');
    }
    return names.map((name) => text(members.get(name)!));
  });
  return joinRows([names, ...rows]);
}

/** Rows of arrays or structs, with a header where it is asked for. */
function tsvText([rows, header, columns]: readonly Value[]): string {
  const cells = itemsOf(rows!).map((row) =>
    row.kind === 'Object' ? [...row.members.values()].map(text) : textsOf(row),
  );
  if (!header || !isTrue(header)) return joinRows(cells);
  const [first] = itemsOf(rows!);
  const names = columns ? textsOf(columns) : first?.kind === 'Object' ? [...first.members.keys()] : [];
  if (cells.some((row) => row.length !== names.length))
    throw new EvaluationError('write_tsv() needs as many names as there are columns.');
  return joinRows([names, ...cells]);
}

/** The paths joined; only the first may be absolute. A relative result starts where the task's command does. */
const joinPaths: LibraryFunction = ([base, rest], files) => {
  const parts = base!.kind === 'Array' ? textsOf(base!) : [textOf(base!)];
  if (rest) parts.push(...(rest.kind === 'Array' ? textsOf(rest) : [textOf(rest)]));
  if (parts.length === 0) throw new EvaluationError('join_paths() needs at least one path.');
  const absolute = parts.slice(1).find((part) => part.startsWith('/'));
  if (absolute !== undefined)
    throw new EvaluationError(`${absolute} is absolute; only the first path of join_paths() may be.`);
  return string(posix.resolve(files.workDirectory, posix.join(...parts)));
};

const size: LibraryFunction = async ([value, unit], files) => {
  const bytes = await sizeOf(value!, files);
  return float(bytes / byteUnit(unit ? textOf(unit) : 'B'));
};

async function sizeOf(value: Value, files: FileAccess): Promise<number> {
  if (value.kind === 'None') return 0;
  const parts = partsOf(value);
  if (!parts) return isPath(value) ? files.size(textOf(value)) : 0;
  const sizes = await Promise.all(parts.map((part) => sizeOf(part, files)));
  return sizes.reduce((sum, bytes) => sum + bytes, 0);
}

const isPath = ({ kind }: Value) => kind === 'File' || kind === 'Directory' || kind === 'String';

/** What a compound value holds; in one that has paths as text (1.0: `Array[String]`) text counts as a path. */
function partsOf(value: Value): readonly Value[] | undefined {
  if (value.kind === 'Array') return value.items;
  if (value.kind === 'Pair') return [value.left, value.right].filter(hasFiles);
  if (value.kind === 'Map') return [...value.entries.values()].flat().filter(hasFiles);
  if (value.kind === 'Object') return [...value.members.values()].filter(hasFiles);
  return undefined;
}

export const fileFunctions: Readonly<Record<string, LibraryFunction>> = {
  size,
  glob: async ([pattern], files) => array((await files.glob(textOf(pattern!))).map(file)),
  stdout: (_args, files) => file(files.stdout()),
  stderr: (_args, files) => file(files.stderr()),
  read_string: reading((content) => string(content.replace(/[\r\n]+$/, ''))),
  read_int: trimmedAs('Int'),
  read_float: trimmedAs('Float'),
  read_boolean: trimmedAs('Boolean'),
  read_lines: reading((content) => array(linesOf(content).map(string))),
  read_tsv: readTsv,
  read_map: reading(mapOf),
  read_json: reading(parseJson),
  read_object: reading(objectOf),
  read_objects: reading((content, path) => array(objectsOf(content, path))),
  write_lines: writing('txt', (value) => joinLines(textsOf(value))),
  write_tsv: async (args, files) => file(await files.write(tsvText(args), 'tsv')),
  join_paths: joinPaths,
  write_map: writing('tsv', (value) =>
    joinRows(entriesOf(value).map(([key, item]) => [textOf(key), textOf(item)])),
  ),
  write_json: writing('json', (value) => JSON.stringify(serializableJson(value))),
  write_object: writing('tsv', (value) => objectRows([value])),
  write_objects: writing('tsv', (value) => objectRows(itemsOf(value))),
};
