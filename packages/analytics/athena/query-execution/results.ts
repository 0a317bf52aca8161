import { text as readText, buffer } from 'node:stream/consumers';
import type { GetQueryResultsInput, GetQueryResultsOutput, ResultSetMetadata } from '@aws-sdk/client-athena';
import type { Objects } from '@helicase/blobs';
import type { Actor } from '@helicase/kernel';
import type { PageTokens } from '@helicase/wire';
import { readCsv } from '../../sql/csv.ts';
import { athenaErrors } from '../errors.ts';
import { ENDED, type QueryExecution } from './model.ts';

const MOST_ROWS = 1000;
/** How much of the result is fetched at first; a page of longer rows fetches more. */
const WINDOW = 256 * 1024;

/** A page of the result, read from where the query left it, in the caller's name, as Athena does. */
export async function queryResults(
  ports: { readonly objects: Objects; readonly pageTokens: PageTokens },
  actor: Actor,
  execution: QueryExecution,
  input: GetQueryResultsInput,
): Promise<GetQueryResultsOutput> {
  const { status, id, doc } = execution;
  if (!ENDED.has(status)) throw athenaErrors.notFinished({ state: status });
  if (status !== 'SUCCEEDED') throw athenaErrors.didNotSucceed({ state: status });
  const binding = { scope: actor.scope, operation: 'GetQueryResults', filter: id };
  const start =
    input.NextToken === undefined ? 0 : Number(ports.pageTokens.read(binding, input.NextToken)[0]);
  const limit = input.MaxResults ?? MOST_ROWS;
  const page = doc.output.endsWith('.csv')
    ? await readPage(ports.objects, actor, doc.output, start, limit)
    : await readLines(ports.objects, actor, doc.output);
  return {
    UpdateCount: 0,
    ResultSet: {
      Rows: page.rows.map((row) => ({
        Data: row.map((value) => (value === null ? {} : { VarCharValue: value })),
      })),
      ResultSetMetadata: metadata(execution),
    },
    NextToken: page.next === undefined ? undefined : ports.pageTokens.issue(binding, [page.next]),
  };
}

interface ResultPage {
  readonly rows: readonly (readonly (string | null)[])[];
  /** The byte that the next page starts at. */
  readonly next: number | undefined;
}

async function readPage(
  objects: Objects,
  actor: Actor,
  uri: string,
  start: number,
  limit: number,
): Promise<ResultPage> {
  const { size } = await objects.head(actor, uri);
  if (start >= size) return { rows: [], next: undefined };
  for (let window = WINDOW; ; window *= 4) {
    const end = Math.min(size, start + window);
    const { body } = await objects.open(actor, uri, { start, end: end - 1 });
    const { rows, bytes } = readCsv(await buffer(body), limit, end === size);
    if (rows.length < limit && end < size) continue;
    return { rows, next: start + bytes < size ? start + bytes : undefined };
  }
}

/** SHOW, DESCRIBE and EXPLAIN: short texts. */
async function readLines(objects: Objects, actor: Actor, uri: string): Promise<ResultPage> {
  const { body } = await objects.open(actor, uri);
  const lines = (await readText(body)).split('\n').slice(0, -1);
  return { rows: lines.map((line) => line.split('\t')), next: undefined };
}

function metadata({ doc }: QueryExecution): ResultSetMetadata {
  return {
    ColumnInfo: (doc.columns ?? []).map(({ name, type, precision, scale }) => ({
      CatalogName: 'hive',
      SchemaName: '',
      TableName: '',
      Name: name,
      Label: name,
      Type: type,
      Precision: precision,
      Scale: scale,
      Nullable: 'UNKNOWN',
      CaseSensitive: type === 'varchar',
    })),
  };
}
