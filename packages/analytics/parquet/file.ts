import { type FileHandle, open } from 'node:fs/promises';
import type { Field } from '../table/field.ts';
import { ENCODING, ZSTD } from './format.ts';
import type { Chunk, RowGroup } from './row-group.ts';
import { schemaElements } from './schema.ts';
import { binary, i32, i64, list, struct, thriftBytes, type ThriftValue } from './thrift.ts';

const MAGIC = Buffer.from('PAR1');

/** A Parquet file that row groups are appended to. */
export class ParquetFile {
  readonly path: string;
  readonly #file: FileHandle;
  readonly #fields: readonly Field[];
  readonly #groups: ThriftValue[] = [];
  #size = 0;
  #rows = 0;

  private constructor(path: string, file: FileHandle, fields: readonly Field[]) {
    this.path = path;
    this.#file = file;
    this.#fields = fields;
  }

  static async create(path: string, fields: readonly Field[]): Promise<ParquetFile> {
    const file = new ParquetFile(path, await open(path, 'wx'), fields);
    await file.#write(MAGIC);
    return file;
  }

  /** Bytes written so far. */
  get size(): number {
    return this.#size;
  }

  get rows(): number {
    return this.#rows;
  }

  async append(group: RowGroup): Promise<void> {
    const start = this.#size;
    await this.#write(group.bytes);
    this.#groups.push(groupMetadata(group, start));
    this.#rows += group.rows;
  }

  async finish(): Promise<void> {
    const footer = thriftBytes(
      struct({
        1: i32(1),
        2: list('struct', schemaElements(this.#fields)),
        3: i64(this.#rows),
        4: list('struct', this.#groups),
        6: binary('helicase'),
      }),
    );
    const length = Buffer.alloc(4);
    length.writeUInt32LE(footer.length);
    await this.#write(Buffer.concat([footer, length, MAGIC]));
    await this.#file.close();
  }

  /** Leaves it unfinished. */
  async close(): Promise<void> {
    await this.#file.close();
  }

  async #write(bytes: Uint8Array): Promise<void> {
    await this.#file.write(bytes);
    this.#size += bytes.length;
  }
}

function groupMetadata({ rows, chunks, bytes }: RowGroup, start: number): ThriftValue {
  const plain = chunks.reduce((sum, { plainSize }) => sum + plainSize, 0);
  return struct({
    1: list(
      'struct',
      chunks.map((chunk) => struct({ 2: i64(start + chunk.dataAt), 3: chunkMetadata(chunk, start) })),
    ),
    2: i64(plain),
    3: i64(rows),
    5: i64(start),
    6: i64(bytes.length),
  });
}

function chunkMetadata(chunk: Chunk, start: number): ThriftValue {
  const { path, physical, encodings, count, plainSize, size, dictionaryAt, dataAt } = chunk;
  return struct({
    1: i32(physical),
    2: list('i32', [...new Set([...encodings, ENCODING.RLE])].map(i32)),
    3: list('binary', path.map(binary)),
    4: i32(ZSTD),
    5: i64(count),
    6: i64(plainSize),
    7: i64(size),
    9: i64(start + dataAt),
    11: dictionaryAt === undefined ? undefined : i64(start + dictionaryAt),
    12: statistics(chunk),
  });
}

function statistics({ nulls, least, greatest }: Chunk): ThriftValue {
  return struct({
    3: i64(nulls),
    5: greatest && binary(greatest),
    6: least && binary(least),
  });
}
