import { setTimeout as delay } from 'node:timers/promises';
import type { LiveTailSessionLogEvent, StartLiveTailRequest } from '@aws-sdk/client-cloudwatch-logs';
import { type Clock, parseArn, type Scope } from '@helicase/kernel';
import type { EventStream, OperationContext } from '@helicase/wire';
import { errors } from '../errors.ts';
import { logGroupName } from '../log-group/log-group-name.ts';
import { eventsOf, type EventQuery, type LogReader } from '../log-store/log-reader.ts';
import { type FilterPattern, filterPattern } from './filter-pattern.ts';

/** "A session can go on for up to 3 hours", "up to 500 log events" an update: the API reference of StartLiveTail. */
const LONGEST = 3 * 60 * 60 * 1000;
const RESULTS = 500;
const INTERVAL = 1000;
/** Several servers may commit out of the order of their ids by a moment: what came lately is looked at again. */
const OVERLAP = 5000;

interface Tailed {
  readonly identifier: string;
  readonly group: string;
}

/** Checks the session and opens it: the events of the answer, until the client goes or the session is over. */
export async function startLiveTail(
  reader: LogReader,
  clock: Clock,
  input: StartLiveTailRequest,
  { requestId, scope, signal }: OperationContext,
): Promise<EventStream> {
  const tailed = groupsOf(scope, input);
  const pattern = filterPattern(input.logEventFilterPattern);
  for (const { group } of tailed) if (!(await reader.group(scope, group))) throw errors.groupNotFound({});
  const follows = await Promise.all(
    tailed.map(async (one) => {
      const settled = await reader.lastChunk(scope, one.group);
      return new Follow({ reader, clock, scope, pattern, ...one, ...chosen(input) }, settled);
    }),
  );
  const start = { requestId, sessionId: requestId, ...input };
  return session(start, follows, clock, signal);
}

/** Which streams of the group, as queries. */
function chosen({ logStreamNamePrefixes, logStreamNames }: StartLiveTailRequest): Pick<Followed, 'streams'> {
  if (logStreamNamePrefixes)
    return { streams: logStreamNamePrefixes.map((streamPrefix) => ({ streamPrefix })) };
  return { streams: [logStreamNames ? { streams: logStreamNames } : {}] };
}

/** The groups, by ARN as the model wants them; another account's are not there for the caller. */
function groupsOf(scope: Scope, input: StartLiveTailRequest): readonly Tailed[] {
  const { logGroupIdentifiers = [], logStreamNamePrefixes, logStreamNames } = input;
  if ((logStreamNames || logStreamNamePrefixes) && logGroupIdentifiers.length > 1)
    throw errors.streamsOfSeveralGroups({});
  if (logStreamNames && logStreamNamePrefixes) throw errors.namesWithPrefix({});
  return logGroupIdentifiers.map((identifier) => {
    const account = parseArn(identifier)?.account;
    if (account !== undefined && account !== scope.account) throw errors.groupNotFound({});
    return { identifier, group: logGroupName({ logGroupIdentifier: identifier }) };
  });
}

async function* session(
  start: object,
  follows: readonly Follow[],
  clock: Clock,
  signal: AbortSignal,
): EventStream {
  yield { sessionStart: start };
  for (const end = clock.now() + LONGEST; clock.now() < end;) {
    await delay(INTERVAL, undefined, { signal });
    const found = (await Promise.all(follows.map((follow) => follow.next()))).flat();
    const sessionMetadata = { sampled: found.length > RESULTS };
    yield { sessionUpdate: { sessionMetadata, sessionResults: found.slice(0, RESULTS) } };
  }
  yield { SessionTimeoutException: { message: 'The session has ended: it was open for three hours.' } };
}

interface Followed extends Tailed {
  readonly reader: LogReader;
  readonly clock: Clock;
  readonly scope: Scope;
  readonly pattern: FilterPattern;
  /** A chunk is of one stream, so no two of them give the same. */
  readonly streams: readonly Pick<EventQuery, 'streams' | 'streamPrefix'>[];
}

/** One group, from where it was when the session began. */
class Follow {
  readonly #followed: Followed;
  /** Everything up to this chunk was looked at and is not looked at again. */
  #settled: string;
  /** It, and later chunks that were looked at, with the time when. */
  readonly #seen: Map<string, number>;

  constructor(followed: Followed, settled: string) {
    this.#followed = followed;
    this.#settled = settled;
    this.#seen = new Map([[settled, followed.clock.now()]]);
  }

  /** What came since the last time. */
  async next(): Promise<readonly LiveTailSessionLogEvent[]> {
    const found: LiveTailSessionLogEvent[] = [];
    for (const streams of this.#followed.streams) found.push(...(await this.#take(streams)));
    this.#settle(this.#followed.clock.now() - OVERLAP);
    return found;
  }

  async #take(streams: Followed['streams'][number]): Promise<readonly LiveTailSessionLogEvent[]> {
    const { clock, group, identifier, pattern, reader, scope } = this.#followed;
    const from = { chunk: this.#settled, index: 0 };
    const query: EventQuery = { ...streams, group, from, backward: false, without: this.#seen };
    const found: LiveTailSessionLogEvent[] = [];
    for await (const chunk of reader.chunks(scope, query)) {
      this.#seen.set(chunk.id, clock.now());
      if (!chunk.mayHold(pattern.needles)) continue;
      for (const { ingestionTime, message, stream, timestamp } of eventsOf(chunk, query)) {
        if (!pattern.matches(message)) continue;
        found.push({
          ...{ logGroupIdentifier: identifier, logStreamName: stream },
          ...{ message, timestamp, ingestionTime },
        });
      }
    }
    return found;
  }

  #settle(before: number): void {
    for (const [id, at] of this.#seen) if (at <= before && id > this.#settled) this.#settled = id;
    for (const id of this.#seen.keys()) if (id < this.#settled) this.#seen.delete(id);
  }
}
