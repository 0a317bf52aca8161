/** Athena's CSV: every value quoted, nulls empty and unquoted. */
export function csvLine(values: readonly (string | null)[]): string {
  return values.map((value) => (value === null ? '' : `"${value.replaceAll('"', '""')}"`)).join(',') + '\n';
}

export interface CsvPage {
  readonly rows: readonly (readonly (string | null)[])[];
  /** Bytes of the text that the rows take; the next page starts there. */
  readonly bytes: number;
}

/** The first `limit` lines of a text that begins at a line's start; a last line without its end is left for later. */
export function readCsv(bytes: Buffer, limit: number, isEnd: boolean): CsvPage {
  const rows: (string | null)[][] = [];
  let position = 0;
  while (rows.length < limit) {
    const end = lineEnd(bytes, position);
    if (end < 0) {
      if (!isEnd || position >= bytes.length) break;
      rows.push(fields(bytes.toString('utf8', position)));
      position = bytes.length;
      break;
    }
    rows.push(fields(bytes.toString('utf8', position, end)));
    position = end + 1;
  }
  return { rows, bytes: position };
}

const NEWLINE = 10;
const QUOTE = 34;

function lineEnd(bytes: Buffer, start: number): number {
  let quoted = false;
  for (let at = start; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === QUOTE) quoted = !quoted;
    else if (byte === NEWLINE && !quoted) return at;
  }
  return -1;
}

function fields(line: string): (string | null)[] {
  const values: (string | null)[] = [];
  const field = /(?:"((?:[^"]|"")*)"|([^,]*))(,|$)/gy;
  for (;;) {
    const match = field.exec(line);
    if (!match) return values;
    values.push(match[1] !== undefined ? match[1].replaceAll('""', '"') : match[2] || null);
    if (match[3] === '') return values;
  }
}
