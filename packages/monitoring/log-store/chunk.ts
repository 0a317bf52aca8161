import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { KeyRing } from '@helicase/blobs';
import type { Scope } from '@helicase/kernel';
import type { LogEvent, StoredLogEvent } from './log-event.ts';
import type { LogChunkRow } from './tables.ts';

/** How the bytes inside the seal are written; the first of them says it. */
const DEFLATED_JSON = 1;

/** A chunk of log lines inflates to at most this; a larger one was not written by us. */
const CHUNK_LIMIT = 64 * 1024 * 1024;

/** Compresses events and seals them under the scope's `logs` key: tasks' output may name patients. */
export async function sealChunk(
  keyring: KeyRing,
  scope: Scope,
  events: readonly LogEvent[],
): Promise<{ readonly keyId: string; readonly sealed: Uint8Array }> {
  const keyId = await keyring.keyFor(scope, 'logs');
  const flat = events.flatMap(({ timestamp, message }) => [timestamp, message]);
  const plain = Buffer.concat([Buffer.of(DEFLATED_JSON), deflateRawSync(JSON.stringify(flat), { level: 1 })]);
  return { keyId, sealed: await keyring.wrap(keyId, plain) };
}

/** The events of a row, in the order in which they arrived. */
export async function openChunk(keyring: KeyRing, row: LogChunkRow): Promise<readonly StoredLogEvent[]> {
  const plain = await keyring.unwrap(row.key_id, row.sealed);
  if (plain[0] !== DEFLATED_JSON) throw new Error(`log chunk ${row.id} is of unknown form ${plain[0]}`);
  const text = inflateRawSync(plain.subarray(1), { maxOutputLength: CHUNK_LIMIT }).toString('utf8');
  const flat = JSON.parse(text) as (number | string)[];
  return Array.from({ length: flat.length / 2 }, (_, index) => ({
    timestamp: flat[index * 2] as number,
    message: flat[index * 2 + 1] as string,
    stream: row.stream_name,
    chunk: row.id,
    index,
    ingestionTime: row.ingested_at,
  }));
}
