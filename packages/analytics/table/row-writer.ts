import { join } from 'node:path';
import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api';
import { Batch, cover, openWritingDatabase } from './batch.ts';
import type { Column } from './columns.ts';
import { duckdbType, quotedName } from './type.ts';
import { ROWS_PER_FILE, type WrittenFile } from './variant-writer.ts';

/** Where a row lies on the genome: 0-based start, end exclusive. */
export interface Place {
  readonly contig: string;
  readonly start: number;
  readonly end: number;
}

/** Writes rows of any columns as Parquet files, in the order they are given. */
export class RowWriter {
  readonly #connection: DuckDBConnection;
  readonly #close: () => void;
  readonly #columns: readonly Column[];
  readonly #directory: string;
  readonly #rowsPerFile: number;
  readonly #files: WrittenFile[] = [];
  #batch: Batch | undefined;
  #rows = 0;
  #ranges: Record<string, [number, number]> = {};

  private constructor(
    database: { readonly connection: DuckDBConnection; readonly close: () => void },
    columns: readonly Column[],
    directory: string,
    rowsPerFile: number,
  ) {
    this.#connection = database.connection;
    this.#close = database.close;
    this.#columns = columns;
    this.#directory = directory;
    this.#rowsPerFile = rowsPerFile;
  }

  static async open(
    columns: readonly Column[],
    directory: string,
    rowsPerFile = ROWS_PER_FILE,
  ): Promise<RowWriter> {
    return new RowWriter(await openWritingDatabase(directory), columns, directory, rowsPerFile);
  }

  /** Adds one row: its values in the columns' order, and where it lies if it lies anywhere. */
  async add(values: readonly DuckDBValue[], place: Place | undefined): Promise<void> {
    this.#batch ??= await this.#table();
    this.#batch.add(values);
    if (place) cover(this.#ranges, place.contig, place.start, place.end);
    if (++this.#rows >= this.#rowsPerFile) await this.#finishFile();
  }

  /** Finishes the last file and answers all of them. */
  async finish(): Promise<readonly WrittenFile[]> {
    if (this.#rows > 0) await this.#finishFile();
    return this.#files;
  }

  close(): void {
    this.#close();
  }

  async #table(): Promise<Batch> {
    const fields = this.#columns.map(({ name, type }) => `${quotedName(name)} ${duckdbType(type)}`);
    await this.#connection.run(`CREATE OR REPLACE TABLE rows (${fields.join(', ')})`);
    return new Batch(await this.#connection.createAppender('rows'), this.#columns.length);
  }

  async #finishFile(): Promise<void> {
    this.#batch!.close();
    const path = join(this.#directory, `part-${this.#files.length}.parquet`);
    await this.#connection.run(
      `COPY (SELECT * FROM rows ORDER BY rowid) TO '${path.replaceAll("'", "''")}'
       (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 122880)`,
    );
    this.#files.push({ path, rows: this.#rows, ranges: this.#ranges });
    [this.#batch, this.#rows, this.#ranges] = [undefined, 0, {}];
  }
}
