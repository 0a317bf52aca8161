import type { CwlType, Process } from '../load/model.ts';
import { isObject, setMember, type Value, type ValueObject } from '../value.ts';

/** A run's parameters as a job: where a File or Directory is wanted, its URI alone will do. */
export function withFiles(process: Process, parameters: ValueObject): ValueObject {
  const job: ValueObject = { ...parameters };
  for (const { name, type } of process.inputs) {
    const given = parameters[name];
    if (given !== undefined) setMember(job, name, asFile(type, given));
  }
  return job;
}

function asFile(type: CwlType, value: Value): Value {
  if (typeof value === 'string') {
    const wanted = fileClass(type);
    return wanted && !takesText(type) ? { class: wanted, location: value } : value;
  }
  if (Array.isArray(value)) {
    const items = only(type, 'array')?.items;
    return items ? value.map((item) => asFile(items, item)) : value;
  }
  const record = isObject(value) && value['class'] === undefined ? only(type, 'record') : undefined;
  if (!record || !isObject(value)) return value;
  const members: ValueObject = { ...value };
  for (const field of record.fields) {
    const given = value[field.name];
    if (given !== undefined) setMember(members, field.name, asFile(field.type, given));
  }
  return members;
}

function fileClass(type: CwlType): 'File' | 'Directory' | undefined {
  if (type.kind === 'File' || type.kind === 'Directory') return type.kind;
  return type.kind === 'union' ? type.types.map(fileClass).find((one) => one !== undefined) : undefined;
}

function takesText(type: CwlType): boolean {
  return (
    ['string', 'enum', 'Any'].includes(type.kind) || (type.kind === 'union' && type.types.some(takesText))
  );
}

function only<K extends CwlType['kind']>(type: CwlType, kind: K): Extract<CwlType, { kind: K }> | undefined {
  if (type.kind === kind) return type as Extract<CwlType, { kind: K }>;
  return type.kind === 'union'
    ? type.types.map((one) => only(one, kind)).find((one) => one !== undefined)
    : undefined;
}
