import type { FilterLogEventsRequest, FilterLogEventsResponse } from '@aws-sdk/client-cloudwatch-logs';
import type { OperationContext, PageBinding } from '@helicase/wire';
import { errors } from '../errors.ts';
import { logGroupName } from '../log-group/log-group-name.ts';
import { eventBytes, type StoredLogEvent } from '../log-store/log-event.ts';
import type { OpenedChunk } from '../log-store/chunk.ts';
import { type EventQuery, eventsOf, type LogReader } from '../log-store/log-reader.ts';
import type { LogTokens } from '../log-store/log-tokens.ts';
import { type FilterPattern, filterPattern } from './filter-pattern.ts';
import { times } from './get-log-events.ts';

const EVENTS = 10_000;
const BYTES = 1024 * 1024;
/** Bytes of text looked at for one page: a pattern that matches nothing must not hold the request. */
const EXAMINED = 256 * 1024 * 1024;

/** Events of many streams that match a pattern, in order of time within a page; what `aws logs tail` polls. */
export async function filterLogEvents(
  reader: LogReader,
  tokens: LogTokens,
  input: FilterLogEventsRequest,
  { scope }: OperationContext,
): Promise<FilterLogEventsResponse> {
  const group = logGroupName(input);
  if (input.logStreamNames && input.logStreamNamePrefix) throw errors.namesWithPrefix({});
  const pattern = filterPattern(input.filterPattern);
  if (!(await reader.group(scope, group))) throw errors.groupNotFound({});
  const filter = [
    group,
    input.logStreamNames,
    input.logStreamNamePrefix,
    input.startTime,
    input.endTime,
    input.filterPattern,
  ];
  const binding: PageBinding = { scope, operation: 'FilterLogEvents', filter };
  const position = input.nextToken === undefined ? ['', 0] : tokens.read(binding, input.nextToken);
  const query: EventQuery = {
    group,
    ...(input.logStreamNames ? { streams: input.logStreamNames } : {}),
    ...(input.logStreamNamePrefix ? { streamPrefix: input.logStreamNamePrefix } : {}),
    ...times(input),
    from: { chunk: String(position[0]), index: Number(position[1]) },
    backward: false,
  };
  const page = await gather(reader.chunks(scope, query), query, pattern, input.limit ?? EVENTS);
  return {
    events: page.events.toSorted((a, b) => a.timestamp - b.timestamp).map(toFilteredEvent),
    searchedLogStreams: [], // AWS answers an empty list since 2019
    nextToken: page.next ? tokens.issue(binding, page.next) : undefined,
  };
}

async function gather(
  chunks: AsyncIterable<OpenedChunk>,
  query: EventQuery,
  pattern: FilterPattern,
  limit: number,
): Promise<{ readonly events: readonly StoredLogEvent[]; readonly next?: readonly [string, number] }> {
  const found: StoredLogEvent[] = [];
  let bytes = 0;
  let examined = 0;
  for await (const chunk of chunks) {
    if (examined > EXAMINED) return { events: found, next: [chunk.id, 0] };
    examined += chunk.size;
    if (!chunk.mayHold(pattern.needles)) continue;
    for (const event of eventsOf(chunk, query)) {
      if (!pattern.matches(event.message)) continue;
      if (found.length === limit || bytes > BYTES) return { events: found, next: [event.chunk, event.index] };
      found.push(event);
      bytes += eventBytes(event);
    }
  }
  return { events: found };
}

function toFilteredEvent(event: StoredLogEvent): NonNullable<FilterLogEventsResponse['events']>[number] {
  const { ingestionTime, message, stream, timestamp } = event;
  return { logStreamName: stream, timestamp, message, ingestionTime, eventId: eventId(event) };
}

/** The event that an id is of; undefined where the text is none. */
export function placeOf(id: string): { readonly chunk: string; readonly index: number } | undefined {
  const match = /^(.+)([0-9]{8})$/.exec(id);
  return match ? { chunk: match[1]!, index: Number(match[2]) } : undefined;
}

/** The same wherever the event is told of. */
export function eventId({ chunk, index }: StoredLogEvent): string {
  return chunk + String(index).padStart(8, '0');
}
