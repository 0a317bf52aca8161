import type { StoredLogEvent } from '../log-store/log-event.ts';
import { eventId } from '../log-event/filter-log-events.ts';
import type { FieldOf } from './language/expression.ts';
import type { Value } from './language/value.ts';

/** A row on its way through a query: what was made of it so far, over what it began as. */
export class Row {
  readonly field: FieldOf;
  readonly #made: Map<string, Value>;

  constructor(field: FieldOf, made: ReadonlyMap<string, Value> = new Map()) {
    this.#made = new Map(made);
    this.field = (name) => (this.#made.has(name) ? this.#made.get(name) : field(name));
  }

  set(name: string, value: Value): void {
    this.#made.set(name, value);
  }
}

/** The fields of a line: AWS's own with @, and those of messages that are JSON, by their path with dots. */
export function lineFields(event: StoredLogEvent, log: string): FieldOf {
  const own: Readonly<Record<string, Value>> = {
    '@timestamp': { millis: event.timestamp },
    '@ingestionTime': { millis: event.ingestionTime },
    '@message': event.message,
    '@logStream': event.stream,
    '@log': log,
    '@ptr': eventId(event),
  };
  let json: unknown;
  let isRead = false;
  return (name) => {
    if (name.startsWith('@') && Object.hasOwn(own, name)) return own[name];
    if (!isRead) json = parsed(event.message);
    isRead = true;
    return json === undefined ? undefined : memberOf(json, name);
  };
}

/** The fields that a message has of itself, by their paths: none where it is no JSON. */
export function messageFields(message: string): ReadonlyMap<string, Exclude<Value, undefined>> {
  const found = new Map<string, Exclude<Value, undefined>>();
  const walk = (of: unknown, path: string) => {
    const value = valueOf(of);
    if (value !== undefined) found.set(path, value);
    else if (typeof of === 'object' && of !== null)
      for (const [name, member] of Object.entries(of)) walk(member, path === '' ? name : `${path}.${name}`);
  };
  walk(parsed(message), '');
  return found;
}

/** Path by path: a member whose own name has dots is found too. */
function memberOf(of: unknown, path: string): Value {
  if (typeof of !== 'object' || of === null) return undefined;
  if (Object.hasOwn(of, path)) return valueOf((of as Record<string, unknown>)[path]);
  for (let dot = path.indexOf('.'); dot !== -1; dot = path.indexOf('.', dot + 1)) {
    const name = path.slice(0, dot);
    if (!Object.hasOwn(of, name)) continue;
    const found = memberOf((of as Record<string, unknown>)[name], path.slice(dot + 1));
    if (found !== undefined) return found;
  }
  return undefined;
}

function valueOf(json: unknown): Value {
  if (typeof json === 'string' || typeof json === 'number') return json;
  if (typeof json === 'boolean') return json;
  return undefined;
}

function parsed(message: string): unknown {
  if (!/^\s*\{/.test(message)) return undefined;
  try {
    return JSON.parse(message) as unknown;
  } catch {
    return undefined;
  }
}
