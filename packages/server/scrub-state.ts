import { readFileSync } from 'node:fs';
import { writePrivately } from './data-directory.ts';

/** Damage that the scrubber found and that no later reading found mended. */
export interface ScrubFault {
  readonly blob: string;
  readonly owner: string;
  /** One sentence. */
  readonly fault: string;
  /** Milliseconds since 1970, as every time here. */
  readonly firstSeen: number;
  readonly lastSeen: number;
}

/** One reading of all stored bytes, over or under way. */
export interface ScrubPass {
  readonly startedAt: number;
  readonly blobs: number;
  /** Plain bytes. */
  readonly bytes: number;
  /** Blobs of customers whose key is disabled: nobody can read them, so nobody can check them. */
  readonly withoutKey: number;
}

/** What the scrubber remembers across restarts. */
export interface ScrubState {
  readonly current?: ScrubPass & {
    /** The id of the last blob that was read; the empty string before the first. */
    readonly after: string;
    /** The blob that is being read. */
    readonly next?: string;
    /** Its plain bytes that were read. */
    readonly offset: number;
  };
  readonly last?: ScrubPass & { readonly endedAt: number };
  readonly faults: readonly ScrubFault[];
}

/** Undefined where no scrubber has written there yet. */
export function readScrubState(file: string): ScrubState | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as ScrubState;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new Error(
      `${file} cannot be read: ${(error as Error).message}. Remove it: the scrubber begins anew.`,
      {
        cause: error,
      },
    );
  }
}

export function writeScrubState(file: string, state: ScrubState): void {
  writePrivately(file, JSON.stringify(state));
}
