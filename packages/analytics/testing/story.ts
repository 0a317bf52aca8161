import type { GetQueryExecutionOutput, GetQueryResultsOutput } from '@aws-sdk/client-athena';
import type { GetVariantImportResponse, GetVariantStoreResponse } from '@aws-sdk/client-omics';
import type { Principal, Scope } from '@helicase/kernel';
import { readFile } from 'node:fs/promises';
import { REFERENCE, ROLE, SCOPE, type TestAnalytics } from './room.ts';

const ENDED = new Set(['COMPLETED', 'COMPLETED_WITH_FAILURES', 'FAILED', 'CANCELLED', 'SUCCEEDED']);

export async function makeStore(room: TestAnalytics, name: string, scope: Scope = SCOPE): Promise<string> {
  const { id } = await room.call<{ id: string }>(
    'CreateVariantStore',
    { name, reference: { referenceArn: REFERENCE } },
    scope,
  );
  await room.until<GetVariantStoreResponse>(
    'GetVariantStore',
    { name },
    ({ status }) => status === 'ACTIVE',
    scope,
  );
  return id;
}

/** Puts local files into a bucket and imports them into the store. */
export async function importFiles(
  room: TestAnalytics,
  store: string,
  files: Readonly<Record<string, string | Uint8Array>>,
  more: object = {},
  scope: Scope = SCOPE,
): Promise<GetVariantImportResponse> {
  const actor = { scope, principal: { account: scope.account, kind: 'root', arn: '', id: '' } as const };
  for (const [name, source] of Object.entries(files)) {
    const bytes = typeof source === 'string' ? await readFile(source) : source;
    await room.objects.put(actor, `s3://bucket/${name}`, bytes);
  }
  const items = Object.keys(files).map((name) => ({ source: `s3://bucket/${name}` }));
  const { jobId } = await room.call<{ jobId: string }>(
    'StartVariantImportJob',
    { destinationName: store, roleArn: ROLE, items, ...more },
    scope,
  );
  return room.until<GetVariantImportResponse>(
    'GetVariantImportJob',
    { jobId },
    ({ status }) => ENDED.has(status!),
    scope,
  );
}

export interface Answer {
  readonly state: string;
  readonly reason: string;
  readonly id: string;
  /** The header and the rows, nulls as null. */
  readonly rows: readonly (readonly (string | null)[])[];
}

/** Runs a query to its end and reads all of its result, as the account's root unless another principal is given. */
export async function ask(
  room: TestAnalytics,
  sql: string,
  more: object = {},
  scope: Scope = SCOPE,
  principal?: Principal,
): Promise<Answer> {
  const { QueryExecutionId: id } = await room.call<{ QueryExecutionId: string }>(
    'StartQueryExecution',
    { QueryString: sql, ResultConfiguration: { OutputLocation: 's3://bucket/results/' }, ...more },
    scope,
    principal,
  );
  const { QueryExecution: done } = await room.until<GetQueryExecutionOutput>(
    'GetQueryExecution',
    { QueryExecutionId: id },
    (answer) => ENDED.has(answer.QueryExecution!.Status!.State!),
    scope,
  );
  const state = done!.Status!.State!;
  const reason = done!.Status!.StateChangeReason ?? '';
  return { state, reason, id, rows: state === 'SUCCEEDED' ? await results(room, id, scope) : [] };
}

async function results(room: TestAnalytics, id: string, scope: Scope): Promise<Answer['rows']> {
  const rows: (string | null)[][] = [];
  let NextToken: string | undefined;
  do {
    const input = { QueryExecutionId: id, ...(NextToken ? { NextToken } : {}) };
    const page: GetQueryResultsOutput = await room.call('GetQueryResults', input, scope);
    rows.push(
      ...page.ResultSet!.Rows!.map(({ Data }) => Data!.map(({ VarCharValue }) => VarCharValue ?? null)),
    );
    ({ NextToken } = page);
  } while (NextToken);
  return rows;
}
