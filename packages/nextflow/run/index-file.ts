import { prettyPrint, toJson } from '../evaluate/classes/json.ts';
import { yamlText } from '../evaluate/classes/builders.ts';
import { illegalArgument } from '../values/errors.ts';
import { GroovyMap } from '../values/map.ts';
import { text } from '../values/text.ts';
import type { Value } from '../values/value.ts';
import { isCollection, items } from '../evaluate/items.ts';

/** The items of an output as a table (CSV, TSV) or a document (JSON, YAML), by the file's extension. */
export function indexText(path: string, content: Value, settings: GroovyMap): string {
  const extension = path.slice(path.lastIndexOf('.') + 1);
  switch (extension) {
    case 'csv':
      return table(content, settings, text(settings.get('sep') ?? ','));
    case 'tsv':
      return table(content, settings, text(settings.get('sep') ?? '\t'));
    case 'json':
      return prettyPrint(toJson(content));
    case 'yml':
    case 'yaml':
      return yamlText(content);
    default:
      throw illegalArgument(`The index ${path} must end in .csv, .tsv, .json or .yml.`);
  }
}

function table(content: Value, settings: GroovyMap, separator: string): string {
  const rows = isCollection(content) ? items(content) : [content];
  const header = settings.get('header') ?? false;
  const names = Array.isArray(header)
    ? header.map((name) => text(name))
    : rows[0] instanceof GroovyMap
      ? Array.from(rows[0].keys(), String)
      : undefined;
  const lines = rows.map((row) =>
    cells(row, names)
      .map((cell) => `"${cell === null ? '' : text(cell)}"`)
      .join(separator),
  );
  const first = header !== false && names ? [names.map((name) => `"${name}"`).join(separator)] : [];
  return `${[...first, ...lines].join('\n')}\n`;
}

function cells(row: Value, names: readonly string[] | undefined): readonly Value[] {
  if (row instanceof GroovyMap)
    return (names ?? Array.from(row.keys(), String)).map((name) => row.get(name) ?? null);
  return isCollection(row) ? items(row) : [row];
}
