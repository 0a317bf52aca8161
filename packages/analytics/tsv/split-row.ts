import { shown, VcfError } from '../vcf/vcf-error.ts';
import type { TsvReading } from './reading.ts';

/** A value as the file has it; null where nothing stands, which differs from a quoted empty value. */
export type Field = string | null;

/** Cuts a line into its values. Throws VcfError where its quotes are wrong. */
export function splitRow(line: string, reading: TsvReading, number: number): readonly Field[] {
  const { separator, quote, quoteAll } = reading;
  if (!quoteAll && !line.includes(quote)) return line.split(separator).map(plain);
  const fields: Field[] = [];
  for (let at = 0; ;) {
    let end: number;
    if (line.startsWith(quote, at)) {
      const quoted = readQuoted(line, at + quote.length, reading, number);
      fields.push(quoted.value);
      end = quoted.end;
    } else {
      const next = line.indexOf(separator, at);
      end = next < 0 ? line.length : next;
      const value = line.slice(at, end);
      if (quoteAll) throw new VcfError(`value ${shown(value)} is not quoted, and quoteAll is true`, number);
      fields.push(plain(value));
    }
    if (end >= line.length) return fields;
    at = end + separator.length;
  }
}

/** A value from after its first quote; `end` is where the separator or the line's end is. */
function readQuoted(
  line: string,
  from: number,
  { separator, quote, escape, escapeQuotes }: TsvReading,
  number: number,
): { readonly value: string; readonly end: number } {
  let value = '';
  for (let at = from; at < line.length;) {
    const [character, next] = [line[at]!, line[at + 1]];
    if (character === escape && escape !== quote && (next === quote || next === escape)) {
      value += next;
      at += 2;
    } else if (character !== quote) {
      value += character;
      at += 1;
    } else if (at + 1 === line.length || line.startsWith(separator, at + 1)) {
      return { value, end: at + 1 };
    } else if (next === quote) {
      value += quote;
      at += 2;
    } else if (escapeQuotes) {
      throw new VcfError(`a quote after ${shown(value)} is neither escaped nor doubled`, number);
    } else {
      value += quote;
      at += 1;
    }
  }
  throw new VcfError(`the quoted value ${shown(value)} has no closing quote on its line`, number);
}

function plain(value: string): Field {
  return value === '' ? null : value;
}
