import type { TimestampFormat } from '../schema/shape.ts';

const DATE_TIME = /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:[Zz]|[+-]\d{2}:\d{2})$/;
const HTTP_DATE = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2}(?:\.\d+)? GMT$/;

/** Any of the three formats, told apart by their form: clients differ in what they send. Undefined where it is none. */
export function readTimestamp(value: unknown): Date | undefined {
  if (typeof value === 'number') return valid(new Date(value * 1000));
  if (typeof value !== 'string') return undefined;
  if (DATE_TIME.test(value) || HTTP_DATE.test(value)) return valid(new Date(value));
  return /^-?\d{1,12}(?:\.\d+)?$/.test(value) ? valid(new Date(Number(value) * 1000)) : undefined;
}

/** `2026-11-23T20:00:00.000Z`, `Mon, 23 Nov 2026 20:00:00 GMT`, or seconds with a fraction. */
export function writeTimestamp(value: Date, format: TimestampFormat): string | number {
  if (format === 'date-time') return value.toISOString();
  return format === 'http-date' ? value.toUTCString() : value.getTime() / 1000;
}

function valid(date: Date): Date | undefined {
  return Number.isNaN(date.getTime()) ? undefined : date;
}
