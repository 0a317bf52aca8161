import type { ByteRange } from '@helicase/blobs';
import { errors } from '../errors.ts';

/**
 * The bytes that a Range header asks of an object; undefined where it asks for all of it. Several ranges at once and
 * other units are answered with the whole object, as RFC 9110 allows and S3 does. InvalidRange where none of it exists.
 */
export function parseRange(header: string | undefined, size: number): ByteRange | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? '');
  if (!match || (match[1] === '' && match[2] === '')) return undefined;
  const [, first, last] = match as unknown as [string, string, string];
  const range = first === '' ? suffix(Number(last), size) : between(Number(first), last, size);
  if (range === undefined) return undefined;
  if (range.start >= size || range.start > range.end) throw errors.invalidRange({ range: header!, size });
  return range;
}

function suffix(length: number, size: number): ByteRange {
  return { start: length === 0 ? size : Math.max(0, size - length), end: size - 1 };
}

function between(start: number, last: string, size: number): ByteRange | undefined {
  if (last !== '' && Number(last) < start) return undefined; // not a range at all
  return { start, end: last === '' ? size - 1 : Math.min(Number(last), size - 1) };
}

/** `x-amz-copy-source-range`: both ends given, and within the source. */
export function parseCopyRange(header: string, size: number): ByteRange {
  const match = /^bytes=(\d+)-(\d+)$/.exec(header);
  const range = match && { start: Number(match[1]), end: Number(match[2]) };
  if (!range || range.start > range.end) {
    const reason = 'it must be bytes=first-last';
    throw errors.invalidArgument({ name: 'x-amz-copy-source-range', value: header, reason });
  }
  if (range.end >= size) throw errors.invalidRange({ range: header, size });
  return range;
}
