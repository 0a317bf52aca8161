import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type DuckDBAppender,
  type DuckDBConnection,
  DuckDBDataChunk,
  DuckDBInstance,
  type DuckDBType,
  type DuckDBValue,
} from '@duckdb/node-api';

/** DuckDB's vectors hold this many rows. */
const CHUNK = 2048;

/** A database in memory that Parquet files are made in; what does not fit spills below the directory. */
export async function openWritingDatabase(
  directory: string,
): Promise<{ readonly connection: DuckDBConnection; readonly close: () => void }> {
  const spill = join(directory, 'spill');
  await mkdir(spill, { recursive: true });
  const settings = {
    threads: '2',
    memory_limit: '512MiB',
    temp_directory: spill,
    preserve_insertion_order: 'true',
  };
  const instance = await DuckDBInstance.create(':memory:', settings);
  const connection = await instance.connect();
  const close = () => {
    connection.closeSync();
    instance.closeSync();
  };
  return { connection, close };
}

/** Rows on their way into a table, handed over a vector at a time. */
export class Batch {
  readonly #appender: DuckDBAppender;
  readonly #types: readonly DuckDBType[];
  #columns: DuckDBValue[][];

  constructor(appender: DuckDBAppender, width: number) {
    this.#appender = appender;
    this.#types = Array.from({ length: width }, (_, index) => appender.columnType(index));
    this.#columns = this.#types.map(() => []);
  }

  add(values: readonly DuckDBValue[]): void {
    for (let index = 0; index < values.length; index++) this.#columns[index]!.push(values[index]!);
    if (this.#columns[0]!.length === CHUNK) this.#flush();
  }

  close(): void {
    if (this.#columns[0]!.length > 0) this.#flush();
    this.#appender.closeSync();
  }

  #flush(): void {
    const chunk = DuckDBDataChunk.create(this.#types);
    chunk.setColumns(this.#columns);
    this.#appender.appendDataChunk(chunk);
    this.#columns = this.#types.map(() => []);
  }
}

/** Makes the contig's range reach over the place given. */
export function cover(
  ranges: Record<string, [number, number]>,
  contig: string,
  start: number,
  end: number,
): void {
  const range = ranges[contig];
  if (!range) ranges[contig] = [start, end];
  else {
    range[0] = Math.min(range[0], start);
    range[1] = Math.max(range[1], end);
  }
}
