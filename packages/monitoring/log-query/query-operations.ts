import type {
  DescribeQueriesRequest,
  DescribeQueriesResponse,
  GetQueryResultsRequest,
  GetQueryResultsResponse,
  QueryInfo,
  StartQueryRequest,
  StartQueryResponse,
  StopQueryRequest,
  StopQueryResponse,
} from '@aws-sdk/client-cloudwatch-logs';
import type { Scope } from '@helicase/kernel';
import { type AnyOperation, defineOperation, type OperationContext } from '@helicase/wire';
import { errors } from '../errors.ts';
import { logGroupName, logGroupResource } from '../log-group/log-group-name.ts';
import type { LogTokens } from '../log-store/log-tokens.ts';
import { MOST_RESULTS, parseQuery } from './language/parse-query.ts';
import { type Query, type QueryDoc, type QueryStatus, resultsOf } from './query.ts';
import { isEnded, QUERY, queryJob, type QueryRoom } from './query-worker.ts';

/** CloudWatch Logs' quotas: groups of a query, queries at once, and the page of DescribeQueries. */
const MOST_GROUPS = 50;
const AT_ONCE = 100;
const PAGE = 1000;
/** Larger numbers are milliseconds: seconds reach so far in the year 5138. */
const SECONDS = 100_000_000_000;

export function queryOperations(room: QueryRoom, tokens: LogTokens): readonly AnyOperation[] {
  const any = { resources: () => ['*'] };
  return [
    defineOperation<StartQueryRequest, StartQueryResponse>({
      ...{ name: 'StartQuery', action: 'logs:StartQuery', readOnly: true, quota: 'logs-query' },
      resources: (input, { scope }) => groupsOf(input, scope).map((group) => logGroupResource(scope, group)),
      handler: (input, context) => startQuery(room, input, context),
    }),
    defineOperation<GetQueryResultsRequest, GetQueryResultsResponse>({
      ...{
        ...any,
        name: 'GetQueryResults',
        action: 'logs:GetQueryResults',
        readOnly: true,
        quota: 'logs-query',
      },
      handler: (input, context) => getQueryResults(room, input, context),
    }),
    defineOperation<StopQueryRequest, StopQueryResponse>({
      ...{ ...any, name: 'StopQuery', action: 'logs:StopQuery', readOnly: true, quota: 'logs-query' },
      handler: (input, context) => stopQuery(room, input, context),
    }),
    defineOperation<DescribeQueriesRequest, DescribeQueriesResponse>({
      ...{
        ...any,
        name: 'DescribeQueries',
        action: 'logs:DescribeQueries',
        readOnly: true,
        quota: 'logs-query',
      },
      handler: (input, context) => describeQueries(room, tokens, input, context),
    }),
  ];
}

/** The groups by name, whichever member names them. Another account's are not there for the caller. */
function groupsOf(input: StartQueryRequest, { account }: Scope): readonly string[] {
  const given = [
    input.logGroupName && [input.logGroupName],
    input.logGroupNames,
    input.logGroupIdentifiers?.map((logGroupIdentifier) => {
      const owner = /^arn:[^:]*:logs:[^:]*:([^:]*):/.exec(logGroupIdentifier)?.[1];
      if (owner !== undefined && owner !== account) throw errors.groupNotFound({});
      return logGroupName({ logGroupIdentifier });
    }),
  ].filter((one) => one !== undefined && one !== '');
  if (given.length !== 1) throw errors.queryGroups({});
  const groups = [...new Set(given[0] as readonly string[])];
  if (groups.length > MOST_GROUPS) throw errors.tooManyQueryGroups({ most: MOST_GROUPS });
  return groups;
}

