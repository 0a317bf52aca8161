import { DocumentError, type Position } from '../faults.ts';
import { isObject, listOf, type Value, type ValueObject } from '../value.ts';
import { entries, place } from './fields.ts';
import type { CwlVersion, Requirements } from './model.ts';
import { isBefore } from './versions.ts';

/** Refuses what the version that a document names does not have yet. */
export function refuseNewer(
  raw: ValueObject,
  requirements: Requirements,
  version: CwlVersion,
  near: Position,
): void {
  if (!isBefore(version, 'v1.2')) return;
  const refuse = (what: string, since: CwlVersion, at: Position): never => {
    throw new DocumentError(at, `${what} needs cwlVersion ${since}; the document has ${version}.`);
  };
  const resources = requirements.get('ResourceRequirement') ?? {};
  const fraction = Object.keys(resources).find((name) => isFraction(resources[name]));
  if (fraction) refuse(`A fraction for ${fraction}`, 'v1.2', place(resources, fraction, near));
  if (version !== 'v1.0') return;
  for (const parameter of [
    ...entries(raw['inputs'], 'id', 'type', near),
    ...entries(raw['outputs'], 'id', 'type', near),
  ]) {
    if (listOf(parameter['secondaryFiles']).some(isObject)) {
      refuse('"pattern" in secondaryFiles', 'v1.1', place(parameter, 'secondaryFiles', near));
    }
  }
}

function isFraction(value: Value | undefined): boolean {
  return typeof value === 'number' && !Number.isInteger(value);
}
