import { createHash } from 'node:crypto';
import type { Field } from '../table/field.ts';
import type { Snapshot } from '../table/snapshots.ts';
import { icebergSchema, lastColumnId } from './schema.ts';

/** What a table's metadata says of one of its snapshots. */
export interface ListedSnapshot extends Snapshot {
  readonly manifestList: string;
}

/** "Table Metadata" of Iceberg's specification, version 2. A snapshot's id is its number. */
export function tableMetadata(
  location: string,
  fields: readonly Field[],
  snapshots: readonly ListedSnapshot[],
) {
  const last = snapshots.at(-1);
  return {
    'format-version': 2,
    'table-uuid': uuidOf(location),
    location,
    'last-sequence-number': last?.sequence ?? 0,
    'last-updated-ms': last?.createdAt ?? 0,
    'last-column-id': lastColumnId(fields),
    'current-schema-id': 0,
    schemas: [icebergSchema(fields)],
    'default-spec-id': 0,
    'partition-specs': [{ 'spec-id': 0, fields: [] }],
    'last-partition-id': 999,
    'default-sort-order-id': 0,
    'sort-orders': [{ 'order-id': 0, fields: [] }],
    // Spark's vectorized reader knows no delta encoding, which places are written in; its other one does.
    properties: { 'read.parquet.vectorization.enabled': 'false' },
    'current-snapshot-id': last?.sequence ?? -1,
    refs: last ? { main: { 'snapshot-id': last.sequence, type: 'branch' } } : {},
    snapshots: snapshots.map(({ sequence, createdAt, operation, manifestList }, index) => ({
      'snapshot-id': sequence,
      ...(index > 0 ? { 'parent-snapshot-id': snapshots[index - 1]!.sequence } : {}),
      'sequence-number': sequence,
      'timestamp-ms': createdAt,
      'manifest-list': manifestList,
      summary: { operation },
      'schema-id': 0,
    })),
    'snapshot-log': snapshots.map(({ sequence, createdAt }) => ({
      'snapshot-id': sequence,
      'timestamp-ms': createdAt,
    })),
    'metadata-log': [],
  };
}

/** The same for ever, and of this table alone. */
function uuidOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
