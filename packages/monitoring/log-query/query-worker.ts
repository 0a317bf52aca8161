import type { KeyRing } from '@helicase/blobs';
import { type Clock, type Ids, type Log, rootPrincipal, type Scope } from '@helicase/kernel';
import { Housekeeping, type JobRun, type JobWorker, type Records, type Transaction } from '@helicase/records';
import type { LogReader } from '../log-store/log-reader.ts';
import { parseQuery } from './language/parse-query.ts';
import {
  forgetResults,
  keepResults,
  type Query,
  type QueryStatus,
  type QueryTable,
  sealResults,
} from './query.ts';
import { type QueryCounts, QueryTooLarge, runQuery } from './run-query.ts';

/** What every file of log queries leans on. */
export interface QueryRoom {
  readonly records: Records;
  readonly keyring: KeyRing;
  readonly reader: LogReader;
  readonly queries: QueryTable;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
}

export const QUERY = 'log-query';
/** "Queries time out after 60 minutes of runtime." */
const LONGEST = 60 * 60 * 1000;
/** "Query results are available for seven days." */
const KEPT = 7 * 24 * 60 * 60 * 1000;
/** Milliseconds between sweeps. */
const INTERVAL = 60 * 60 * 1000;

type Run = JobRun<object, unknown, Transaction>;

export function queryJob(scope: Scope, id: string) {
  return { actor: { scope, principal: rootPrincipal(scope.account) }, kind: QUERY, subject: id, input: {} };
}

/** Runs queries, a few at a time; one that was interrupted begins again. */
export function queryWorker(room: QueryRoom): JobWorker<object, unknown, Transaction> {
  return {
    kind: QUERY,
    concurrency: 4,
    // Nobody's queries take every place.
    limits: () => Promise.resolve({ perAccount: () => 3, lane: () => undefined }),
    run: (run) => answer(room, run),
    async exhausted(tx, { scope, subject }, error) {
      room.log.error({ query: subject, error }, 'a query of logs failed');
      const query = await room.queries.hold(tx, scope, subject);
      if (query && !isEnded(query)) await room.queries.transition(tx, scope, subject, 'Failed');
    },
  };
}

export function isEnded({ status }: Query): boolean {
  return status !== 'Scheduled' && status !== 'Running';
}

async function answer(room: QueryRoom, run: Run): Promise<void> {
  const { clock, keyring, queries, reader, records } = room;
  const { scope } = run.actor;
  const query = await queries.find(records.direct, scope, run.subject);
  if (!query || isEnded(query)) return;
  if (query.status === 'Scheduled')
    await run.commit((tx) => queries.transition(tx, scope, query.id, 'Running'));
  const begun = clock.now();
  const timeout = AbortSignal.timeout(LONGEST);
  const counts: QueryCounts = { recordsMatched: 0, recordsScanned: 0, bytesScanned: 0 };
  const end = (status: QueryStatus) => (tx: Transaction) => endQuery(room, tx, query, status, counts, begun);
  try {
    const { doc } = query;
    const asked = { ...doc, scope, commands: parseQuery(doc.query) };
    const rows = await runQuery(reader, asked, counts, AbortSignal.any([run.signal, timeout]));
    const results = await sealResults(keyring, scope, rows);
    await run.commit(async (tx) => {
      await keepResults(tx, scope, query.id, results);
      await end('Complete')(tx);
    });
  } catch (error) {
    if (timeout.aborted) return run.commit(end('Timeout'));
    if (!(error instanceof QueryTooLarge)) throw error;
    room.log.warn({ query: query.id, error }, 'a query of logs is too large');
    await run.commit(end('Failed'));
  }
}

/** One that was stopped meanwhile stays stopped. */
async function endQuery(
  { clock, queries }: QueryRoom,
  tx: Transaction,
  { id, scope }: Query,
  status: QueryStatus,
  counts: QueryCounts,
  begun: number,
): Promise<void> {
  const held = await queries.hold(tx, scope, id);
  if (!held || isEnded(held)) return;
  const millis = clock.now() - begun;
  await queries.transition(tx, scope, id, status, { doc: (doc) => ({ ...doc, counts, millis }) });
}

/** Queries and their results go after a week. */
export function querySweep({ clock, log, queries, records }: QueryRoom): Housekeeping {
  return new Housekeeping(clock, log, INTERVAL, async () => {
    for await (const query of queries.scan(records.direct)) {
      if (!isEnded(query) || query.updatedAt > clock.now() - KEPT) continue;
      await records.transaction(async (tx) => {
        await forgetResults(tx, query.id);
        await queries.remove(tx, query.scope, query.id);
      });
    }
  });
}
