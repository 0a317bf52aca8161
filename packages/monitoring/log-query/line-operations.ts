import type {
  GetLogGroupFieldsRequest,
  GetLogGroupFieldsResponse,
  GetLogRecordRequest,
  GetLogRecordResponse,
} from '@aws-sdk/client-cloudwatch-logs';
import type { Clock, Scope } from '@helicase/kernel';
import { type AnyOperation, defineOperation } from '@helicase/wire';
import { errors } from '../errors.ts';
import { eventId, placeOf } from '../log-event/filter-log-events.ts';
import { logGroupName, logGroupResource } from '../log-group/log-group-name.ts';
import type { LogReader } from '../log-store/log-reader.ts';
import { isInstant, textOf, type Value } from './language/value.ts';
import { lineFields, messageFields } from './line.ts';

interface LineRoom {
  readonly reader: LogReader;
  readonly clock: Clock;
}

const MINUTE = 60_000;
/** Lines that are looked at for their fields. */
const MOST_LINES = 10_000;
/** CloudWatch Logs' own, which every line has. */
const OWN = ['@timestamp', '@ingestionTime', '@message', '@logStream', '@log', '@ptr'];

/** What a result's `@ptr` points to, and which fields a group's lines have. */
export function lineOperations(room: LineRoom): readonly AnyOperation[] {
  return [
    defineOperation<GetLogRecordRequest, GetLogRecordResponse>({
      ...{ name: 'GetLogRecord', action: 'logs:GetLogRecord', readOnly: true, quota: 'logs-query' },
      resources: () => ['*'],
      handler: async ({ logRecordPointer }, { scope }) => ({
        logRecord: await recordAt(room, scope, logRecordPointer!),
      }),
    }),
    defineOperation<GetLogGroupFieldsRequest, GetLogGroupFieldsResponse>({
      ...{ name: 'GetLogGroupFields', action: 'logs:GetLogGroupFields', readOnly: true, quota: 'logs-query' },
      resources: (input, { scope }) => [logGroupResource(scope, logGroupName(input))],
      handler: (input, { scope }) => groupFields(room, scope, input),
    }),
  ];
}

async function recordAt(
  { reader }: LineRoom,
  scope: Scope,
  pointer: string,
): Promise<Record<string, string>> {
  const place = placeOf(pointer);
  const found = place && (await reader.chunk(scope, place.chunk));
  const event = found?.chunk.events().find(({ index }) => index === place?.index);
  if (!found || !event || eventId(event) !== pointer) throw errors.recordNotFound({ pointer });
  const field = lineFields(event, `${scope.account}:${found.group}`);
  const own = OWN.map((name) => [name, recordText(field(name)!)] as const);
  const json = [...messageFields(event.message)].map(([name, value]) => [name, textOf(value)] as const);
  return Object.fromEntries([...own, ...json]);
}

/** Moments are milliseconds here: clients give them to GetLogEvents. */
function recordText(value: Exclude<Value, undefined>): string {
  return isInstant(value) ? String(value.millis) : textOf(value);
}

/** "The 8 minutes before and 8 minutes after this time", or "the most recent 15 minutes". */
async function groupFields(
  { clock, reader }: LineRoom,
  scope: Scope,
  input: GetLogGroupFieldsRequest,
): Promise<GetLogGroupFieldsResponse> {
  const group = logGroupName(input);
  if (!(await reader.group(scope, group))) throw errors.groupNotFound({});
  const now = clock.now();
  const span =
    input.time === undefined
      ? { startTime: now - 15 * MINUTE, endTime: now + 1 }
      : { startTime: input.time * 1000 - 8 * MINUTE, endTime: input.time * 1000 + 8 * MINUTE };
  const counts = new Map<string, number>();
  let lines = 0;
  for await (const event of reader.events(scope, { ...span, group, from: undefined, backward: true })) {
    if ((lines += 1) > MOST_LINES) break;
    for (const name of [...OWN, ...messageFields(event.message).keys()])
      counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const looked = Math.min(lines, MOST_LINES);
  const fields = [...counts].map(([name, count]) => ({ name, percent: Math.round((100 * count) / looked) }));
  return { logGroupFields: fields.sort((a, b) => b.percent - a.percent) };
}
