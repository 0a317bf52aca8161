import { createHash } from 'node:crypto';
import avro from 'avsc';

/** An Avro container file with one block; Iceberg's field numbers stay in the schema that its header carries. */
export function avroFile(
  schema: object,
  metadata: Readonly<Record<string, string>>,
  rows: readonly object[],
): Buffer {
  const type = avro.Type.forSchema(schema as avro.Schema, { wrapUnions: false });
  const body = Buffer.concat(rows.map((row) => type.toBuffer(row)));
  const header = { ...metadata, 'avro.schema': JSON.stringify(schema), 'avro.codec': 'null' };
  // A marker that every reader finds again; what it is does not matter.
  const marker = createHash('md5').update(body).digest();
  const block = rows.length === 0 ? [] : [long(rows.length), long(body.length), body, marker];
  return Buffer.concat([Buffer.from('Obj\x01'), mapBytes(header), marker, ...block]);
}

function mapBytes(entries: Readonly<Record<string, string>>): Buffer {
  const pairs = Object.entries(entries);
  const written = pairs.flatMap(([key, value]) => [text(key), text(value)]);
  return Buffer.concat([long(pairs.length), ...written, long(0)]);
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([long(bytes.length), bytes]);
}

function long(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value * 2;
  while (rest >= 128) {
    bytes.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  bytes.push(rest);
  return Buffer.from(bytes);
}
