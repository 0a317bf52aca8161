import type {
  BatchGetQueryExecutionInput,
  BatchGetQueryExecutionOutput,
  GetQueryExecutionInput,
  GetQueryExecutionOutput,
  GetQueryResultsInput,
  GetQueryResultsOutput,
  GetQueryRuntimeStatisticsInput,
  GetQueryRuntimeStatisticsOutput,
  ListQueryExecutionsInput,
  ListQueryExecutionsOutput,
  QueryExecution as QueryExecutionOutput,
  QueryRuntimeStatistics,
  StartQueryExecutionInput,
  StartQueryExecutionOutput,
  StopQueryExecutionInput,
} from '@aws-sdk/client-athena';
import { type Objects, parseS3Uri } from '@helicase/blobs';
import type { Ids, Scope } from '@helicase/kernel';
import { type Records, UniqueViolation } from '@helicase/records';
import { type AnyOperation, defineOperation, type OperationContext, type PageTokens } from '@helicase/wire';
import { page } from '../../page.ts';
import { CATALOG } from '../../catalog/tables.ts';
import { athenaErrors } from '../errors.ts';
import { findPrepared, type PreparedStatements } from '../prepared-statement/model.ts';
import { bound, executed, prepares } from '../prepared-statement/parameters.ts';
import { findWorkGroup, workGroupArn, type WorkGroups } from '../work-group/model.ts';
import { ENGINE_VERSION } from '../work-group/operations.ts';
import {
  ENDED,
  type QueryExecution,
  type QueryExecutionDoc,
  type QueryExecutions,
  queryParent,
} from './model.ts';
import { queryResults } from './results.ts';
import { isUtility } from './utility.ts';
import { QUERY_KIND } from './worker.ts';

export interface QueryPorts {
  readonly records: Records;
  readonly queries: QueryExecutions;
  readonly workGroups: WorkGroups;
  readonly prepared: PreparedStatements;
  readonly objects: Objects;
  readonly pageTokens: PageTokens;
  readonly ids: Ids;
}

const PAGE = 50;

export function queryExecutionOperations(ports: QueryPorts): AnyOperation[] {
  const common = {
    resources: (input: NamesQuery, { scope }: OperationContext) => workGroupsOf(ports, scope, input),
    readOnly: true,
    quota: 'athena-query',
  };
  return [
    defineOperation<StartQueryExecutionInput, StartQueryExecutionOutput>({
      ...common,
      name: 'StartQueryExecution',
      action: 'athena:StartQueryExecution',
      readOnly: false,
      handler: (input, context) => start(ports, input, context),
    }),
    defineOperation<StopQueryExecutionInput, Record<string, never>>({
      ...common,
      name: 'StopQueryExecution',
      action: 'athena:StopQueryExecution',
      readOnly: false,
      handler: (input, context) => stop(ports, input.QueryExecutionId!, context),
    }),
    defineOperation<GetQueryExecutionInput, GetQueryExecutionOutput>({
      ...common,
      name: 'GetQueryExecution',
      action: 'athena:GetQueryExecution',
      handler: async (input, context) => ({
        QueryExecution: described(await find(ports, input.QueryExecutionId!, context)),
      }),
    }),
    defineOperation<BatchGetQueryExecutionInput, BatchGetQueryExecutionOutput>({
      ...common,
      name: 'BatchGetQueryExecution',
      action: 'athena:BatchGetQueryExecution',
      handler: (input, context) => batchGet(ports, input.QueryExecutionIds!, context),
    }),
    defineOperation<ListQueryExecutionsInput, ListQueryExecutionsOutput>({
      ...common,
      name: 'ListQueryExecutions',
      action: 'athena:ListQueryExecutions',
      handler: (input, context) => list(ports, input, context),
    }),
    defineOperation<GetQueryResultsInput, GetQueryResultsOutput>({
      ...common,
      name: 'GetQueryResults',
      action: 'athena:GetQueryResults',
      handler: async (input, context) =>
        queryResults(ports, context, await find(ports, input.QueryExecutionId!, context), input),
    }),
    defineOperation<GetQueryRuntimeStatisticsInput, GetQueryRuntimeStatisticsOutput>({
      ...common,
      name: 'GetQueryRuntimeStatistics',
      action: 'athena:GetQueryRuntimeStatistics',
      handler: async (input, context) => ({
        QueryRuntimeStatistics: statistics(await find(ports, input.QueryExecutionId!, context)),
      }),
    }),
  ];
}

