import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';

/** Wall-clock time as a port, so that tests can drive it. */
export interface Clock {
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  now(): number;
  /** Resolves after `milliseconds`, rejects with the signal's reason when aborted. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
}

/** Randomness as a port. */
export interface Random {
  bytes(length: number): Buffer;
}

/** Random bytes that are asked for at once. */
const POOL = 4096;

export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (milliseconds, signal) => delay(milliseconds, undefined, signal ? { signal } : {}),
};

export const systemRandom: Random = pooledRandom();

/** Asks the system for a page at a time: for the few bytes of an id, its answer costs more than all else about it. */
function pooledRandom(): Random {
  let pool = Buffer.alloc(0);
  return {
    bytes(length) {
      if (length > POOL / 8) return randomBytes(length);
      if (pool.length < length) pool = randomBytes(POOL);
      const bytes = Buffer.from(pool.subarray(0, length));
      // What was given out is nowhere else: it may be a key.
      pool.fill(0, 0, length);
      pool = pool.subarray(length);
      return bytes;
    },
  };
}

/** Where a room writes what happened inside it. Structured; one JSON object a line in production. */
export interface Log {
  debug(facts: object, message: string): void;
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
  error(facts: object, message: string): void;
}

export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {} };
