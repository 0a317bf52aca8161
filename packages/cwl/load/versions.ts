import { type Position, UnsupportedError } from '../faults.ts';
import type { ValueObject } from '../value.ts';
import { place } from './fields.ts';
import type { CwlVersion } from './model.ts';

const VERSIONS: readonly CwlVersion[] = ['v1.0', 'v1.1', 'v1.2', 'v1.3'];
/** The names under which 1.3 is drafted: for its loops. */
const DRAFTS: Readonly<Record<string, CwlVersion>> = { 'v1.3.0-dev1': 'v1.3' };

export function isBefore(version: CwlVersion, other: CwlVersion): boolean {
  return VERSIONS.indexOf(version) < VERSIONS.indexOf(other);
}

/** The version that the document names; undefined where it names none. */
export function versionOf(raw: ValueObject, near: Position): CwlVersion | undefined {
  const written = raw['cwlVersion'];
  if (written === undefined || written === null) return undefined;
  const found = DRAFTS[String(written)] ?? ['v1.0', 'v1.1', 'v1.2'].find((version) => version === written);
  if (found) return found as CwlVersion;
  throw new UnsupportedError(
    place(raw, 'cwlVersion', near),
    `cwlVersion ${JSON.stringify(written)} is not supported; this engine runs v1.0, v1.1 and v1.2.`,
  );
}
