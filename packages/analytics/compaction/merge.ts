import { DuckDBInstance } from '@duckdb/node-api';
import type { Column } from '../table/columns.ts';
import { type Field, fieldsOf, partsOf } from '../table/field.ts';
import { quotedName, quotedText } from '../table/type.ts';

/** What a merging process is told, as JSON in its first argument. */
export interface MergeRequest {
  /** Parquet files of the same columns. */
  readonly paths: readonly string[];
  readonly columns: readonly Column[];
  /** The columns that the rows are sorted by; in the files' order where there are none. */
  readonly order: readonly string[];
  readonly rowsPerGroup: number;
  /** Where the one file of all their rows goes. */
  readonly output: string;
  readonly spillDirectory: string;
}

const MEMORY_MEGABYTES = 600;

/** Writes the files' rows as one, its columns numbered as theirs are. Answers their number. */
export async function mergeFiles(request: MergeRequest): Promise<number> {
  const { paths, columns, order, rowsPerGroup, output, spillDirectory } = request;
  const instance = await DuckDBInstance.create(':memory:', {
    threads: '1', // nobody waits for it
    memory_limit: `${MEMORY_MEGABYTES}MiB`,
    temp_directory: spillDirectory,
  });
  const connection = await instance.connect();
  try {
    const names = columns.map(({ name }) => quotedName(name)).join(', ');
    const sorted = order.length > 0 ? ` ORDER BY ${order.map(quotedName).join(', ')}` : '';
    const files = paths.map(quotedText).join(', ');
    const options = `FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE ${rowsPerGroup}, FIELD_IDS ${fieldNumbers(fieldsOf(columns))}`;
    const reader = await connection.runAndReadAll(
      `COPY (SELECT ${names} FROM read_parquet([${files}])${sorted}) TO ${quotedText(output)} (${options})`,
    );
    return Number(reader.getRows()[0]![0]);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/** As DuckDB is told them: `{"names": {"__duckdb_field_id": 5, "element": 24}}`. */
function fieldNumbers(fields: readonly Field[]): string {
  return `{${fields.map((field) => `${quotedName(field.name)}: ${fieldNumber(field)}`).join(', ')}}`;
}

function fieldNumber(field: Field): string {
  const inner = partsOf(field.type);
  if (inner.length === 0) return String(field.id);
  return `{__duckdb_field_id: ${field.id}, ${fieldNumbers(inner).slice(1)}`;
}
