import type { Field } from '../table/field.ts';
import type { TableFile } from '../table/file-rows.ts';
import { avroFile } from './avro.ts';
import { icebergSchema } from './schema.ts';

const field = (id: number, name: string, type: unknown) => ({ name, type, 'field-id': id });
const optional = (id: number, name: string, type: unknown) => ({
  name,
  type: ['null', type],
  default: null,
  'field-id': id,
});
const bounds = (id: number, name: string, key: number, value: number) =>
  optional(id, name, {
    type: 'array',
    logicalType: 'map',
    items: {
      type: 'record',
      name: `k${key}_v${value}`,
      fields: [field(key, 'key', 'int'), field(value, 'value', 'bytes')],
    },
  });

/** "Manifests" of Iceberg's specification, version 2; optional fields that are not written are left out. */
const MANIFEST_ENTRY = {
  type: 'record',
  name: 'manifest_entry',
  fields: [
    field(0, 'status', 'int'),
    optional(1, 'snapshot_id', 'long'),
    optional(3, 'sequence_number', 'long'),
    optional(4, 'file_sequence_number', 'long'),
    field(2, 'data_file', {
      type: 'record',
      name: 'r2',
      fields: [
        field(134, 'content', 'int'),
        field(100, 'file_path', 'string'),
        field(101, 'file_format', 'string'),
        field(102, 'partition', { type: 'record', name: 'r102', fields: [] }),
        field(103, 'record_count', 'long'),
        field(104, 'file_size_in_bytes', 'long'),
        bounds(125, 'lower_bounds', 126, 127),
        bounds(128, 'upper_bounds', 129, 130),
      ],
    }),
  ],
};

/** "Manifest Lists" of the specification. */
const MANIFEST_FILE = {
  type: 'record',
  name: 'manifest_file',
  fields: [
    field(500, 'manifest_path', 'string'),
    field(501, 'manifest_length', 'long'),
    field(502, 'partition_spec_id', 'int'),
    field(517, 'content', 'int'),
    field(515, 'sequence_number', 'long'),
    field(516, 'min_sequence_number', 'long'),
    field(503, 'added_snapshot_id', 'long'),
    field(504, 'added_files_count', 'int'),
    field(505, 'existing_files_count', 'int'),
    field(506, 'deleted_files_count', 'int'),
    field(512, 'added_rows_count', 'long'),
    field(513, 'existing_rows_count', 'long'),
    field(514, 'deleted_rows_count', 'long'),
  ],
};

/** A snapshot's files in one manifest: those that it added, and those that were there. */
export interface SnapshotFiles {
  readonly sequence: number;
  readonly files: readonly TableFile[];
  readonly fields: readonly Field[];
  /** Where a data file lies. */
  readonly location: (file: TableFile) => string;
}

/** Files that came before there were snapshots count as the first's. */
export function sequenceOf({ added }: TableFile): number {
  return Math.max(1, added);
}

export function manifestBytes({ sequence, files, fields, location }: SnapshotFiles): Buffer {
  const metadata = {
    schema: JSON.stringify(icebergSchema(fields)),
    'schema-id': '0',
    'partition-spec': '[]',
    'partition-spec-id': '0',
    'format-version': '2',
    content: 'data',
  };
  const entries = files.map((file) => ({
    status: sequenceOf(file) === sequence ? 1 : 0,
    snapshot_id: sequenceOf(file),
    sequence_number: sequenceOf(file),
    file_sequence_number: sequenceOf(file),
    data_file: {
      content: 0,
      file_path: location(file),
      file_format: 'PARQUET',
      partition: {},
      record_count: file.rows,
      file_size_in_bytes: file.blob.size,
      ...boundsOf(file, fields),
    },
  }));
  return avroFile(MANIFEST_ENTRY, metadata, entries);
}

/** What readers plan by: the contigs and places that a file covers, where it is known. */
function boundsOf({ ranges }: TableFile, fields: readonly Field[]) {
  const id = (name: string) => fields.find((each) => each.name === name)?.id;
  const [contig, start, end] = [id('contigname'), id('start'), id('end')];
  const contigs = Object.keys(ranges).sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  if (contigs.length === 0 || contig === undefined || start === undefined || end === undefined) {
    return { lower_bounds: null, upper_bounds: null };
  }
  const places = Object.values(ranges);
  const [least, greatest] = [
    Math.min(...places.map(([from]) => from)),
    Math.max(...places.map(([, to]) => to)),
  ];
  const entries = (name: string, place: number) => [
    { key: contig, value: Buffer.from(name) },
    { key: start, value: long(place) },
    { key: end, value: long(place) },
  ];
  return { lower_bounds: entries(contigs[0]!, least), upper_bounds: entries(contigs.at(-1)!, greatest) };
}

function long(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64LE(BigInt(value));
  return bytes;
}

export function manifestListBytes(
  { sequence, files }: SnapshotFiles,
  manifest: { readonly location: string; readonly size: number },
): Buffer {
  const added = files.filter((file) => sequenceOf(file) === sequence);
  const existing = files.filter((file) => sequenceOf(file) !== sequence);
  const rows = (some: readonly TableFile[]) => some.reduce((sum, file) => sum + file.rows, 0);
  const row = {
    manifest_path: manifest.location,
    manifest_length: manifest.size,
    partition_spec_id: 0,
    content: 0,
    sequence_number: sequence,
    min_sequence_number: Math.min(sequence, ...files.map(sequenceOf)),
    added_snapshot_id: sequence,
    added_files_count: added.length,
    existing_files_count: existing.length,
    deleted_files_count: 0,
    added_rows_count: rows(added),
    existing_rows_count: rows(existing),
    deleted_rows_count: 0,
  };
  const parent: Record<string, string> = sequence > 1 ? { 'parent-snapshot-id': String(sequence - 1) } : {};
  const metadata = {
    'snapshot-id': String(sequence),
    'sequence-number': String(sequence),
    'format-version': '2',
    ...parent,
  };
  return avroFile(MANIFEST_FILE, metadata, [row]);
}
