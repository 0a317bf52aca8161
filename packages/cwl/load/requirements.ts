import { DocumentError, type Position } from '../faults.ts';
import { listOf, setMember, type Value, type ValueObject } from '../value.ts';
import { entries, place } from './fields.ts';
import type { CwlVersion, Requirements } from './model.ts';

/** Extensions of cwltool that became requirements of 1.1, as the upgrade of 1.0 documents has it. */
const UPGRADED: Readonly<Record<string, string>> = {
  LoadListingRequirement: 'LoadListingRequirement',
  InplaceUpdateRequirement: 'InplaceUpdateRequirement',
  TimeLimit: 'ToolTimeLimit',
  WorkReuse: 'WorkReuse',
  NetworkAccess: 'NetworkAccess',
};

/** Requirements or hints by class. */
export function readRequirements(
  value: Value | undefined,
  version: CwlVersion,
  near: Position,
): Requirements {
  const read = new Map<string, ValueObject>();
  for (const entry of entries(value, 'class', undefined, near)) {
    const written = entry['class'];
    if (typeof written !== 'string')
      throw new DocumentError(place(entry, undefined, near), 'A requirement needs "class".');
    const name = /[#:/]/.test(written) ? extensionName(written) : written;
    read.set(name, normalized(name, entry, version));
  }
  return read;
}

function extensionName(written: string): string {
  const local = written.slice(
    Math.max(written.lastIndexOf('#'), written.lastIndexOf(':'), written.lastIndexOf('/')) + 1,
  );
  return /cwltool/.test(written) ? (UPGRADED[local] ?? written) : written;
}

/** Members that may be maps become the lists that they stand for. */
function normalized(name: string, entry: ValueObject, _version: CwlVersion): ValueObject {
  if (name === 'EnvVarRequirement') return withList(entry, 'envDef', 'envName', 'envValue');
  if (name === 'SoftwareRequirement') return withList(entry, 'packages', 'package', 'specs');
  if (name === 'InlineJavascriptRequirement')
    return { ...entry, expressionLib: listOf(entry['expressionLib']) };
  return entry;
}

function withList(entry: ValueObject, member: string, key: string, predicate: string): ValueObject {
  const changed = { ...entry };
  const near = place(entry, member, { file: '', line: 1, column: 1 });
  setMember(changed, member, entries(entry[member], key, predicate, near));
  return changed;
}
