import { promisify } from 'node:util';
import { deflateRawSync, inflateRaw } from 'node:zlib';
import type { KeyRing } from '@helicase/blobs';
import type { Scope } from '@helicase/kernel';
import type { LogEvent, StoredLogEvent } from './log-event.ts';
import type { LogChunkRow } from './tables.ts';

/** How the bytes inside the seal are written; the first of them says it. */
const DEFLATED_JSON = 1;

/** On a thread of its own: those that search open several chunks at a time. */
const inflate = promisify(inflateRaw);

/** A chunk of log lines inflates to at most this; a larger one was not written by us. */
const CHUNK_LIMIT = 64 * 1024 * 1024;

/** How many times longer than its compressed bytes a log's text usually is, and the most memory that is set aside on that ground. */
const INFLATION = 8;
const LARGEST_PIECE = 256 * 1024;

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

/** A chunk without its seal, not yet read line by line. */
export interface OpenedChunk {
  readonly id: string;
  /** Bytes of its text. */
  readonly size: number;
  /** False where no line can hold one text of each list: most chunks are passed over by this alone. */
  mayHold(needles: readonly (readonly string[])[]): boolean;
  /** In the order in which they arrived. */
  events(): readonly StoredLogEvent[];
}

export async function openChunk(keyring: KeyRing, row: LogChunkRow): Promise<OpenedChunk> {
  const plain = await keyring.unwrap(row.key_id, row.sealed);
  if (plain[0] !== DEFLATED_JSON) throw new Error(`log chunk ${row.id} is of unknown form ${plain[0]}`);
  const text = await inflate(plain.subarray(1), {
    maxOutputLength: CHUNK_LIMIT,
    // Inflated in one piece where it can be: several times faster than piece by piece.
    chunkSize: Math.min(Math.max(plain.length * INFLATION, 1024), LARGEST_PIECE),
  });
  return {
    id: row.id,
    size: text.length,
    mayHold: (needles) => needles.every((anyOf) => anyOf.some((needle) => text.includes(withinJson(needle)))),
    events: () => readEvents(row, text),
  };
}

/** As a text stands within JSON; half a character could stand there otherwise, and is not looked for. */
function withinJson(text: string): string {
  return text.isWellFormed() ? JSON.stringify(text).slice(1, -1) : '';
}

function readEvents(row: LogChunkRow, text: Buffer): readonly StoredLogEvent[] {
  const flat = JSON.parse(text.toString('utf8')) as (number | string)[];
  return Array.from({ length: flat.length / 2 }, (_, index) => ({
    timestamp: flat[index * 2] as number,
    message: flat[index * 2 + 1] as string,
    stream: row.stream_name,
    chunk: row.id,
    index,
    ingestionTime: row.ingested_at,
  }));
}
