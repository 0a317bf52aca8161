/** Where something stands in a source file. Lines and columns count from 1; the end is exclusive. */
export interface Position {
  /** Path inside the definition. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
}

/** A point between two characters. */
export interface Mark {
  readonly offset: number;
  readonly line: number;
  readonly column: number;
}

/** The stretch from `start` to `end`. */
export function between(file: string, start: Mark, end: Mark): Position {
  return { file, line: start.line, column: start.column, endLine: end.line, endColumn: end.column };
}

/** The stretch that covers both. */
export function spanning(first: Position, last: Position): Position {
  return { ...first, endLine: last.endLine, endColumn: last.endColumn };
}
