/** One line as it was written. */
export interface LogEvent {
  /** Milliseconds since 1970. */
  readonly timestamp: number;
  readonly message: string;
}

/** A line as it is read: with the place where it lies and when it arrived. */
export interface StoredLogEvent extends LogEvent {
  readonly stream: string;
  /** The chunk's id: chunks of a stream are ordered by it. */
  readonly chunk: string;
  /** Its place within the chunk. */
  readonly index: number;
  readonly ingestionTime: number;
}

/** What AWS counts for one event: its UTF-8 bytes and 26 more. */
export function eventBytes(event: LogEvent): number {
  return Buffer.byteLength(event.message) + 26;
}
