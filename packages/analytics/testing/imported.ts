import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { DuckDBInstance, type Json } from '@duckdb/node-api';
import { importVcf } from '../import/import-vcf.ts';
import type { ImportRequest } from '../import/protocol.ts';
import { tableSource } from '../sql/table-source.ts';
import { VARIANT_COLUMNS } from '../table/columns.ts';

/** A row as DuckDB's JSON writes it: 64-bit integers as text. */
export type Row = Readonly<Record<string, Json>>;

/** Imports a VCF, in this process, and reads its table back. */
export async function importedRows(
  source: Readable,
  more: Partial<ImportRequest> = {},
): Promise<readonly Row[]> {
  const directory = mkdtempSync(join(tmpdir(), 'helicase-imported-'));
  try {
    const { files, rows } = await importVcf(source, { jobId: 'job-1', vepKey: 'CSQ', directory, ...more });
    const connection = await (await DuckDBInstance.create()).connect();
    const reader = await connection.runAndReadAll(tableSource(files, VARIANT_COLUMNS));
    if (reader.currentRowCount !== rows)
      throw new Error(`${reader.currentRowCount} rows were read, not ${rows}`);
    return reader.getRowObjectsJson();
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
