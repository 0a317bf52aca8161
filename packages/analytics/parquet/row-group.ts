import type { Field } from '../table/field.ts';
import { type NamedLeaf, parquetColumn, type ParquetColumn, type Value } from './column.ts';
import { writtenPage } from './format.ts';

/** Rows of a row group: as many as DuckDB likes to take at once. Its threads take a row group each. */
export const ROWS_PER_GROUP = 122_880;

/** A column of a row group: where its pages lie, counted from the row group's first byte. */
export interface Chunk {
  readonly path: readonly string[];
  readonly physical: number;
  readonly encodings: readonly number[];
  readonly count: number;
  readonly nulls: number;
  readonly least: Uint8Array | undefined;
  readonly greatest: Uint8Array | undefined;
  readonly plainSize: number;
  readonly size: number;
  readonly dictionaryAt: number | undefined;
  readonly dataAt: number;
}

/** Finished bytes of some rows; it can be handed from one thread to another. */
export interface RowGroup {
  readonly rows: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly chunks: readonly Chunk[];
}

/** Rows of a table on their way into row groups. */
export class RowGroupBuilder {
  readonly columns: ReadonlyMap<string, ParquetColumn>;
  readonly #leaves: readonly NamedLeaf[];
  rows = 0;

  constructor(fields: readonly Field[]) {
    this.columns = new Map(fields.map((field) => [field.name, parquetColumn(field)]));
    this.#leaves = [...this.columns.values()].flatMap(({ leaves }) => leaves);
  }

  /** Adds a row: its values in the columns' order. */
  add(values: readonly Value[]): void {
    let index = 0;
    for (const column of this.columns.values()) column.write(0, values[index++]!);
    this.rows++;
  }

  /** Everything added since the last time; the builder is empty then. */
  finish(): RowGroup {
    const parts: Buffer[] = [];
    const chunks: Chunk[] = [];
    let at = 0;
    for (const named of this.#leaves) {
      const { chunk, bytes } = chunkOf(named, at);
      chunks.push(chunk);
      parts.push(...bytes);
      at += chunk.size;
    }
    const rows = this.rows;
    this.rows = 0;
    return { rows, bytes: joined(parts, at), chunks };
  }
}

function chunkOf({ path, leaf }: NamedLeaf, start: number): { chunk: Chunk; bytes: readonly Buffer[] } {
  const { pages, count, nulls, least, greatest } = leaf.finish();
  const written = pages.map(writtenPage);
  const size = written.reduce((sum, { bytes }) => sum + bytes.length, 0);
  const [first] = written;
  const hasDictionary = first!.kind === 'dictionary';
  const chunk = {
    ...{ path, count, nulls, least, greatest, size, physical: leaf.physical },
    encodings: [...new Set(written.map(({ encoding }) => encoding))],
    plainSize: written.reduce((sum, { plainSize }) => sum + plainSize, 0),
    dictionaryAt: hasDictionary ? start : undefined,
    dataAt: hasDictionary ? start + first!.bytes.length : start,
  };
  return { chunk, bytes: written.map(({ bytes }) => bytes) };
}

/** In memory of its own, so that it can be transferred. */
function joined(parts: readonly Buffer[], size: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
