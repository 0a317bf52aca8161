import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Objects, Vault } from '@helicase/blobs';
import { type Clock, type Ids, type Scope, ServiceError } from '@helicase/kernel';
import type { JobRun, JobWorker, Transaction } from '@helicase/records';
import type { SqlEngine } from '../../sql/engine.ts';
import type { OpenFiles } from '../../sql/open-files.ts';
import type { GrantedTable, ResultColumn } from '../../sql/protocol.ts';
import { QueryError } from '../../sql/query-error.ts';
import { listFiles } from '../../table/file-rows.ts';
import { type TablePorts, type VisibleTable, visibleTables } from '../../catalog/tables.ts';
import { ENDED, type QueryExecution, type QueryExecutions, type QueryState } from './model.ts';
import { findPrepared, type PreparedStatements } from '../prepared-statement/model.ts';
import { insertPrepared, removePrepared } from '../prepared-statement/operations.ts';
import { prepares } from '../prepared-statement/parameters.ts';
import type { WorkGroups } from '../work-group/model.ts';
import { informationSchema } from './information-schema.ts';
import { resultMetadata } from './result-metadata.ts';
import { explained, utilityResult } from './utility.ts';

export const QUERY_KIND = 'athena-query';

export interface QueryWorkerPorts extends TablePorts {
  readonly workGroups: WorkGroups;
  readonly prepared: PreparedStatements;
  readonly ids: Ids;
  readonly vault: Vault;
  readonly objects: Objects;
  readonly queries: QueryExecutions;
  readonly engine: SqlEngine;
  readonly files: OpenFiles;
  readonly clock: Clock;
}

type Run = JobRun<Record<string, never>, undefined, Transaction>;

interface Outcome {
  readonly state: 'SUCCEEDED' | 'FAILED';
  readonly message?: string;
  readonly columns?: readonly ResultColumn[];
  readonly scannedBytes: number;
  readonly resultRows?: number;
}

/** Runs a query and leaves its result in the caller's name. After a crash it runs again: reading twice harms nobody. */
export class QueryWorker implements JobWorker<Record<string, never>, undefined, Transaction> {
  readonly kind = QUERY_KIND;
  readonly concurrency = 4;
  /** A query that ended two servers is not given a third. */
  readonly attempts = 2;
  readonly #ports: QueryWorkerPorts;

  constructor(ports: QueryWorkerPorts) {
    this.#ports = ports;
  }

  async run(run: Run): Promise<void> {
    const { clock, queries } = this.#ports;
    const { scope } = run.actor;
    const execution = await run.commit(async (tx) => {
      const found = await queries.hold(tx, scope, run.subject);
      if (!found || ENDED.has(found.status)) return undefined;
      const started = { doc: (doc: QueryExecution['doc']) => ({ ...doc, startedAt: clock.now() }) };
      return queries.transition(tx, scope, run.subject, 'RUNNING', started);
    });
    if (!execution) return;
    try {
      const outcome = await this.#execute(run, execution);
      await run.commit((tx) => this.#end(tx, scope, run.subject, outcome));
    } catch (error) {
      if (!run.cancelled()) throw error;
    }
  }

  async exhausted(
    tx: Transaction,
    { actor, subject }: { actor: { scope: Scope }; subject: string },
    error: Error,
  ): Promise<void> {
    const message = `GENERIC_INTERNAL_ERROR: ${error.message}`;
    await this.#end(tx, actor.scope, subject, { state: 'FAILED', message, scannedBytes: 0 });
  }

  async #end(tx: Transaction, scope: Scope, id: string, outcome: Outcome): Promise<void> {
    const { clock, queries } = this.#ports;
    const found = await queries.hold(tx, scope, id);
    if (!found || ENDED.has(found.status)) return;
    const { state, message, columns, scannedBytes, resultRows = 0 } = outcome;
    await queries.transition(tx, scope, id, state satisfies QueryState, {
      ...(message === undefined ? {} : { message }),
      doc: (doc) => ({
        ...doc,
        completedAt: clock.now(),
        scannedBytes,
        resultRows,
        ...(columns ? { columns } : {}),
      }),
    });
  }

  async #execute(run: Run, execution: QueryExecution): Promise<Outcome> {
    const scratch = await this.#ports.vault.reserveScratch('result');
    try {
      const tables = await visibleTables(this.#ports, run.actor);
      const { statementType } = execution.doc;
      const query = statementOf(execution);
      const outcome =
        statementType === 'DDL'
          ? await this.#prepare(run, execution, scratch.path)
          : statementType === 'UTILITY' && explained(query) === undefined
            ? await this.#answer(execution, tables, scratch.path)
            : await this.#select(run, execution, tables, scratch.path);
      if (outcome.state === 'SUCCEEDED')
        await this.#deliver(run, execution, scratch.path, outcome.columns ?? []);
      return outcome;
    } catch (error) {
      const theirs = error instanceof QueryError || (error instanceof ServiceError && error.status < 500);
      if (!theirs) throw error;
      return { state: 'FAILED', message: error.message, scannedBytes: 0 };
    } finally {
      await scratch.release();
    }
  }

