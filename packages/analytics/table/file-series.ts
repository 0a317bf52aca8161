import { join } from 'node:path';
import { ParquetFile } from '../parquet/file.ts';
import type { RowGroup } from '../parquet/row-group.ts';
import type { Field } from './field.ts';
import { cover, keptRanges, type Ranges } from './ranges.ts';
import type { FileKind, WrittenFile } from './written-file.ts';

/** A file that is larger gets no more rows: whoever reads a region unseals few of many. */
export const FULL = 128 * 1024 * 1024;

/** Row groups of one kind as a series of Parquet files, in the order they are given. */
export class FileSeries {
  readonly #directory: string;
  readonly #kind: FileKind;
  readonly #fields: readonly Field[];
  readonly #full: number;
  readonly #files: WrittenFile[] = [];
  #open: ParquetFile | undefined;
  #ranges: Ranges = new Map();

  constructor(directory: string, kind: FileKind, fields: readonly Field[], full = FULL) {
    this.#directory = directory;
    this.#kind = kind;
    this.#fields = fields;
    this.#full = full;
  }

  async append(group: RowGroup, ranges: Ranges): Promise<void> {
    if (group.rows === 0) return;
    const path = join(this.#directory, `${this.#kind}-${this.#files.length}.parquet`);
    this.#open ??= await ParquetFile.create(path, this.#fields);
    await this.#open.append(group);
    for (const [contig, [start, end]] of ranges) cover(this.#ranges, contig, start, end);
    if (this.#open.size >= this.#full) await this.#finish(this.#open);
  }

  /** Finishes the last file and answers all of them. */
  async finish(): Promise<readonly WrittenFile[]> {
    if (this.#open) await this.#finish(this.#open);
    return this.#files;
  }

  /** Leaves the last file unfinished, where `finish` did not come. */
  async close(): Promise<void> {
    await this.#open?.close();
  }

  async #finish(file: ParquetFile): Promise<void> {
    this.#open = undefined;
    await file.finish();
    this.#files.push({
      path: file.path,
      kind: this.#kind,
      rows: file.rows,
      ranges: keptRanges(this.#ranges),
    });
    this.#ranges = new Map();
  }
}
