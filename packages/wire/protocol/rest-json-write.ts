import { asDate, writeJson } from '../codec/json-write.ts';
import { writeTimestamp } from '../codec/timestamp.ts';
import type { StreamedPayload } from '../operation.ts';
import type { RegisteredOperation } from '../schema/registry.ts';
import type { Member, StructureShape } from '../schema/shape.ts';
import type { Reply } from './protocol.ts';

/** Puts an output into status, headers and body, as the schema binds its members. */
export function writeRestOutput(operation: RegisteredOperation, output: unknown): Reply {
  const { http, output: shape } = operation.schema;
  const status = http?.status ?? 200;
  if (!shape) return { status, headers: {} };
  const given = (output ?? {}) as Readonly<Record<string, unknown>>;
  const headers = writeHeaders(shape, given);
  const payload = shape.members.find(({ traits }) => traits['httpPayload']);
  if (payload) return { ...writePayload(payload, given[payload.name], status, headers) };
  if (status === 204) return { status, headers };
  const part = { ...shape, members: shape.members.filter((member) => !isHeader(member)) };
  const body = JSON.stringify(writeJson(part, given));
  return { status, headers: { ...headers, 'content-type': 'application/json' }, body };
}

function isHeader({ traits }: Member): boolean {
  return Boolean(traits['httpHeader'] ?? traits['httpPrefixHeaders'] ?? traits['httpResponseCode']);
}

function writeHeaders(
  shape: StructureShape,
  given: Readonly<Record<string, unknown>>,
): Record<string, string | number> {
  const headers: Record<string, string | number> = {};
  for (const { name, traits, shape: member } of shape.members) {
    const value = given[name];
    if (!traits['httpHeader'] || value === undefined || value === null) continue;
    const text =
      member.kind === 'timestamp'
        ? writeTimestamp(asDate(value), member.format ?? 'http-date')
        : (value as string | number);
    headers[String(traits['httpHeader']).toLowerCase()] = text;
  }
  return headers;
}

function writePayload(
  member: Member,
  value: unknown,
  status: number,
  headers: Readonly<Record<string, string | number>>,
): Reply {
  if (value === undefined || value === null) return { status, headers };
  if (member.shape.kind === 'stream') return streamReply(value as StreamedPayload, status, headers);
  const body = JSON.stringify(writeJson(member.shape, value));
  return { status, headers: { ...headers, 'content-type': 'application/json' }, body };
}

function streamReply(
  payload: StreamedPayload,
  status: number,
  headers: Readonly<Record<string, string | number>>,
): Reply {
  return {
    status: payload.contentRange === undefined ? status : 206,
    headers: {
      'content-type': 'application/octet-stream',
      ...headers,
      'content-length': payload.length,
      ...(payload.contentRange === undefined ? {} : { 'content-range': payload.contentRange }),
    },
    body: payload.stream,
  };
}
