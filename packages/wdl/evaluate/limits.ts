import { createContext, Script } from 'node:vm';
import { EvaluationError } from './value.ts';

/**
 * What one expression may take of the engine. A workflow is written by anybody who may register one; the engine is
 * there for the others too. Real work, with more than this, belongs into tasks.
 */

/** Characters of one String. */
export const TEXT_LIMIT = 256 * 1024 * 1024;
/** Items of one Array. */
export const ITEM_LIMIT = 10_000_000;
/** Milliseconds for one regular expression on one text. */
const PATTERN_TIME = 5_000;

/** The texts as one. */
export function joinedText(texts: readonly string[], separator = ''): string {
  let length = separator.length * Math.max(0, texts.length - 1);
  for (const text of texts) length += text.length;
  if (length > TEXT_LIMIT)
    throw new EvaluationError(
      `The text would have ${length} characters; a String has ${TEXT_LIMIT} at most.`,
    );
  return texts.join(separator);
}

/** Refuses an array that would have more items than one may. */
export function checkItems(count: number): void {
  if (count > ITEM_LIMIT)
    throw new EvaluationError(`The array would have ${count} items; one has ${ITEM_LIMIT} at most.`);
}

const matching = createContext(Object.create(null) as { work?: () => unknown });
const script = new Script('work()');

/**
 * Does the matching, and gives up where it takes too long: `(a+)+$` doubles its time with every character. What cannot
 * take long is done without a watchdog, which costs more than most matches.
 */
export function matched<T>(pattern: RegExp, input: string, work: () => T): T {
  const quantifiers = pattern.source.match(/[*+?{]/g)?.length ?? 0;
  if (input.length < 10_000 && quantifiers < 2) return work();
  matching.work = work;
  try {
    return script.runInContext(matching, { timeout: PATTERN_TIME }) as T;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error;
    throw new EvaluationError(
      `The pattern ${JSON.stringify(pattern.source.slice(0, 80))} did not come to an end on a text of ${input.length} characters within ${PATTERN_TIME / 1000} seconds.`,
    );
  } finally {
    delete matching.work;
  }
}
