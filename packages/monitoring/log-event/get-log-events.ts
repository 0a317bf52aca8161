import type { GetLogEventsRequest, GetLogEventsResponse } from '@aws-sdk/client-cloudwatch-logs';
import type { OperationContext, PageBinding } from '@helicase/wire';
import { errors } from '../errors.ts';
import { logGroupName } from '../log-group/log-group-name.ts';
import { eventBytes, type StoredLogEvent } from '../log-store/log-event.ts';
import type { LogReader, Place } from '../log-store/log-reader.ts';
import type { LogTokens } from '../log-store/log-tokens.ts';

/** AWS answers at most 10,000 events and 1 MB. */
const EVENTS = 10_000;
const BYTES = 1024 * 1024;

const BEGINNING: Place = { chunk: '', index: 0 };

/** One page of a stream's events, oldest first; at either end the caller's own token comes back. */
export async function getLogEvents(
  reader: LogReader,
  tokens: LogTokens,
  input: GetLogEventsRequest,
  { scope }: OperationContext,
): Promise<GetLogEventsResponse> {
  const group = logGroupName(input);
  const stream = input.logStreamName!;
  if (!(await reader.stream(scope, group, stream))) {
    throw (await reader.group(scope, group)) ? errors.streamNotFound({}) : errors.groupNotFound({});
  }
  // The times are no part of it: a token is a place in the stream, and whoever polls may move the window on.
  const binding: PageBinding = { scope, operation: 'GetLogEvents', filter: [group, stream] };
  const { backward, from } = start(tokens, binding, input);
  const found = await take(
    reader.events(scope, { group, streams: [stream], ...times(input), from, backward }),
    input.limit ?? EVENTS,
  );
  const events = backward ? found.toReversed() : found;
  const first = events[0] ?? from ?? BEGINNING;
  const last = events.at(-1);
  const after = last ? { chunk: last.chunk, index: last.index + 1 } : (from ?? BEGINNING);
  const repeated = events.length === 0 ? input.nextToken : undefined;
  return {
    events: events.map(({ timestamp, message, ingestionTime }) => ({ timestamp, message, ingestionTime })),
    nextForwardToken: (!backward && repeated) || issue(tokens, binding, 'f', after),
    nextBackwardToken: (backward && repeated) || issue(tokens, binding, 'b', first),
  };
}

function start(
  tokens: LogTokens,
  binding: PageBinding,
  input: GetLogEventsRequest,
): { readonly backward: boolean; readonly from: Place | undefined } {
  if (input.nextToken === undefined) {
    return input.startFromHead ? { backward: false, from: BEGINNING } : { backward: true, from: undefined };
  }
  const [direction, chunk, index] = tokens.read(binding, input.nextToken);
  return { backward: direction === 'b', from: { chunk: String(chunk), index: Number(index) } };
}

function issue(tokens: LogTokens, binding: PageBinding, direction: 'f' | 'b', place: Place): string {
  return tokens.issue(binding, [direction, place.chunk, place.index]);
}

/** The request's time window as the reader wants it. */
export function times(input: { startTime?: number; endTime?: number }): {
  startTime?: number;
  endTime?: number;
} {
  return {
    ...(input.startTime === undefined ? {} : { startTime: input.startTime }),
    ...(input.endTime === undefined ? {} : { endTime: input.endTime }),
  };
}

async function take(
  events: AsyncIterable<StoredLogEvent>,
  limit: number,
): Promise<readonly StoredLogEvent[]> {
  const taken: StoredLogEvent[] = [];
  let bytes = 0;
  for await (const event of events) {
    bytes += eventBytes(event);
    if (taken.length > 0 && bytes > BYTES) break;
    taken.push(event);
    if (taken.length === limit) break;
  }
  return taken;
}
