import { Readable } from 'node:stream';
import { ReadFaults } from '../codec/faults.ts';
import { parseJsonObject, readJson } from '../codec/json-read.ts';
import { readText } from '../codec/query-read.ts';
import { isYaml, parseYamlObject } from '../codec/yaml-read.ts';
import type { Incoming } from '../request/incoming.ts';
import type { Member, StructureShape } from '../schema/shape.ts';
import type { Body, Match } from './protocol.ts';

/** Gathers an input from path labels, query string, headers and body, as the schema binds its members. */
export function readRestInput(match: Match, incoming: Incoming, body: Body): Record<string, unknown> {
  const faults = new ReadFaults();
  const shape = match.operation.schema.input;
  const input = readUnbound(shape, incoming, body, faults);
  for (const member of shape.members) {
    const value = readBound(member, match, incoming, body, faults);
    if (value !== undefined) input[member.name] = value;
  }
  faults.check();
  return input;
}

/**
 * The members that are bound to nothing else, from a body in JSON or, as people write manifests, in YAML; {} where one
 * member is the whole body.
 */
function readUnbound(
  shape: StructureShape,
  { headers }: Incoming,
  body: Body,
  faults: ReadFaults,
): Record<string, unknown> {
  const unbound = shape.members.filter((member) => !isBound(member));
  const payload = shape.members.some(({ traits }) => traits['httpPayload']);
  if (payload || unbound.length === 0 || body instanceof Readable) return {};
  const part = { ...shape, members: unbound };
  const parse = isYaml(headers.get('content-type')) ? parseYamlObject : parseJsonObject;
  return (readJson(part, parse(body), '', faults) ?? {}) as Record<string, unknown>;
}

const BINDINGS = [
  'httpLabel',
  'httpQuery',
  'httpQueryParams',
  'httpHeader',
  'httpPrefixHeaders',
  'httpPayload',
];

function isBound({ traits }: Member): boolean {
  return BINDINGS.some((binding) => traits[binding as 'httpLabel'] !== undefined);
}

function readBound(
  member: Member,
  match: Match,
  incoming: Incoming,
  body: Body,
  faults: ReadFaults,
): unknown {
  const { traits, shape, name } = member;
  if (traits['httpLabel']) return textOf(member, match.labels.get(name), faults);
  if (traits['httpHeader']) {
    return textOf(member, incoming.headers.get(String(traits['httpHeader']).toLowerCase()), faults);
  }
  if (traits['httpQuery']) return readQueryMember(member, String(traits['httpQuery']), incoming, faults);
  if (traits['httpQueryParams']) return Object.fromEntries(incoming.query);
  if (!traits['httpPayload']) return undefined;
  if (body instanceof Readable || shape.kind === 'blob' || shape.kind === 'stream') return body;
  if (shape.kind === 'string') return body.toString('utf8');
  return body.length === 0 ? undefined : readJson(shape, parseJsonObject(body), name, faults);
}

function textOf({ shape, name }: Member, text: string | undefined, faults: ReadFaults): unknown {
  return text === undefined ? undefined : readText(shape, text, name, faults);
}

function readQueryMember(member: Member, parameter: string, incoming: Incoming, faults: ReadFaults): unknown {
  const { shape, name } = member;
  const values = incoming.query.filter(([key]) => key === parameter).map(([, value]) => value);
  if (values.length === 0) return undefined;
  if (shape.kind !== 'list') return readText(shape, values[0]!, name, faults);
  return values.map((value, index) =>
    readText(shape.element.shape, value, `${name}.${index + 1}.member`, faults),
  );
}
