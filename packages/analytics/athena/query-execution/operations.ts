import type {
  BatchGetQueryExecutionInput,
  BatchGetQueryExecutionOutput,
  GetQueryExecutionInput,
  GetQueryExecutionOutput,
  GetQueryResultsInput,
  GetQueryResultsOutput,
  ListQueryExecutionsInput,
  ListQueryExecutionsOutput,
  QueryExecution as QueryExecutionOutput,
  StartQueryExecutionInput,
  StartQueryExecutionOutput,
  StopQueryExecutionInput,
} from '@aws-sdk/client-athena';
import { type Objects, parseS3Uri } from '@helicase/blobs';
import type { Ids } from '@helicase/kernel';
import { type Records, UniqueViolation } from '@helicase/records';
import { type AnyOperation, defineOperation, type OperationContext, type PageTokens } from '@helicase/wire';
import { page } from '../../page.ts';
import { CATALOG } from '../catalog/tables.ts';
import { athenaErrors } from '../errors.ts';
import { checkWorkGroup, ENGINE_VERSION, PRIMARY, workGroupArn } from '../work-group/operations.ts';
import { ENDED, type QueryExecution, type QueryExecutionDoc, type QueryExecutions } from './model.ts';
import { queryResults } from './results.ts';
import { isUtility } from './utility.ts';
import { QUERY_KIND } from './worker.ts';

export interface QueryPorts {
  readonly records: Records;
  readonly queries: QueryExecutions;
  readonly objects: Objects;
  readonly pageTokens: PageTokens;
  readonly ids: Ids;
}

const PAGE = 50;

export function queryExecutionOperations(ports: QueryPorts): AnyOperation[] {
  const common = {
    resources: (_: object, { scope }: OperationContext) => [workGroupArn(scope)],
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
  ];
}

async function start(
  ports: QueryPorts,
  input: StartQueryExecutionInput,
  { scope, principal }: OperationContext,
): Promise<StartQueryExecutionOutput> {
  const id = ports.ids.uuid();
  const doc = docOf(id, input);
  try {
    await ports.records.transaction(async (tx) => {
      await ports.queries.insert(tx, { scope, id, status: 'QUEUED', doc });
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
  const where = { token: doc.token! };
  const { rows } = await ports.queries.list(ports.records.direct, scope, { where, limit: 1 });
  const first = rows[0];
  if (first?.doc.query !== doc.query || first.doc.database !== doc.database)
    throw athenaErrors.tokenReused({});
  return first.id;
}

function docOf(id: string, input: StartQueryExecutionInput): QueryExecutionDoc {
  checkWorkGroup(input.WorkGroup);
  const { Catalog: catalog, Database: database } = input.QueryExecutionContext ?? {};
  if (catalog && catalog.toLowerCase() !== CATALOG.toLowerCase())
    throw athenaErrors.unknownCatalog({ name: catalog });
  if (input.ExecutionParameters?.length) throw athenaErrors.unsupportedParameters({});
  const location = input.ResultConfiguration?.OutputLocation;
  if (!location) throw athenaErrors.noOutputLocation({});
  if (!parseS3Uri(location)) throw athenaErrors.badOutputLocation({ location });
  const query = input.QueryString!.trim().replace(/;\s*$/, '').trim();
  const utility = isUtility(query);
  return {
    query,
    database,
    token: input.ClientRequestToken ?? null,
    output: `${location.replace(/\/*$/, '')}/${id}.${utility ? 'txt' : 'csv'}`,
    statementType: utility ? 'UTILITY' : 'DML',
    workGroup: PRIMARY,
  };
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
  checkWorkGroup(input.WorkGroup);
  const found = await page(ports, scope, {
    operation: 'ListQueryExecutions',
    filter: null,
    token: input.NextToken,
    limit: input.MaxResults ?? PAGE,
    list: (window) => ports.queries.list(ports.records.direct, scope, { ...window, order: 'newest-first' }),
  });
  return { QueryExecutionIds: found.rows.map(({ id }) => id), NextToken: found.nextToken };
}

function described(execution: QueryExecution): QueryExecutionOutput {
  const { id, status, statusMessage, createdAt, updatedAt, doc } = execution;
  const ended = ENDED.has(status);
  const completedAt = doc.completedAt ?? updatedAt;
  const startedAt = doc.startedAt ?? completedAt;
  return {
    QueryExecutionId: id,
    Query: doc.query,
    StatementType: doc.statementType,
    ResultConfiguration: { OutputLocation: doc.output },
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
            EngineExecutionTimeInMillis: completedAt - startedAt,
            TotalExecutionTimeInMillis: completedAt - createdAt,
            QueryQueueTimeInMillis: startedAt - createdAt,
          }
        : {}),
    },
    WorkGroup: doc.workGroup,
    EngineVersion: ENGINE_VERSION,
  };
}
