import { COLLECTIONS } from './collections.ts';
import { TEXTS } from './texts.ts';
import { TIMES } from './times.ts';
import { VALUES } from './values.ts';

export { TRINO_QUERIES } from './queries.ts';

/**
 * Expressions with what Trino 435 answers, a line each, as Athena writes values; what they ask is in Trino's documentation
 * ("Functions and operators", "SQL statement syntax"). `NULL` is null; `!` is an error of both, with its begin here;
 * `?` is refused here, and answered by Trino. `npm run conformance:trino` asks Trino itself again.
 */
export const TRINO_EXPRESSIONS: Readonly<Record<string, string>> = {
  ...VALUES,
  ...TEXTS,
  ...COLLECTIONS,
  ...TIMES,
};
