import type { GetQueryExecutionOutput, GetQueryResultsOutput } from '@aws-sdk/client-athena';
import assert from 'node:assert/strict';
import { type AwsCommand, until } from './world.ts';

/** A query's rows, its result left in `doc-example-bucket`; the header is not among them. */
export async function askAthena(aws: AwsCommand, sql: string): Promise<readonly (readonly string[])[]> {
  const { QueryExecutionId: id } = await aws.json<{ QueryExecutionId: string }>`
    athena start-query-execution --query-string ${sql}
    --result-configuration OutputLocation=s3://doc-example-bucket/queries/`;
  const get = () => aws.json<GetQueryExecutionOutput>`athena get-query-execution --query-execution-id ${id}`;
  const state = (answer: GetQueryExecutionOutput) => answer.QueryExecution!.Status!.State!;
  const done = await until(get, (answer) => ['SUCCEEDED', 'FAILED', 'CANCELLED'].includes(state(answer)));
  assert.equal(state(done), 'SUCCEEDED', JSON.stringify(done));
  const results = await aws.json<GetQueryResultsOutput>`athena get-query-results --query-execution-id ${id}`;
  return results.ResultSet!.Rows!.slice(1).map((row) => row.Data!.map((cell) => cell.VarCharValue!));
}
