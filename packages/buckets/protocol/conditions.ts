import { errors } from '../errors.ts';

/** What conditions compare with. */
export interface Conditioned {
  /** Without quotes. */
  readonly etag: string;
  /** Milliseconds. */
  readonly modifiedAt: number;
}

/** The four conditional headers, from `If-*` or `x-amz-copy-source-if-*`. */
export interface Conditions {
  readonly match?: string | undefined;
  readonly noneMatch?: string | undefined;
  readonly modifiedSince?: string | undefined;
  readonly unmodifiedSince?: string | undefined;
}

/** Reads: `proceed`, or `not-modified` (304); throws PreconditionFailed. Order and precedence of RFC 9110, 13.2.2. */
export function judgeRead(conditions: Conditions, found: Conditioned): 'proceed' | 'not-modified' {
  if (conditions.match !== undefined) {
    if (!etagListed(conditions.match, found.etag)) throw errors.preconditionFailed({ condition: 'If-Match' });
  } else if (isBefore(conditions.unmodifiedSince, found)) {
    throw errors.preconditionFailed({ condition: 'If-Unmodified-Since' });
  }
  if (conditions.noneMatch !== undefined) {
    return etagListed(conditions.noneMatch, found.etag) ? 'not-modified' : 'proceed';
  }
  const since = timeOf(conditions.modifiedSince);
  return since !== undefined && secondsOf(found.modifiedAt) <= since ? 'not-modified' : 'proceed';
}

/** A copy's source that does not fit is PreconditionFailed in every case. */
export function judgeCopySource(conditions: Conditions, found: Conditioned): void {
  if (judgeRead(conditions, found) === 'not-modified') {
    throw errors.preconditionFailed({ condition: 'x-amz-copy-source-if' });
  }
}

/**
 * Writes: `If-None-Match: *` (only where nothing is there) and `If-Match` (only over this ETag). `missing` is the
 * error where If-Match finds no object at all.
 */
export function judgeWrite(
  conditions: Conditions,
  found: Conditioned | undefined,
  missing: () => Error,
): void {
  if (conditions.noneMatch !== undefined && found && etagListed(conditions.noneMatch, found.etag)) {
    throw errors.preconditionFailed({ condition: 'If-None-Match' });
  }
  if (conditions.match === undefined) return;
  if (!found) throw missing();
  if (!etagListed(conditions.match, found.etag)) throw errors.preconditionFailed({ condition: 'If-Match' });
}

/** Only these two of the conditional headers have a meaning for writes. */
export function writeConditions(header: (name: string) => string | undefined): Conditions {
  const noneMatch = header('if-none-match');
  if (noneMatch !== undefined && noneMatch.trim() !== '*') {
    throw errors.notImplemented({ feature: 'If-None-Match with anything but * on a write' });
  }
  return { match: header('if-match'), noneMatch };
}

export function readConditions(header: (name: string) => string | undefined, prefix = ''): Conditions {
  return {
    match: header(`${prefix}if-match`),
    noneMatch: header(`${prefix}if-none-match`),
    modifiedSince: header(`${prefix}if-modified-since`),
    unmodifiedSince: header(`${prefix}if-unmodified-since`),
  };
}

function etagListed(list: string, etag: string): boolean {
  return list.split(',').some((item) => {
    const given = item.trim().replace(/^W\//, '');
    return given === '*' || given.replace(/^"(.*)"$/, '$1') === etag;
  });
}

function isBefore(header: string | undefined, found: Conditioned): boolean {
  const time = timeOf(header);
  return time !== undefined && secondsOf(found.modifiedAt) > time;
}

function timeOf(header: string | undefined): number | undefined {
  const time = header === undefined ? NaN : Date.parse(header);
  return Number.isNaN(time) ? undefined : secondsOf(time);
}

/** HTTP dates have whole seconds. */
function secondsOf(milliseconds: number): number {
  return Math.floor(milliseconds / 1000);
}