async function startQuery(
  room: QueryRoom,
  input: StartQueryRequest,
  { principal, scope }: OperationContext,
): Promise<StartQueryResponse> {
  const { endTime, limit = MOST_RESULTS, queryLanguage = 'CWLI', queryString, startTime } = input;
  if (queryLanguage !== 'CWLI') throw errors.queryLanguage({ language: queryLanguage });
  parseQuery(queryString!);
  const [start, end] = [millisOf(startTime!), millisOf(endTime!)];
  if (end < start) throw errors.queryTimes({});
  const groups = groupsOf(input, scope);
  for (const group of groups) if (!(await room.reader.group(scope, group))) throw errors.groupNotFound({});
  const counts = { recordsMatched: 0, recordsScanned: 0, bytesScanned: 0 };
  const doc: QueryDoc = {
    ...{ query: queryString!, groups, limit, counts, askedBy: principal.arn },
    // The end is inclusive: the whole of its second.
    ...{ start, end: endTime! < SECONDS ? end + 1000 : end + 1 },
  };
  const queryId = room.ids.uuid();
  await room.records.transaction(async (tx) => {
    const byStatus = await room.queries.countByStatus(tx, scope, {});
    if ((byStatus.Scheduled ?? 0) + (byStatus.Running ?? 0) >= AT_ONCE)
      throw errors.tooManyQueries({ most: AT_ONCE });
    await room.queries.insert(tx, { scope, id: queryId, status: 'Scheduled', doc });
    await room.records.jobs.enqueue(tx, queryJob(scope, queryId));
  });
  return { queryId };
}

function millisOf(time: number): number {
  return time < SECONDS ? time * 1000 : time;
}

async function findQuery({ queries, records }: QueryRoom, scope: Scope, id: string): Promise<Query> {
  const query = await queries.find(records.direct, scope, id);
  if (!query) throw errors.queryNotFound({ id });
  return query;
}

async function getQueryResults(
  room: QueryRoom,
  { queryId }: GetQueryResultsRequest,
  { scope }: OperationContext,
): Promise<GetQueryResultsResponse> {
  const { doc, id, status } = await findQuery(room, scope, queryId!);
  const rows = status === 'Complete' ? await resultsOf(room.records.direct, room.keyring, id) : [];
  return {
    ...{ queryLanguage: 'CWLI', status, results: rows.map((row) => [...row]) },
    statistics: { ...doc.counts, logGroupsScanned: doc.groups.length, resultCount: rows.length },
  };
}

async function stopQuery(
  { queries, records }: QueryRoom,
  { queryId }: StopQueryRequest,
  { scope }: OperationContext,
): Promise<StopQueryResponse> {
  await records.transaction(async (tx) => {
    const query = await queries.hold(tx, scope, queryId!);
    if (!query) throw errors.queryNotFound({ id: queryId! });
    if (isEnded(query)) throw errors.queryEnded({ id: queryId!, status: query.status });
    await queries.transition(tx, scope, query.id, 'Cancelled');
    await records.jobs.cancel(tx, scope, QUERY, query.id);
  });
  return { success: true };
}

async function describeQueries(
  { queries, records }: QueryRoom,
  tokens: LogTokens,
  { logGroupName: group, maxResults = PAGE, nextToken, queryLanguage, status }: DescribeQueriesRequest,
  { scope }: OperationContext,
): Promise<DescribeQueriesResponse> {
  const binding = { scope, operation: 'DescribeQueries', filter: [group, status, queryLanguage] };
  const after = nextToken === undefined ? undefined : tokens.read(binding, nextToken);
  const page = await queries.list(records.direct, scope, {
    limit: maxResults,
    order: 'newest-first',
    ...(status === undefined ? {} : { statuses: [status as QueryStatus] }),
    ...(after ? { after } : {}),
  });
  const isWanted = ({ doc }: Query) =>
    (group === undefined || doc.groups.includes(group)) && (queryLanguage ?? 'CWLI') === 'CWLI';
  return {
    queries: page.rows.filter(isWanted).map(toQueryInfo),
    nextToken: page.next ? tokens.issue(binding, page.next) : undefined,
  };
}

function toQueryInfo({ createdAt, doc, id, status }: Query): QueryInfo {
  return {
    ...{ queryLanguage: 'CWLI', queryId: id, queryString: doc.query, status, createTime: createdAt },
    ...{ logGroupName: doc.groups[0], bytesScanned: doc.counts.bytesScanned, userIdentity: doc.askedBy },
    ...(doc.millis === undefined ? {} : { queryDuration: doc.millis }),
  };
}
