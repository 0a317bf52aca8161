import { errors } from '../errors.ts';
import type { ListShape, MapShape, Shape, StructureShape } from '../schema/shape.ts';
import type { ReadFaults } from './faults.ts';
import { readBase64 } from './base64.ts';
import { readTimestamp } from './timestamp.ts';

const DEPTH_LIMIT = 200;

/** The JSON object of a body; {} where it is empty. Throws SerializationException. */
export function parseJsonObject(body: Buffer): Record<string, unknown> {
  if (body.length === 0) return {};
  const parsed = parseJson(body);
  if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) {
    return parsed as Record<string, unknown>;
  }
  throw errors.malformedBody({ expected: 'a JSON object', fault: `it begins with ${firstOf(body)}` });
}

function parseJson(body: Buffer): unknown {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    throw errors.malformedBody({ expected: 'JSON', fault: 'it is not UTF-8' });
  }
  checkDepth(text);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw errors.malformedBody({ expected: 'JSON', fault: (error as Error).message });
  }
}

/** Recursion over a value is bounded by the depth of its text. */
function checkDepth(text: string): void {
  let depth = 0;
  for (let at = 0, quoted = false; at < text.length; at++) {
    const character = text.charCodeAt(at);
    if (quoted && character === 0x5c) at++;
    else if (character === 0x22) quoted = !quoted;
    else if (quoted) continue;
    else if (character === 0x7b || character === 0x5b) {
      if (++depth > DEPTH_LIMIT)
        throw errors.malformedBody({ expected: 'JSON', fault: `it nests deeper than ${DEPTH_LIMIT}` });
    } else if (character === 0x7d || character === 0x5d) depth--;
  }
}

function firstOf(body: Buffer): string {
  return JSON.stringify(body.subarray(0, 10).toString('utf8'));
}

/** A JSON value as the schema's JavaScript value. Members that the schema lacks are ignored, as AWS does. */
export function readJson(shape: Shape, value: unknown, at: string, faults: ReadFaults): unknown {
  switch (shape.kind) {
    case 'string':
      return typeof value === 'string' ? value : faults.wrongType(value, at, 'a string');
    case 'number':
      return typeof value === 'number' ? value : faults.wrongType(value, at, 'a number');
    case 'boolean':
      return typeof value === 'boolean' ? value : faults.wrongType(value, at, 'true or false');
    case 'timestamp':
      return readTimestamp(value) ?? faults.wrongType(value, at, 'a timestamp (ISO 8601)');
    case 'blob':
    case 'stream':
      return readBase64(value) ?? faults.wrongType(value, at, 'base64');
    case 'document':
      return value;
    case 'eventStream': // comes beside the document, never in it
      return undefined;
    case 'list':
      return readList(shape, value, at, faults);
    case 'map':
      return readMap(shape, value, at, faults);
    case 'structure':
      return readStructure(shape, value, at, faults);
  }
}

function readList(shape: ListShape, value: unknown, at: string, faults: ReadFaults): unknown {
  if (!Array.isArray(value)) return faults.wrongType(value, at, 'a list');
  return value.map((item: unknown, index) =>
    item === null ? null : readJson(shape.element.shape, item, `${at}.${index + 1}.member`, faults),
  );
}

function readMap(shape: MapShape, value: unknown, at: string, faults: ReadFaults): unknown {
  if (!isObject(value)) return faults.wrongType(value, at, 'an object');
  const entries = Object.entries(value).map(([key, item]) => [
    key,
    item === null ? null : readJson(shape.value.shape, item, `${at}.${key}`, faults),
  ]);
  return Object.fromEntries(entries) as unknown;
}

/** Members whose wire name is `jsonName` where the schema has one. */
function readStructure(shape: StructureShape, value: unknown, at: string, faults: ReadFaults): unknown {
  if (!isObject(value)) return faults.wrongType(value, at, 'an object');
  const result: Record<string, unknown> = {};
  for (const member of shape.members) {
    const name = (member.traits['jsonName'] as string | undefined) ?? member.name;
    const item = Object.hasOwn(value, name) ? value[name] : undefined;
    if (item === undefined || item === null) continue;
    const path = at === '' ? name : `${at}.${name}`;
    const read = readJson(member.shape, item, path, faults);
    if (read !== undefined) result[member.name] = read;
  }
  return result;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
