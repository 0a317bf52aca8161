/** A query that cannot be run as it is written. Messages are Trino's where it has one: `CODE: line l:c: what`. */
export class QueryError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'QueryError';
  }

  /** With the place of a character offset in the query's text. */
  static at(code: string, sql: string, offset: number, what: string): QueryError {
    return new QueryError(`${code}: ${place(sql, offset)}${what}`);
  }
}

function place(sql: string, offset: number): string {
  if (!Number.isSafeInteger(offset) || offset < 0 || offset > sql.length) return '';
  const before = sql.slice(0, offset).split('\n');
  return `line ${before.length}:${before.at(-1)!.length + 1}: `;
}
