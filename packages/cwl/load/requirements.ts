import { DocumentError, type Position, UnsupportedError } from '../faults.ts';
import { listOf, setMember, type Value, type ValueObject } from '../value.ts';
import { entries, place } from './fields.ts';
import type { Requirements } from './model.ts';

/**
 * The extensions of cwltool that are known here, under the names they have here: those that became requirements of 1.1
 * have these, as the upgrade of 1.0 documents wants it.
 */
const EXTENSIONS: Readonly<Record<string, string>> = {
  LoadListingRequirement: 'LoadListingRequirement',
  InplaceUpdateRequirement: 'InplaceUpdateRequirement',
  TimeLimit: 'ToolTimeLimit',
  WorkReuse: 'WorkReuse',
  NetworkAccess: 'NetworkAccess',
  CUDARequirement: 'CUDARequirement',
  Secrets: 'Secrets',
  Loop: 'Loop',
};

const KNOWN = new Set([
  ...['InlineJavascriptRequirement', 'SchemaDefRequirement', 'LoadListingRequirement', 'DockerRequirement'],
  ...['SoftwareRequirement', 'InitialWorkDirRequirement', 'EnvVarRequirement', 'ShellCommandRequirement'],
  ...['ResourceRequirement', 'WorkReuse', 'NetworkAccess', 'InplaceUpdateRequirement', 'ToolTimeLimit'],
  ...['SubworkflowFeatureRequirement', 'ScatterFeatureRequirement', 'MultipleInputFeatureRequirement'],
  ...['StepInputExpressionRequirement', 'CUDARequirement', 'Secrets', 'Loop'],
]);

/** Throws UnsupportedError for a requirement that this engine does not know. */
export function refuseUnknown(name: string, near: Position): void {
  if (!KNOWN.has(name)) throw new UnsupportedError(near, `The requirement ${name} is not supported.`);
}

/** Requirements or hints by class. */
export function readRequirements(value: Value | undefined, near: Position): Requirements {
  const read = new Map<string, ValueObject>();
  for (const entry of entries(value, 'class', undefined, near)) {
    const written = entry['class'];
    if (typeof written !== 'string')
      throw new DocumentError(place(entry, undefined, near), 'A requirement needs "class".');
    const name = localClass(written);
    read.set(name, normalized(name, entry));
  }
  return read;
}

/** The class without the prefix of a namespace, where it is one that is known here; as it is written otherwise. */
export function localClass(written: string): string {
  if (!/[#:/]/.test(written)) return written;
  const local = written.slice(
    Math.max(written.lastIndexOf('#'), written.lastIndexOf(':'), written.lastIndexOf('/')) + 1,
  );
  return /cwltool/.test(written) ? (EXTENSIONS[local] ?? written) : written;
}

/** Members that may be maps become the lists that they stand for. */
function normalized(name: string, entry: ValueObject): ValueObject {
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
