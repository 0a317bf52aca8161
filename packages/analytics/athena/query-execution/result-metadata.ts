import type { ResultColumn } from '../../sql/protocol.ts';

/**
 * The `.metadata` object beside a result: the columns as GetQueryResults describes them. Athena's own is a protocol
 * buffer whose fields are not published ("metadata files are saved in binary format and are not human readable"); this
 * one numbers them in the order of ColumnInfo.
 */
export function resultMetadata(columns: readonly ResultColumn[]): Buffer {
  return Buffer.concat(columns.map((column) => delimited(4, columnBytes(column))));
}

function columnBytes({ name, type, precision, scale }: ResultColumn): Buffer {
  const texts = ['hive', '', '', name, name, type].map((text, index) =>
    delimited(index + 1, Buffer.from(text)),
  );
  return Buffer.concat([
    ...texts,
    number(7, precision),
    number(8, scale),
    number(9, 3),
    number(10, type === 'varchar' ? 1 : 0),
  ]);
}

function delimited(field: number, bytes: Buffer): Buffer {
  return Buffer.concat([varint((field << 3) | 2), varint(bytes.length), bytes]);
}

function number(field: number, value: number): Buffer {
  return Buffer.concat([varint(field << 3), varint(value)]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 128) {
    bytes.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  bytes.push(rest);
  return Buffer.from(bytes);
}