  /** PREPARE and DEALLOCATE: done when the query ends, and said by an empty result. */
  async #prepare(run: Run, { doc }: QueryExecution, path: string): Promise<Outcome> {
    const { name, query } = prepares(doc.query)!;
    const { scope } = run.actor;
    await run.commit(async (tx) => {
      const found = await findPrepared(this.#ports.prepared, tx, scope, doc.workGroup, name);
      if (query === undefined) await removePrepared(this.#ports, tx, scope, doc.workGroup, name);
      // A worker that begins again finds what it made.
      else if (found?.doc.query !== query)
        await insertPrepared(this.#ports, tx, scope, doc.workGroup, { name, query, description: '' });
    });
    await writeFile(path, '');
    return { state: 'SUCCEEDED', columns: [], scannedBytes: 0 };
  }

  async #answer({ doc }: QueryExecution, tables: readonly VisibleTable[], path: string): Promise<Outcome> {
    const { columns, lines } = utilityResult(doc.statement ?? doc.query, tables, doc.database);
    await writeFile(path, lines.map((fields) => `${fields.join('\t')}\n`).join(''));
    const described = columns.map((name) => ({ name, type: 'string', precision: 0, scale: 0 }));
    return { state: 'SUCCEEDED', columns: described, scannedBytes: 0 };
  }

  async #select(
    run: Run,
    { doc }: QueryExecution,
    tables: readonly VisibleTable[],
    resultPath: string,
  ): Promise<Outcome> {
    const spillDirectory = join(dirname(resultPath), 'spill');
    await mkdir(spillDirectory, { mode: 0o700 });
    const statement = doc.statement ?? doc.query;
    const explain = explained(statement);
    const known = [...tables, ...informationSchema(tables)];
    const opened: { release(): Promise<void> }[] = [];
    let scannedBytes = 0;
    try {
      const reply = await this.#ports.engine.run(
        {
          sql: explain ?? statement,
          explain: explain !== undefined,
          tables: known.map(({ database, table, columns, onlyQualified = false }) => ({
            ...{ database, table, onlyQualified },
            columns: columns.map(({ name }) => name),
          })),
          database: contextDatabase(doc.database, tables),
          resultPath,
          spillDirectory,
          files: async (needed) => {
            const files: Record<number, GrantedTable> = {};
            for (const number of needed) {
              const table = known[number]!;
              if ('rows' in table) {
                files[number] = { parts: [], columns: table.columns, rows: table.rows() };
                continue;
              }
              const { id, owner, allColumns, cells, unreadable } = table;
              if (unreadable) throw new QueryError(notReadable(table));
              const listed = await listFiles(this.#ports.records.direct, owner, id);
              scannedBytes += listed.reduce((sum, { blob }) => sum + blob.size, 0);
              checkScanLimit(doc.scanLimit, scannedBytes);
              const open = await this.#ports.files.open(listed.map(({ blob }) => blob));
              opened.push(open);
              const parts = listed.map(({ kind }, index) => ({ kind, path: open.paths[index]! }));
              files[number] = { parts, columns: allColumns, ...(cells ? { cells } : {}) };
            }
            return files;
          },
        },
        run.signal,
      );
      if (reply.outcome === 'failed') return { state: 'FAILED', message: reply.message, scannedBytes };
      return { state: 'SUCCEEDED', columns: reply.columns, scannedBytes, resultRows: reply.rows };
    } finally {
      for (const open of opened) await open.release();
    }
  }

  async #deliver(
    run: Run,
    { doc }: QueryExecution,
    path: string,
    columns: readonly ResultColumn[],
  ): Promise<void> {
    const type = doc.output.endsWith('.csv') ? 'text/csv' : 'text/plain';
    await this.#ports.objects.putFile(run.actor, doc.output, path, type);
    const metadata = resultMetadata(columns);
    await this.#ports.objects.put(run.actor, `${doc.output}.metadata`, metadata, 'binary/octet-stream');
  }
}

function statementOf({ doc }: QueryExecution): string {
  return doc.statement ?? doc.query;
}

function notReadable({ database, table }: VisibleTable): string {
  return `COLUMN_NOT_FOUND: Insufficient permissions to read ${database}.${table}`;
}

function checkScanLimit(limit: number | undefined, bytes: number): void {
  if (limit === undefined || bytes <= limit) return;
  throw new QueryError(
    `Bytes scanned limit was exceeded: the tables have ${bytes} bytes, the work group allows ${limit}`,
  );
}

/** Clients send `default` where their user named no database; here it is none unless somebody made it. */
function contextDatabase(database: string | undefined, tables: readonly VisibleTable[]): string | undefined {
  const isThere = tables.some((table) => table.database === database?.toLowerCase());
  return database?.toLowerCase() === 'default' && !isThere ? undefined : database;
}
