import {
  array,
  boolean,
  EvaluationError,
  float,
  int,
  NOTHING,
  object,
  string,
  text,
  type Value,
} from './value.ts';

/** A JSON value as the most likely WDL one: objects as Object, whole numbers as Int. */
export function fromJson(json: unknown): Value {
  if (json === null || json === undefined) return NOTHING;
  if (typeof json === 'boolean') return boolean(json);
  if (typeof json === 'number') return Number.isSafeInteger(json) ? int(json) : float(json);
  if (typeof json === 'bigint') return int(json);
  if (typeof json === 'string') return string(json);
  if (Array.isArray(json)) return array(json.map(fromJson));
  return object(Object.entries(json).map(([name, value]) => [name, fromJson(value)]));
}

/**
 * The value as JSON; `ofFile` says what stands for a File or Directory. Pairs become objects with left and right, as
 * the guide has them; map keys become text.
 */
export function toJson(value: Value, ofFile: (path: string) => unknown = (path) => path): unknown {
  switch (value.kind) {
    case 'None':
      return null;
    case 'Boolean':
    case 'Float':
    case 'String':
      return value.value;
    case 'Int':
      return Number(value.value);
    case 'File':
    case 'Directory':
      return ofFile(value.value);
    case 'Array':
      return value.items.map((item) => toJson(item, ofFile));
    case 'Map':
      return Object.fromEntries(
        [...value.entries.values()].map(([key, item]) => [text(key), toJson(item, ofFile)]),
      );
    case 'Pair':
      return { left: toJson(value.left, ofFile), right: toJson(value.right, ofFile) };
    case 'Object':
      return Object.fromEntries([...value.members].map(([name, member]) => [name, toJson(member, ofFile)]));
  }
}

/** What write_json() writes. Pairs and maps of other keys than String have no JSON (specification, "JSON Serialization"). */
export function serializableJson(value: Value): unknown {
  refuseUnserializable(value);
  return toJson(value);
}

function refuseUnserializable(value: Value): void {
  if (value.kind === 'Pair') throw new EvaluationError('A Pair cannot be written as JSON.');
  if (value.kind === 'Array') value.items.forEach(refuseUnserializable);
  if (value.kind === 'Object') [...value.members.values()].forEach(refuseUnserializable);
  if (value.kind !== 'Map') return;
  for (const [key, item] of value.entries.values()) {
    if (!['String', 'File', 'Directory'].includes(key.kind)) {
      throw new EvaluationError(`A Map with keys of type ${key.kind} cannot be written as JSON.`);
    }
    refuseUnserializable(item);
  }
}

/** JSON text as a value. Throws EvaluationError where it is none. */
export function parseJson(source: string, path: string): Value {
  try {
    return fromJson(JSON.parse(source));
  } catch (error) {
    throw new EvaluationError(`${path} is not JSON: ${(error as Error).message}.`);
  }
}