/** How requests say which work group they concern: by its name, or by queries that ran in it. */
interface NamesQuery {
  readonly WorkGroup?: string | undefined;
  readonly QueryExecutionId?: string | undefined;
  readonly QueryExecutionIds?: string[] | undefined;
}

async function workGroupsOf(ports: QueryPorts, scope: Scope, input: NamesQuery): Promise<readonly string[]> {
  const ids = [
    ...(input.QueryExecutionIds ?? []),
    ...(input.QueryExecutionId ? [input.QueryExecutionId] : []),
  ];
  if (ids.length === 0) return [workGroupArn(scope, input.WorkGroup)];
  const { rows } = await ports.queries.list(ports.records.direct, scope, { ids, limit: ids.length });
  const names = new Set(rows.map(({ doc }) => doc.workGroup));
  return names.size === 0 ? [workGroupArn(scope)] : [...names].map((name) => workGroupArn(scope, name));
}

async function start(
  ports: QueryPorts,
  input: StartQueryExecutionInput,
  { scope, principal }: OperationContext,
): Promise<StartQueryExecutionOutput> {
  const id = ports.ids.uuid();
  const doc = await docOf(ports, scope, id, input);
  const parent = queryParent(doc.workGroup);
  try {
    await ports.records.transaction(async (tx) => {
      await ports.queries.insert(tx, { scope, id, parent, status: 'QUEUED', doc });
      await ports.records.jobs.enqueue(tx, {
        actor: { scope, principal },
        kind: QUERY_KIND,
        subject: id,
        input: {},
      });
    });
  } catch (error) {
    if (!(error instanceof UniqueViolation) || error.column !== 'token') throw error;
    return { QueryExecutionId: await firstWithToken(ports, doc, { scope }) };
  }
  return { QueryExecutionId: id };
}

/** The same token and query again is the first query; another query under it is refused. */
async function firstWithToken(
  ports: QueryPorts,
  doc: QueryExecutionDoc,
  { scope }: Pick<OperationContext, 'scope'>,
): Promise<string> {
  const query = { parent: queryParent(doc.workGroup), where: { token: doc.token! }, limit: 1 };
  const { rows } = await ports.queries.list(ports.records.direct, scope, query);
  const first = rows[0];
  if (first?.doc.query !== doc.query || first.doc.database !== doc.database)
    throw athenaErrors.tokenReused({});
  return first.id;
}

async function docOf(
  ports: QueryPorts,
  scope: Scope,
  id: string,
  input: StartQueryExecutionInput,
): Promise<QueryExecutionDoc> {
  const {
    id: workGroup,
    status,
    doc: group,
  } = await findWorkGroup(ports.workGroups, ports.records.direct, scope, input.WorkGroup);
  if (status === 'DISABLED') throw athenaErrors.workGroupDisabled({ name: workGroup });
  const { Catalog: catalog, Database: database } = input.QueryExecutionContext ?? {};
  if (catalog && catalog.toLowerCase() !== CATALOG.toLowerCase())
    throw athenaErrors.unknownCatalog({ name: catalog });
  const asked = input.ResultConfiguration?.OutputLocation;
  const location = group.enforced ? (group.outputLocation ?? asked) : (asked ?? group.outputLocation);
  if (!location) throw athenaErrors.noOutputLocation({});
  if (!parseS3Uri(location)) throw athenaErrors.badOutputLocation({ location });
  const query = input.QueryString!.trim().replace(/;\s*$/, '').trim();
  const statement = await statementOf(ports, scope, workGroup, query, input.ExecutionParameters ?? []);
  const statementType = prepares(query) ? 'DDL' : isUtility(statement) ? 'UTILITY' : 'DML';
  return {
    query,
    statement,
    database,
    token: input.ClientRequestToken ?? null,
    output: `${location.replace(/\/*$/, '')}/${id}.${statementType === 'DML' ? 'csv' : 'txt'}`,
    statementType,
    workGroup,
    scanLimit: group.scanLimit,
  };
}

/** The query with its values: from USING, or from the request. */
async function statementOf(
  ports: QueryPorts,
  scope: Scope,
  workGroup: string,
  query: string,
  parameters: readonly string[],
): Promise<string> {
  if (prepares(query)) return query;
  const execute = executed(query);
  if (!execute) return parameters.length > 0 ? bound(query, parameters) : query;
  const { name, values } = execute;
  const found = await findPrepared(ports.prepared, ports.records.direct, scope, workGroup, name);
  if (!found) throw athenaErrors.preparedNotFound({ name, workGroup });
  return bound(found.doc.query, values.length > 0 ? values : parameters);
}

