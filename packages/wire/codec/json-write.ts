import type { Shape, StructureShape, TimestampFormat } from '../schema/shape.ts';
import { writeTimestamp } from './timestamp.ts';

/**
 * A handler's value as JSON's. What the schema lacks is left out; what is undefined or null too. `timestamps` is the
 * format of those whose schema names none: seconds in every JSON protocol.
 */
export function writeJson(
  shape: Shape,
  value: unknown,
  timestamps: TimestampFormat = 'epoch-seconds',
): unknown {
  switch (shape.kind) {
    case 'timestamp':
      return writeTimestamp(asDate(value), shape.format ?? timestamps);
    case 'blob':
    case 'stream':
      return Buffer.from(value as Uint8Array).toString('base64');
    case 'list':
      return (value as readonly unknown[]).map((item) => writeJson(shape.element.shape, item, timestamps));
    case 'map':
      return Object.fromEntries(
        Object.entries(value as object)
          .filter(([, item]) => item !== undefined && item !== null)
          .map(([key, item]) => [key, writeJson(shape.value.shape, item, timestamps)]),
      );
    case 'structure':
      return writeJsonStructure(shape, value, timestamps);
    case 'eventStream': // goes beside the document
      return undefined;
    default:
      return value;
  }
}

function writeJsonStructure(shape: StructureShape, value: unknown, timestamps: TimestampFormat): unknown {
  const given = value as Readonly<Record<string, unknown>>;
  const result: Record<string, unknown> = {};
  for (const member of shape.members) {
    const item = given[member.name];
    if (item === undefined || item === null) continue;
    const name = (member.traits['jsonName'] as string | undefined) ?? member.name;
    result[name] = writeJson(member.shape, item, timestamps);
  }
  return result;
}

/** Handlers may keep times as milliseconds or ISO text; the wire has dates. */
export function asDate(value: unknown): Date {
  const date = value instanceof Date ? value : new Date(value as string | number);
  if (Number.isNaN(date.getTime()))
    throw new TypeError(`A handler answered ${String(value)} for a timestamp`);
  return date;
}
