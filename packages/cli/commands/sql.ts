import {
  AthenaClient,
  GetQueryExecutionCommand,
  GetQueryResultsCommand,
  type QueryExecution,
  StartQueryExecutionCommand,
  StopQueryExecutionCommand,
} from '@aws-sdk/client-athena';
import { CreateBucketCommand, S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import { UsageError } from '../usage-error.ts';
import { clientOptions } from './client-options.ts';

export interface SqlOptions {
  readonly data: string;
  /** Of the server, where it does not listen where it last did. */
  readonly port: number | undefined;
  readonly database: string | undefined;
  readonly format: string;
}

/** A row as GetQueryResults gives it: null where there is no value. */
type Row = readonly (string | null)[];

const POLL = 50;
/** Wider values are cut in a table; CSV has them whole. */
const WIDEST = 60;

/** Runs one query through the server's Athena and prints its rows; answers the exit status. */
export async function runSql(sql: string, { data, port, database, format }: SqlOptions): Promise<number> {
  if (format !== 'table' && format !== 'csv') throw new UsageError(`--format is table or csv, not ${format}`);
  const { accountId, ...options } = clientOptions(data, port);
  const client = new AthenaClient(options);
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort());
  try {
    return await answer(client, sql, database, format, await resultsBucket(options, accountId), stop.signal);
  } finally {
    client.destroy();
  }
}

/** The account's own bucket for what this command asks. */
async function resultsBucket(options: S3ClientConfig, accountId: string): Promise<string> {
  const bucket = `helicase-sql-${accountId}`;
  const client = new S3Client({ ...options, forcePathStyle: true });
  try {
    await client.send(new CreateBucketCommand({ Bucket: bucket }));
  } catch (error) {
    if (!(error instanceof Error) || !error.name.startsWith('BucketAlready')) throw error;
  } finally {
    client.destroy();
  }
  return bucket;
}

async function answer(
  client: AthenaClient,
  sql: string,
  database: string | undefined,
  format: string,
  bucket: string,
  signal: AbortSignal,
): Promise<number> {
  const { QueryExecutionId: id } = await client.send(
    new StartQueryExecutionCommand({
      QueryString: sql,
      ...(database ? { QueryExecutionContext: { Database: database } } : {}),
      ResultConfiguration: { OutputLocation: `s3://${bucket}/` },
    }),
  );
  const { Status, StatementType } = await ended(client, id!, signal);
  if (Status!.State !== 'SUCCEEDED') {
    console.error(`helicase: ${Status!.StateChangeReason ?? Status!.State}`);
    return 1;
  }
  const { columns, rows } = await results(client, id!, StatementType === 'DML');
  console.log(format === 'csv' ? [columns, ...rows].map(csv).join('\n') : table(columns, rows));
  return 0;
}

/** Waits with a line that tells the time. */
async function ended(client: AthenaClient, id: string, signal: AbortSignal): Promise<QueryExecution> {
  const begun = Date.now();
  for (;;) {
    const { QueryExecution: found } = await client.send(
      new GetQueryExecutionCommand({ QueryExecutionId: id }),
    );
    const { State: state } = found!.Status!;
    if (process.stderr.isTTY)
      process.stderr.write(`\r\u001b[K${state} ${((Date.now() - begun) / 1000).toFixed(1)} s`);
    if (state === 'SUCCEEDED' || state === 'FAILED' || state === 'CANCELLED') {
      if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');
      return found!;
    }
    if (signal.aborted) await client.send(new StopQueryExecutionCommand({ QueryExecutionId: id }));
    await new Promise((resolve) => setTimeout(resolve, POLL));
  }
}

/** The first row of a query's results is its columns' names; SHOW, DESCRIBE and EXPLAIN have rows alone. */
async function results(
  client: AthenaClient,
  id: string,
  hasHead: boolean,
): Promise<{ readonly columns: Row; readonly rows: readonly Row[] }> {
  const rows: Row[] = [];
  let columns: Row;
  let NextToken: string | undefined;
  do {
    const page = await client.send(new GetQueryResultsCommand({ QueryExecutionId: id, NextToken }));
    for (const { Data } of page.ResultSet?.Rows ?? [])
      rows.push((Data ?? []).map(({ VarCharValue }) => VarCharValue ?? null));
    columns = (page.ResultSet?.ResultSetMetadata?.ColumnInfo ?? []).map(({ Name }) => Name ?? '');
    ({ NextToken } = page);
  } while (NextToken);
  return { columns, rows: hasHead ? rows.slice(1) : rows };
}

function csv(row: Row): string {
  return row.map((value) => (value === null ? '' : `"${value.replaceAll('"', '""')}"`)).join(',');
}

/** Columns as wide as their widest value. */
function table(columns: Row, rows: readonly Row[]): string {
  const shown = [columns, ...rows].map((row) => row.map((value) => cut(value ?? 'NULL')));
  const [head = [], ...body] = shown;
  const widths = head.map((_, column) => Math.max(...shown.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    row
      .map((value, column) => value.padEnd(widths[column]!))
      .join('  ')
      .trimEnd();
  const rule = widths.map((width) => '-'.repeat(width)).join('  ');
  return [line(head), rule, ...body.map(line), `(${body.length} rows)`].join('\n');
}

function cut(value: string): string {
  const plain = value.replaceAll(/\s/g, ' ');
  return plain.length > WIDEST ? `${plain.slice(0, WIDEST - 1)}…` : plain;
}
