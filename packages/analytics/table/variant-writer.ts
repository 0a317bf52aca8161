import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import type { Genotype } from '../vcf/genotype.ts';
import type { Site } from '../vcf/record.ts';
import type { VepEntry } from '../vcf/vep.ts';
import { Batch, cover, openWritingDatabase } from './batch.ts';
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
    const { connection, close } = await openWritingDatabase(directory);
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
    cover(this.#ranges, site.contig, site.start, site.end);
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

function quoted(column: Column): string {
  return `"${column.name}"`;
}
