import { EventStreamCodec } from '@smithy/core/event-streams';
import { writeJson } from '../codec/json-write.ts';
import type { EventStream } from '../operation.ts';
import type { StructureShape } from '../schema/shape.ts';

const codec = new EventStreamCodec(
  (bytes) => Buffer.from(bytes).toString('utf8'),
  (text) => Buffer.from(text, 'utf8'),
);

/** The member of an output that is a stream of events, where it has one. */
export function eventStreamOf(
  output: StructureShape,
): { readonly name: string; readonly events: StructureShape } | undefined {
  for (const { name, shape } of output.members)
    if (shape.kind === 'eventStream') return { name, events: shape.events };
  return undefined;
}

/**
 * `application/vnd.amazon.eventstream`: the rest of the answer as the first message, as protocols without paths have
 * it, then a message for each event (https://smithy.io/2.0/aws/amazon-eventstream.html). Events named `…Exception` end
 * the stream on the client's side.
 */
export async function* messagesOf(
  union: StructureShape,
  contentType: string,
  initial: unknown,
  events: EventStream,
): AsyncGenerator<Uint8Array> {
  yield message('initial-response', contentType, initial);
  for await (const event of events) {
    for (const { name, shape } of union.members)
      if (event[name] !== undefined) yield message(name, contentType, writeJson(shape, event[name]));
  }
}

function message(name: string, contentType: string, value: unknown): Uint8Array {
  const kind = name.endsWith('Exception') ? 'exception' : 'event';
  const headers = { ':message-type': kind, [`:${kind}-type`]: name, ':content-type': contentType };
  return codec.encode({
    headers: Object.fromEntries(
      Object.entries(headers).map(([key, text]) => [key, { type: 'string', value: text }]),
    ),
    body: Buffer.from(JSON.stringify(value), 'utf8'),
  });
}
