import type {
  InputLogEvent,
  PutLogEventsRequest,
  PutLogEventsResponse,
  RejectedLogEventsInfo,
} from '@aws-sdk/client-cloudwatch-logs';
import type { Clock } from '@helicase/kernel';
import type { OperationContext } from '@helicase/wire';
import { errors } from '../errors.ts';
import { eventBytes, type LogEvent } from '../log-store/log-event.ts';
import type { LogReader } from '../log-store/log-reader.ts';
import type { LogReceiver } from '../log-store/log-writer.ts';

// The API reference of PutLogEvents, "The batch of events must satisfy the following constraints".
const HOUR = 60 * 60 * 1000;
const DAY = 24 * HOUR;
const BATCH_BYTES = 1_048_576;
const EVENT_BYTES = 1_048_576;
const LONGEST_SPAN = DAY;
const FUTURE = 2 * HOUR;
const PAST = 14 * DAY;

export interface PutRoom {
  readonly reader: LogReader;
  readonly receiver: LogReceiver;
  readonly clock: Clock;
}

/** Keeps a batch: what it answers is committed. Events that are too old or too new are left out, and told of. */
export async function putLogEvents(
  { clock, reader, receiver }: PutRoom,
  input: PutLogEventsRequest,
  { scope }: OperationContext,
): Promise<PutLogEventsResponse> {
  const [group, stream] = [input.logGroupName!, input.logStreamName!];
  const events = checkedBatch(input.logEvents!);
  const found = await reader.group(scope, group);
  if (!found) throw errors.groupNotFound({});
  if (!(await reader.stream(scope, group, stream))) throw errors.streamNotFound({});
  const { kept, rejected } = sifted(events, clock.now(), found.retention_days);
  if (kept.length > 0) await receiver.put(scope, group, stream, kept);
  return {
    nextSequenceToken: 'sequence-tokens-are-not-needed-any-more',
    ...(Object.keys(rejected).length > 0 ? { rejectedLogEventsInfo: rejected } : {}),
  };
}

/** Throws where the batch is refused whole. */
function checkedBatch(given: readonly InputLogEvent[]): readonly LogEvent[] {
  const events = given.map(({ message, timestamp }) => ({ message: message!, timestamp: timestamp! }));
  let bytes = 0;
  for (const [index, event] of events.entries()) {
    const size = eventBytes(event);
    if (size > EVENT_BYTES) throw errors.eventTooLarge({ index, size, most: EVENT_BYTES });
    bytes += size;
    if (index > 0 && event.timestamp < events[index - 1]!.timestamp) throw errors.notChronological({ index });
  }
  if (bytes > BATCH_BYTES) throw errors.batchTooLarge({ size: bytes, most: BATCH_BYTES });
  const span = (events.at(-1)?.timestamp ?? 0) - (events[0]?.timestamp ?? 0);
  if (span > LONGEST_SPAN) throw errors.batchTooLong({});
  return events;
}

/** Events are in order of time: the oldest are a prefix, the newest a suffix. */
function sifted(
  events: readonly LogEvent[],
  now: number,
  retention: number | null,
): { readonly kept: readonly LogEvent[]; readonly rejected: RejectedLogEventsInfo } {
  const olderThan = (before: number) => events.filter(({ timestamp }) => timestamp < before).length;
  const expired = retention === null ? 0 : olderThan(now - retention * DAY);
  const tooOld = olderThan(now - PAST);
  const tooNew = olderThan(now + FUTURE + 1);
  return {
    kept: events.slice(Math.max(expired, tooOld), tooNew),
    rejected: {
      ...(expired > 0 ? { expiredLogEventEndIndex: expired } : {}),
      ...(tooOld > 0 ? { tooOldLogEventEndIndex: tooOld } : {}),
      ...(tooNew < events.length ? { tooNewLogEventStartIndex: tooNew } : {}),
    },
  };
}
