import type { Target } from '@aws-sdk/client-eventbridge';
import { rootPrincipal, type Scope } from '@helicase/kernel';
import type { BusEvent } from './bus-event.ts';
import type { EventRoom } from './event-room.ts';
import { httpCall } from './http-call.ts';
import { prover } from './proof.ts';
import type { Rule } from './rule.ts';
import { ruleArn } from './rule.ts';
import { compileTargetInput } from './target-input.ts';
import { targetKind } from './target-kind.ts';
import { Undeliverable } from './undeliverable.ts';

/** Milliseconds until a target that does not answer counts as failed: API destinations have five seconds with AWS too. */
const TIMEOUT = 5_000;

/** Tells a target one event. Rejects where it did not take it. */
export type Deliver = (event: BusEvent, signal: AbortSignal) => Promise<void>;

/** How a rule's target is told; what it needs is looked up once. */
export async function deliverer(room: EventRoom, rule: Rule, target: Target): Promise<Deliver> {
  const { scope, doc } = rule;
  const shape = compileTargetInput(target);
  const facts = { arn: ruleArn(scope, doc.bus, doc.name), name: doc.name };
  const tell = await teller(room, scope, target, doc.name);
  return (event, signal) =>
    tell({ id: event.id, body: shape(event, facts), at: Date.parse(event.time) }, signal);
}

/** `id` stays the same when it is told again; `at` is the time that it is of. */
export interface Message {
  readonly id: string;
  readonly body: string;
  readonly at: number;
}

/** Tells a target one message. Rejects where it was not taken. */
export type Tell = (message: Message, signal: AbortSignal) => Promise<void>;

/** How a target is told, `name` being whose messages they are; what it needs is looked up once. */
export async function teller(room: EventRoom, scope: Scope, target: Target, name: string): Promise<Tell> {
  const kind = targetKind(room.messaging, scope, target);
  if (kind.kind === 'messaging') return room.messaging.sender(kind, target);
  if (kind.kind === 'destination') return toDestination(room, scope, kind, target);
  if (kind.kind === 'logs') {
    const actor = { scope, principal: rootPrincipal(scope.account) };
    return async ({ at, body }) => {
      await room.writer.append(actor, kind.group, name, [{ timestamp: at, message: body }]);
      await room.writer.flush();
    };
  }
  return async ({ body }) => {
    const actor = await room.roles.assume(scope, kind.roleArn);
    const { operation, service } = kind;
    const input = JSON.parse(body) as unknown;
    await room.caller.call(actor, { service, operation, input, invokedBy: 'events.amazonaws.com' });
  };
}

async function toDestination(
  room: EventRoom,
  scope: Scope,
  { name, uuid }: { readonly name: string; readonly uuid: string },
  { HttpParameters }: Target,
): Promise<Tell> {
  const destination = await room.destinations.find(room.records.direct, scope, name);
  if (destination?.doc.uuid !== uuid)
    throw new Undeliverable(`API destination ${name} is not there any more`);
  const connection = await room.connections.find(room.records.direct, scope, destination.doc.connection);
  if (!connection) throw new Undeliverable(`connection ${destination.doc.connection} is not there any more`);
  const secret = await room.keyring.openSecret(scope, connection.doc.sealed);
  const proofOf = prover(connection.doc, secret);
  const url = destinationUrl(destination.doc.endpoint, HttpParameters ?? {});
  const { method } = destination.doc;
  return async ({ body, id }, signal) => {
    const headers = {
      ...{ 'content-type': 'application/json; charset=utf-8', 'user-agent': 'Helicase/Events' },
      ...HttpParameters?.HeaderParameters,
      ...proofOf({ id, body, at: room.clock.now() }),
    };
    const content = method === 'GET' || method === 'HEAD' ? {} : { body };
    const status = await httpCall({ url, method, headers, ...content, timeout: TIMEOUT, signal });
    if (status >= 200 && status < 300) return;
    const message = `${method} ${url.host} answered ${status}`;
    // Whoever refuses the request itself will refuse it again; who is busy or broken may not.
    const isFinal = status >= 400 && status < 500 && ![401, 407, 409, 429].includes(status);
    throw isFinal ? new Undeliverable(message) : new Error(message);
  };
}

/** `*` in the endpoint's path stands for the path parameters, one after the other. */
function destinationUrl(
  endpoint: string,
  { PathParameterValues = [], QueryStringParameters = {} }: NonNullable<Target['HttpParameters']>,
): URL {
  const values = [...PathParameterValues];
  const url = new URL(endpoint.replaceAll('*', () => encodeURIComponent(values.shift() ?? '*')));
  for (const [key, value] of Object.entries(QueryStringParameters)) url.searchParams.set(key, value);
  return url;
}
