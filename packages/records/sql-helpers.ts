import { type RawBuilder, sql } from 'kysely';
import type { Dialect } from './database.ts';

/** `column` is one of the values. One parameter however many there are, so that the statement stays the same. */
export function isAmong(
  dialect: Dialect,
  column: string,
  values: readonly (string | number)[],
): RawBuilder<boolean> {
  const texts = values.map(String);
  return dialect === 'postgres'
    ? sql<boolean>`${sql.ref(column)} = any(${texts}::text[])`
    : sql<boolean>`${sql.ref(column)} in (select value from json_each(${JSON.stringify(texts)}))`;
}
