import type { Column } from '../table/columns.ts';
import type { VisibleCells } from '../lake-formation/visibility.ts';
import type { TablePart } from './table-source.ts';

/** A table that a query may name, in the order that the engine numbers them by. */
export interface NamedTable {
  /** Lower case. */
  readonly database: string;
  readonly table: string;
  /** Its name means it only with its database, in the query or its context. */
  readonly onlyQualified?: boolean;
  /** The names of its columns. */
  readonly columns: readonly string[];
}

/** Whether a name, in lower case, means the table. */
export function isMeant(
  known: Pick<NamedTable, 'database' | 'table' | 'onlyQualified'>,
  database: string | undefined,
  table: string,
): boolean {
  if (known.table !== table) return false;
  return database === undefined ? !known.onlyQualified : known.database === database;
}

/** First message: the query and what it may see. */
export interface QueryRequest {
  readonly sql: string;
  readonly tables: readonly NamedTable[];
  /** The database of the query's context; unqualified names are looked for in it, or in all where there is none. */
  readonly database: string | undefined;
  /** EXPLAIN: the plan instead of the rows. */
  readonly explain: boolean;
}

/** The engine's answer to it: the tables that the query reads, by their number. */
export interface QueryNeeds {
  readonly outcome: 'needs';
  readonly tables: readonly number[];
}

/** Values of a table that lies in no file, in the order of its columns. */
export type Rows = readonly (readonly (string | number | null)[])[];

/** A table that a query reads: no files is an empty table. */
export interface GrantedTable {
  readonly parts: readonly TablePart[];
  readonly columns: readonly Column[];
  /** Present where only these may be seen: a row is, where one of them has it; a value, where one of those does. */
  readonly cells?: readonly VisibleCells[];
  /** Present where these are the table, and not files. */
  readonly rows?: Rows;
}

/** Second message: where the rows of those tables lie, and what the query may use. */
export interface QueryGrant {
  /** By the table's number. */
  readonly files: Readonly<Record<number, GrantedTable>>;
  /** Where the CSV goes. */
  readonly resultPath: string;
  readonly spillDirectory: string;
  readonly memoryMegabytes: number;
  readonly threads: number;
}

export interface ResultColumn {
  readonly name: string;
  /** Athena's name of the type: `varchar`, `bigint`, `array`, `map`, `row`, ... */
  readonly type: string;
  readonly precision: number;
  readonly scale: number;
}

export interface QuerySucceeded {
  readonly outcome: 'succeeded';
  readonly columns: readonly ResultColumn[];
  readonly rows: number;
}

/** The query is at fault: the message is for the user. */
export interface QueryFailed {
  readonly outcome: 'failed';
  readonly message: string;
}

export type EngineReply = QueryNeeds | QuerySucceeded | QueryFailed;
