import type { IncomingMessage } from 'node:http';
import { errors } from '../errors.ts';

/** A request's line and headers, read once. */
export interface Incoming {
  readonly request: IncomingMessage;
  readonly method: string;
  /** As on the wire, still percent-encoded; begins with `/`. */
  readonly path: string;
  /** Decoded, in the order of the wire. */
  readonly query: readonly (readonly [string, string])[];
  /** By lower-case name; values of a repeated header joined by commas, in the order of the wire. */
  readonly headers: ReadonlyMap<string, string>;
  /** Host header as received. */
  readonly host: string;
}

/** Origin-form and absolute-form targets; the absolute form's authority is ignored, as prefixed hosts are. */
export function readIncoming(request: IncomingMessage): Incoming {
  const target = (request.url ?? '/').replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, '').replace(/#.*$/s, '');
  const mark = target.indexOf('?');
  const path = mark === -1 ? target : target.slice(0, mark);
  const headers = joinHeaders(request.rawHeaders);
  return {
    request,
    method: request.method ?? 'GET',
    path: path.startsWith('/') ? path : `/${path}`,
    query: mark === -1 ? [] : readQuery(target.slice(mark + 1), 'query string'),
    headers,
    host: headers.get('host') ?? '',
  };
}

function joinHeaders(raw: readonly string[]): ReadonlyMap<string, string> {
  const headers = new Map<string, string>();
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = raw[at]!.toLowerCase();
    const value = raw[at + 1]!;
    const before = headers.get(name);
    headers.set(name, before === undefined ? value : `${before},${value}`);
  }
  return headers;
}

/** Name and value pairs of a query string or form; `+` is a space in both. */
export function readQuery(text: string, what: string): readonly (readonly [string, string])[] {
  if (text === '') return [];
  return text
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => {
      const equals = pair.indexOf('=');
      if (equals === -1) return [decodeForm(pair, what), ''] as const;
      return [decodeForm(pair.slice(0, equals), what), decodeForm(pair.slice(equals + 1), what)] as const;
    });
}

function decodeForm(text: string, what: string): string {
  return decodePercent(text.replaceAll('+', ' '), what);
}

/** Throws SerializationException where the text is not percent-encoded UTF-8. */
export function decodePercent(text: string, what: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw errors.malformedTarget({
      fault: `"${text.slice(0, 100)}" in the ${what} is not percent-encoded UTF-8`,
    });
  }
}

/** The first value of a query parameter. */
export function parameter(incoming: Incoming, name: string): string | undefined {
  return incoming.query.find(([key]) => key === name)?.[1];
}
