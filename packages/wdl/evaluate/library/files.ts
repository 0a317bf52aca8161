import { byteUnit } from '../bytes.ts';
import { coerce } from '../coerce.ts';
import type { FileAccess } from '../files.ts';
import { parseJson, serializableJson } from '../json.ts';
import { array, EvaluationError, file, float, map, object, string, text, type Value } from '../value.ts';
import { entriesOf, itemsOf, type LibraryFunction, textOf, textsOf } from './function.ts';

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

const size: LibraryFunction = async ([value, unit], files) => {
  const bytes = await sizeOf(value!, files);
  return float(bytes / byteUnit(unit ? textOf(unit) : 'B'));
};

async function sizeOf(value: Value, files: FileAccess): Promise<number> {
  if (value.kind === 'None') return 0;
  if (value.kind !== 'Array') return files.size(textOf(value));
  const sizes = await Promise.all(value.items.map((item) => sizeOf(item, files)));
  return sizes.reduce((sum, bytes) => sum + bytes, 0);
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
  read_tsv: reading((content) => array(rowsOf(content).map((row) => array(row.map(string))))),
  read_map: reading(mapOf),
  read_json: reading(parseJson),
  read_object: reading(objectOf),
  read_objects: reading((content, path) => array(objectsOf(content, path))),
  write_lines: writing('txt', (value) => joinLines(textsOf(value))),
  write_tsv: writing('tsv', (value) => joinRows(itemsOf(value).map(textsOf))),
  write_map: writing('tsv', (value) =>
    joinRows(entriesOf(value).map(([key, item]) => [textOf(key), textOf(item)])),
  ),
  write_json: writing('json', (value) => JSON.stringify(serializableJson(value))),
  write_object: writing('tsv', (value) => objectRows([value])),
  write_objects: writing('tsv', (value) => objectRows(itemsOf(value))),
};
