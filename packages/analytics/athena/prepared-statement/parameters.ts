import { withoutLiterals } from '../../sql/trino-text.ts';
import { athenaErrors } from '../errors.ts';

/** A value as SQL writes it. Nothing else is put into a statement. */
const LITERAL =
  /^\s*(?:[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?|(?:(?:date|timestamp|time|decimal)\s*)?'(?:[^']|'')*'|true|false|null)\s*$/i;

/** The statement with each `?` replaced by its value. */
export function bound(statement: string, values: readonly string[]): string {
  const plain = withoutLiterals(statement);
  const places = [...plain.matchAll(/\?/g)].map(({ index }) => index);
  if (places.length !== values.length)
    throw athenaErrors.wrongParameters({ expected: places.length, found: values.length });
  const wrong = values.find((value) => !LITERAL.test(value));
  if (wrong !== undefined) throw athenaErrors.badParameter({ value: wrong });
  let text = '';
  let from = 0;
  for (const [index, at] of places.entries()) {
    text += statement.slice(from, at) + values[index]!.trim();
    from = at + 1;
  }
  return text + statement.slice(from);
}

/** `EXECUTE name [USING value, ...]` */
export function executed(
  statement: string,
): { readonly name: string; readonly values: readonly string[] } | undefined {
  const match = /^execute\s+"?([\w@:]+)"?(?:\s+using\s+([\s\S]+))?$/i.exec(statement);
  if (!match) return undefined;
  return { name: match[1]!, values: match[2] === undefined ? [] : commaSeparated(match[2]) };
}

function commaSeparated(text: string): readonly string[] {
  const plain = withoutLiterals(text);
  const values: string[] = [];
  let from = 0;
  for (const { index } of plain.matchAll(/,|$/g)) {
    values.push(text.slice(from, index));
    from = index + 1;
  }
  return values;
}

/** `PREPARE name FROM statement` and `DEALLOCATE PREPARE name` */
export function prepares(
  statement: string,
): { readonly name: string; readonly query: string | undefined } | undefined {
  const prepare = /^prepare\s+"?([\w@:]+)"?\s+from\s+([\s\S]+)$/i.exec(statement);
  if (prepare) return { name: prepare[1]!, query: prepare[2]! };
  const deallocate = /^deallocate\s+prepare\s+"?([\w@:]+)"?$/i.exec(statement);
  return deallocate ? { name: deallocate[1]!, query: undefined } : undefined;
}
