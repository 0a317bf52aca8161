import type { Value } from '../parquet/column.ts';
import { RowGroupBuilder, ROWS_PER_GROUP } from '../parquet/row-group.ts';
import type { Column } from './columns.ts';
import { fieldsOf } from './field.ts';
import { FileSeries } from './file-series.ts';
import { cover, type Ranges } from './ranges.ts';
import type { WrittenFile } from './written-file.ts';

/** Where a row lies on the genome: 0-based start, end exclusive. */
export interface Place {
  readonly contig: string;
  readonly start: number;
  readonly end: number;
}

/** Writes rows of any columns as Parquet files, in the order they are given. */
export class RowWriter {
  readonly #builder: RowGroupBuilder;
  readonly #series: FileSeries;
  readonly #rowsPerGroup: number;
  #ranges: Ranges = new Map();

  constructor(columns: readonly Column[], directory: string, rowsPerGroup = ROWS_PER_GROUP) {
    const fields = fieldsOf(columns);
    this.#builder = new RowGroupBuilder(fields);
    this.#series = new FileSeries(directory, 'rows', fields);
    this.#rowsPerGroup = rowsPerGroup;
  }

  /** Adds one row: its values in the columns' order, and where it lies if it lies anywhere. */
  async add(values: readonly Value[], place: Place | undefined): Promise<void> {
    this.#builder.add(values);
    if (place) cover(this.#ranges, place.contig, place.start, place.end);
    if (this.#builder.rows >= this.#rowsPerGroup) await this.#flush();
  }

  /** Finishes the last file and answers all of them. */
  async finish(): Promise<readonly WrittenFile[]> {
    await this.#flush();
    return this.#series.finish();
  }

  close(): Promise<void> {
    return this.#series.close();
  }

  async #flush(): Promise<void> {
    await this.#series.append(this.#builder.finish(), this.#ranges);
    this.#ranges = new Map();
  }
}
