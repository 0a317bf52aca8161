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
import type { Genotype } from '../vcf/genotype.ts';
import type { Site } from '../vcf/record.ts';
import type { VepEntry } from '../vcf/vep.ts';
import { type Column, GENOTYPE_COLUMNS, SITE_COLUMNS, VARIANT_COLUMNS } from './columns.ts';
import { genotypeValues, siteValues } from './rows.ts';
import { duckdbType } from './type.ts';

/** One finished Parquet file and what it covers. */
export interface WrittenFile {
  readonly path: string;
  readonly rows: number;
  /** Per contig: smallest start and greatest end, so that a region's query can leave files out. */
  readonly ranges: Readonly<Record<string, readonly [number, number]>>;
}

/** DuckDB's vectors hold this many rows. */
const CHUNK = 2048;
/** Rows of a file: 120 thousand of one sample are about 30 MB of text, and the memory stays bounded. */
export const ROWS_PER_FILE = 120_000;

/**
 * Writes variants as Parquet files of the service's table. Sites and genotypes are kept apart until a file is
 * finished, so that a record of 2,500 samples hands its INFO over once.
 */
export class VariantWriter {
  readonly #connection: DuckDBConnection;
  readonly #close: () => void;
  readonly #directory: string;
  readonly #rowsPerFile: number;
  readonly #files: WrittenFile[] = [];
  #sites: Batch | undefined;
  #genotypes: Batch | undefined;
  #site = 0;
  #rows = 0;
  #ranges: Record<string, [number, number]> = {};

  private constructor(
    connection: DuckDBConnection,
    close: () => void,
    directory: string,
    rowsPerFile: number,
  ) {
    this.#connection = connection;
    this.#close = close;
    this.#directory = directory;
    this.#rowsPerFile = rowsPerFile;
  }

  static async open(directory: string, rowsPerFile = ROWS_PER_FILE): Promise<VariantWriter> {
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
    return new VariantWriter(connection, close, directory, rowsPerFile);
  }

  /** Adds one record: a row per sample, one row with null genotype columns where there are none. */
  async add(
    jobId: string,
    site: Site,
    vep: readonly VepEntry[] | undefined,
    genotypes: readonly { readonly genotype: Genotype; readonly sampleId: string | null }[],
  ): Promise<void> {
    const [sites, rows] = [
      (this.#sites ??= await this.#table('site')),
      (this.#genotypes ??= await this.#table('genotype')),
    ];
    const id = this.#site++;
    sites.add([id, ...siteValues(jobId, site, vep)]);
    for (const { genotype, sampleId } of genotypes) rows.add([id, ...genotypeValues(genotype, sampleId)]);
    this.#rows += genotypes.length;
    this.#cover(site);
    if (this.#rows >= this.#rowsPerFile) await this.#finishFile();
  }

  /** Finishes the last file and answers all of them. */
  async finish(): Promise<readonly WrittenFile[]> {
    if (this.#rows > 0) await this.#finishFile();
    return this.#files;
  }

  close(): void {
    this.#close();
  }

  #cover({ contig, start, end }: Site): void {
    const range = this.#ranges[contig];
    if (!range) this.#ranges[contig] = [start, end];
    else {
      range[0] = Math.min(range[0], start);
      range[1] = Math.max(range[1], end);
    }
  }

  async #table(name: 'site' | 'genotype'): Promise<Batch> {
    const columns = name === 'site' ? SITE_COLUMNS : GENOTYPE_COLUMNS;
    const fields = columns.map((column) => `${quoted(column)} ${duckdbType(column.type)}`);
    await this.#connection.run(`CREATE OR REPLACE TABLE ${name} (site INTEGER, ${fields.join(', ')})`);
    return new Batch(await this.#connection.createAppender(name), columns.length + 1);
  }

  async #finishFile(): Promise<void> {
    this.#sites!.close();
    this.#genotypes!.close();
    const path = join(this.#directory, `part-${this.#files.length}.parquet`);
    const columns = VARIANT_COLUMNS.map((column) => quoted(column)).join(', ');
    await this.#connection.run(
      `COPY (SELECT ${columns} FROM genotype JOIN site USING (site) ORDER BY site, genotype.rowid)
       TO '${path.replaceAll("'", "''")}' (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 122880)`,
    );
    this.#files.push({ path, rows: this.#rows, ranges: this.#ranges });
    [this.#sites, this.#genotypes, this.#rows, this.#site, this.#ranges] = [undefined, undefined, 0, 0, {}];
  }
}

/** Rows on their way into a table, handed over a vector at a time. */
class Batch {
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

function quoted(column: Column): string {
  return `"${column.name}"`;
}
