/** A moment, which is shown as such. */
export interface Instant {
  readonly millis: number;
}

/** What a field of a line is. */
export type Value = string | number | boolean | Instant | undefined;

export function isInstant(value: Value): value is Instant {
  return typeof value === 'object';
}

/** NaN where it is no number. Text counts where it reads as one: what JSON or `parse` give may be text. */
export function numberOf(value: Value): number {
  if (typeof value === 'number') return value;
  if (isInstant(value)) return value.millis;
  if (typeof value === 'string' && value.trim() !== '') return Number(value);
  return NaN;
}

/** As results show it: moments as `2026-01-31 12:00:00.000`. */
export function textOf(value: Exclude<Value, undefined>): string {
  return isInstant(value)
    ? new Date(value.millis).toISOString().replace('T', ' ').slice(0, 23)
    : String(value);
}

/** Numbers by value where both are some, otherwise text by its characters; undefined comes last. */
export function compare(a: Value, b: Value): number {
  if (a === undefined || b === undefined) return a === b ? 0 : a === undefined ? 1 : -1;
  const [left, right] = [numberOf(a), numberOf(b)];
  if (!Number.isNaN(left) && !Number.isNaN(right)) return left - right;
  const [first, second] = [textOf(a), textOf(b)];
  return first < second ? -1 : first > second ? 1 : 0;
}

export function isEqual(a: Value, b: Value): boolean {
  return a !== undefined && b !== undefined && compare(a, b) === 0;
}