async function find(ports: QueryPorts, id: string, { scope }: OperationContext): Promise<QueryExecution> {
  const execution = await ports.queries.find(ports.records.direct, scope, id);
  if (!execution) throw athenaErrors.queryNotFound({ id });
  return execution;
}

async function stop(ports: QueryPorts, id: string, { scope }: OperationContext) {
  await ports.records.transaction(async (tx) => {
    const execution = await ports.queries.hold(tx, scope, id);
    if (!execution) throw athenaErrors.queryNotFound({ id });
    if (ENDED.has(execution.status)) return;
    await ports.queries.transition(tx, scope, id, 'CANCELLED', { message: 'Query cancelled by user' });
    await ports.records.jobs.cancel(tx, scope, QUERY_KIND, id);
  });
  return {};
}

async function batchGet(
  ports: QueryPorts,
  ids: readonly string[],
  { scope }: OperationContext,
): Promise<BatchGetQueryExecutionOutput> {
  const { rows } = await ports.queries.list(ports.records.direct, scope, { ids, limit: ids.length });
  const found = new Map(rows.map((row) => [row.id, row]));
  return {
    QueryExecutions: ids.flatMap((id) => found.get(id) ?? []).map(described),
    UnprocessedQueryExecutionIds: ids
      .filter((id) => !found.has(id))
      .map((id) => ({
        QueryExecutionId: id,
        ErrorCode: 'QUERY_EXECUTION_NOT_FOUND',
        ErrorMessage: `QueryExecution ${id} was not found`,
      })),
  };
}

async function list(
  ports: QueryPorts,
  input: ListQueryExecutionsInput,
  { scope }: OperationContext,
): Promise<ListQueryExecutionsOutput> {
  const { id: workGroup } = await findWorkGroup(
    ports.workGroups,
    ports.records.direct,
    scope,
    input.WorkGroup,
  );
  const parent = queryParent(workGroup);
  const found = await page(ports, scope, {
    operation: 'ListQueryExecutions',
    filter: workGroup,
    token: input.NextToken,
    limit: input.MaxResults ?? PAGE,
    list: (window) =>
      ports.queries.list(ports.records.direct, scope, { ...window, parent, order: 'newest-first' }),
  });
  return { QueryExecutionIds: found.rows.map(({ id }) => id), NextToken: found.nextToken };
}

function described(execution: QueryExecution): QueryExecutionOutput {
  const { id, status, statusMessage, createdAt, updatedAt, doc } = execution;
  const ended = ENDED.has(status);
  const completedAt = doc.completedAt ?? updatedAt;
  return {
    QueryExecutionId: id,
    Query: doc.query,
    StatementType: doc.statementType,
    ResultConfiguration: { OutputLocation: doc.output },
    SubstatementType: substatement(doc),
    QueryExecutionContext: {
      ...(doc.database ? { Database: doc.database } : {}),
      Catalog: CATALOG.toLowerCase(),
    },
    Status: {
      State: status,
      SubmissionDateTime: new Date(createdAt),
      ...(statusMessage ? { StateChangeReason: statusMessage } : {}),
      ...(ended ? { CompletionDateTime: new Date(completedAt) } : {}),
      ...(status === 'FAILED'
        ? { AthenaError: { ErrorCategory: 2, ErrorMessage: statusMessage ?? '', Retryable: false } }
        : {}),
    },
    Statistics: {
      DataScannedInBytes: doc.scannedBytes ?? 0,
      ...(ended
        ? {
            ...times(execution),
            ResultReuseInformation: { ReusedPreviousResult: false },
          }
        : {}),
    },
    WorkGroup: doc.workGroup,
    EngineVersion: ENGINE_VERSION,
  };
}

function times({ createdAt, updatedAt, doc }: QueryExecution) {
  const completedAt = doc.completedAt ?? updatedAt;
  const startedAt = doc.startedAt ?? completedAt;
  return {
    EngineExecutionTimeInMillis: completedAt - startedAt,
    TotalExecutionTimeInMillis: completedAt - createdAt,
    QueryQueueTimeInMillis: startedAt - createdAt,
  };
}

function statistics(execution: QueryExecution): QueryRuntimeStatistics {
  const { scannedBytes = 0, resultRows = 0 } = execution.doc;
  return { Timeline: times(execution), Rows: { InputBytes: scannedBytes, OutputRows: resultRows } };
}

/** The statement's first words, as Athena names it. */
function substatement({ statement, query }: QueryExecutionDoc): string {
  const first = /^\w+/.exec(statement ?? query)?.[0].toUpperCase() ?? '';
  return first === 'WITH' || first === 'VALUES' ? 'SELECT' : first;
}
